"""Figures of the checks: regression to the mean, drift, specifications, published effects, plans."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.words import Words
from pilot_analysis.figures import marks
from pilot_analysis.figures.marks import MarkedTerm
from pilot_analysis.figures.style import (
    COMPARISON,
    NEUTRAL,
    PILOT,
    SMALL,
    EndLabel,
    axis_label,
    better_side,
    bounds,
    end_labels,
    estimate_and_bounds,
    finish,
    groups,
    new,
    term_axis,
)
from pilot_analysis.panel import Outcome
from pilot_analysis.words import Language, decimal, small, words_in

_FIVE_PER_CENT = 0.05
# Of whom published studies of mentors are.
ELIGIBLE = "eligible_pupils"


def reversion(
    pilot: pd.DataFrame,
    placebo: pd.DataFrame,
    outcome: Outcome,
    school_form: str,
    *,
    synthetic: bool,
    marked: Sequence[MarkedTerm] = (),
    language: Language = ENGLISH,
) -> Figure:
    """Draw eligible pupils' means by term, beside the same rule a school year earlier.

    Both tables as from `panel.eligibility.paths`; the selection term is the hollow marker; `marked`
    the terms that are shaded.
    """
    words = words_in(language)
    shown = [(words("figure_reversion_pilot"), pilot)]
    if len(placebo):
        shown.append((words("figure_reversion_placebo"), placebo))
    own_marks = [mark for mark in marked if mark.school_form == school_form]
    fell: tuple[str, str] | None = None  # what comparison schools' pupils did by themselves
    figure, axes = new(3.5 * len(shown) + 0.4, 3.8, len(shown), sharey=True)
    parts: list[str] = []
    labels: list[tuple[Axes, list[EndLabel]]] = []
    for axis, (name, table) in zip(axes, shown, strict=True):
        rows = table[table["school_form"] == school_form]
        ends: list[EndLabel] = []
        for group in groups(language):
            colour, marker = group.colour, group.marker
            line = rows[rows["ever_treated"] == group.ever].sort_values(
                "term_number", kind="stable"
            )
            if line.empty:
                continue
            axis.plot(line["term_number"], line["mean"], group.style, color=colour)
            for chosen in (False, True):
                own = line[line["selection"] == chosen]
                axis.plot(
                    own["term_number"],
                    own["mean"],
                    marker,
                    color=colour,
                    ms=7 if chosen else 5,
                    mfc="white" if chosen else colour,
                    mew=1.6,
                )
            last = line.iloc[-1]
            ends.append(EndLabel(last["term_number"], last["mean"], group.name, colour))
            then = line.loc[line["selection"], "mean"]
            after = line.loc[line["selection"].shift(fill_value=False), "mean"]
            if table is pilot and not group.ever and len(then) and len(after):
                fell = words.number(then.iloc[0]), words.number(after.iloc[0])
            if len(then):
                parts.append(
                    words(
                        "figure_reversion_part",
                        panel=name,
                        schools=group.schools,
                        selected=words.number(then.iloc[0]),
                        last=words.number(last["mean"]),
                        last_term=last["term"],
                    )
                )
        marks.start(axis, rows["start"].iloc[0] - 0.5, words, named=table is pilot)
        marks.shade(axis, *marks.of_form(own_marks, school_form, rows["term_number"], words), words)
        axis.set_title(name, fontsize=10.5)
        axis.set_xlim(right=rows["term_number"].max() + 1.6)
        term_axis(axis, rows["term_number"])
        labels.append((axis, ends))
    if own_marks:
        marks.make_room(axes[0])
    for axis, ends in labels:  # the axes share their limits, known only now
        end_labels(axis, ends)
    axes[0].set_ylabel(axis_label(outcome, language))
    name, place = words.outcome(outcome.name), words.form(school_form)
    return finish(
        figure,
        title=words(
            "figure_reversion_finding" if fell else "figure_reversion_title",
            outcome=name,
            form=place,
            **(dict(zip(("first", "second"), fell, strict=True)) if fell else {}),
        ),
        caption=f"{words('figure_reversion_caption')} {marks.told(own_marks, words)}".strip(),
        synthetic=synthetic,
        language=language,
        alt=words("figure_reversion_alt", parts=". ".join(parts)),
    )


def specification_curve(
    rows: pd.DataFrame,
    joint: pd.DataFrame,
    *,
    choices_of: Sequence[str],
    population: str,
    synthetic: bool,
    language: Language = ENGLISH,
) -> Figure:
    """Draw the estimates of all specifications, sorted, with the choices behind each.

    `choices_of` names the columns of `rows` that hold the choices.
    """
    words = words_in(language)
    rows = rows.sort_values("estimate", kind="stable").reset_index(drop=True)
    choices = rows[list(choices_of)]
    figure, _ = new(9.2, 7.4)
    figure.clear()
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1.1, 1.6])
    found = rows["p_value"] <= _FIVE_PER_CENT
    for keep, colour in ((~found, NEUTRAL), (found, PILOT)):
        upper.plot(
            np.flatnonzero(keep), rows["estimate"][keep], ".", color=colour, ms=4, rasterized=True
        )
    upper.axhline(0, color=NEUTRAL, lw=1)
    unit = words.unit(rows["unit"].iloc[0])
    upper.set_ylabel(better_side(-1, unit, words))  # of absence, less is better
    below = words("figure_curve_below", limit=words.decimal(_FIVE_PER_CENT), n=f"{found.sum()}")
    above = words("figure_curve_above", n=f"{(~found).sum()}")
    for line, (said, colour) in enumerate(((below, PILOT), (above, NEUTRAL))):
        upper.annotate(
            said,
            (0.01, 1.0),
            xycoords="axes fraction",
            xytext=(0, -4 - 13 * line),
            textcoords="offset points",
            va="top",
            fontsize=SMALL,
            color=colour,
        )
    names, position = [], 0
    for column in choices.columns:
        for value in sorted(choices[column].unique(), reverse=True):
            at = np.flatnonzero(choices[column] == value)
            lower.plot(
                at,
                np.full(len(at), position),
                "|",
                color=COMPARISON,
                ms=4,
                mew=0.6,
                rasterized=True,
            )
            names.append(value)
            position += 1
        position += 1
        names.append("")
    lower.set_yticks(range(len(names)), names, fontsize=7)
    lower.grid(visible=False)
    lower.set_xlabel(words("figure_curve_axis"))
    test = joint.iloc[0]
    p = decimal(f"{test['p_value']:.2f}", language)
    return finish(
        figure,
        title=words(
            "figure_curve_title",
            population=population,
            n=f"{len(rows)}",
            median=words.number(test["estimate"]),
            unit=unit,
            p=p,
        ),
        caption=words(
            "figure_curve_caption",
            weight=f"{100 * test['weight']:.0f}",
            p=p,
            placements=words.count(test["n_placements"]),
            smallest=decimal(f"{test['p_value_min']:.2g}", language),
        ),
        synthetic=synthetic,
        language=language,
        alt=words(
            "figure_curve_alt",
            low=decimal(f"{rows['estimate'].min():.2f}", language),
            high=decimal(f"{rows['estimate'].max():.2f}", language),
            median=decimal(f"{test['estimate']:.2f}", language),
            p=p,
        ),
    )


def drift(
    rows: pd.DataFrame,
    outcome: Outcome,
    *,
    population: str,
    synthetic: bool,
    language: Language = ENGLISH,
) -> Figure:
    """Draw the robust intervals of honest DiD by how large a drift is allowed."""
    words = words_in(language)
    unit = words.unit(outcome.unit)
    shown = rows[(rows["estimand"] == "mean_effect") & np.isfinite(rows["ci_low"])]
    figure, (axis,) = new(7.4, 3.9)
    own = shown[shown["specification"] == "relative_magnitudes"].reset_index(drop=True)
    axis.axhline(0, color=NEUTRAL, lw=1)
    axis.vlines(own.index, own["ci_low"], own["ci_high"], color=PILOT, lw=2.2)
    axis.set_xticks(own.index, [decimal(f"{m:g}", language) for m in own["bound"]])
    axis.set_title(words("figure_drift_relative_magnitudes"), fontsize=10.5)
    axis.set_xlabel(words("figure_drift_relative_magnitudes.axis", unit=unit))
    axis.set_ylabel(better_side(outcome.better, unit, words, short=True))
    value = rows.loc[rows["estimand"] == "breakdown_value", "estimate"].iloc[0]
    times = decimal(f"{value:.2f}", language)
    finding = words("figure_drift_any") if value == 0 else words("figure_drift_from", times=times)
    name = words.outcome(outcome.name)
    caption = words("figure_drift_caption", level=words.decimal(100 * rows["ci_level"].max()))
    straight = _on_a_straight_trend(shown, outcome, language)
    return finish(
        figure,
        title=words(
            "figure_drift_title", outcome=name, population=population, finding=small(finding)
        ),
        caption=f"{straight} {caption}".strip(),
        synthetic=synthetic,
        language=language,
        alt=f"{words('figure_drift_alt', finding=finding)} {straight}".strip(),
    )


def _on_a_straight_trend(shown: pd.DataFrame, outcome: Outcome, language: Language) -> str:
    """Say what the interval is had schools' earlier straight trends gone on."""
    found = shown[shown["specification"] == "straight_trend"]
    if found.empty:
        return ""
    words = words_in(language)
    low, high = (float(found[end].iloc[0]) for end in ("ci_low", "ci_high"))
    better = outcome.better * (1 if low > 0 else -1 if high < 0 else 0)
    return words(
        "figure_drift_straight",
        span=bounds(low, high, language),
        unit=words.unit(outcome.unit),
        way="better" if better > 0 else "worse" if better < 0 else "open",
    )


def published(table: pd.DataFrame, *, synthetic: bool, language: Language = ENGLISH) -> Figure:
    """Draw this pilot's effect on absence beside published ones, in percentage points."""
    words = words_in(language)
    rows = table[table["points"].notna()].reset_index(drop=True)
    figure, (axis,) = new(8.8, 1.9 + 0.42 * len(rows))
    y = np.arange(len(rows))[::-1]
    axis.axvline(0, color=NEUTRAL, lw=1)
    own = (rows["program"] == "this pilot").to_numpy()
    bounded = np.isfinite(rows["low"]) & np.isfinite(rows["high"])
    for keep, colour in ((own, PILOT), (~own, COMPARISON)):
        some = keep & bounded
        axis.hlines(y[some], rows["low"][some], rows["high"][some], color=colour, lw=2.2)
        axis.plot(rows["points"][keep], y[keep], "o" if colour == PILOT else "s", color=colour)
    for at, row in zip(y[~bounded], rows[~bounded].itertuples(), strict=True):
        own_row = row.program == "this pilot"
        why = "figure_interval_none" if own_row else "figure_published_no_error"
        axis.annotate(
            words(why),
            (row.points, at),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=NEUTRAL,
            bbox={"fc": "white", "ec": "none", "pad": 1},
        )
    labels = [_program(row, words) for row in rows.to_dict("records")]
    axis.set_yticks(y, [textwrap.fill(label, 46) for label in labels], fontsize=SMALL)
    axis.set_xlabel(better_side(-1, words("figure_published_axis"), words))
    axis.margins(x=0.16)
    axis.set_ylim(-0.7, len(rows) - 0.3)
    axis.grid(axis="y", visible=False)
    parts = [
        words(
            "figure_published_part",
            row=label,
            points=decimal(f"{r.points:.1f}", language),
            interval=bounds(r.low, r.high, language),
        )
        for label, r in zip(labels, rows.itertuples(), strict=True)
    ]
    return finish(
        figure,
        title=words(
            "figure_published_title",
            **_own_effect(rows[own], words),
            theirs=_first(rows, ~own, words),
        ),
        caption=words("figure_published_caption"),
        synthetic=synthetic,
        language=language,
        alt=words("figure_coefficients_alt", parts="; ".join(parts)),
    )


def _program(row: Mapping[str, Any], words: Words) -> str:
    """Return a row's label: this pilot's population and school form in words, or the study's own."""
    if row["program"] != "this pilot":
        return f"{row['program']}: {row['population']}"
    return words("figure_published_own", who=_among(row, words))


def _among(row: Mapping[str, Any], words: Words) -> str:
    who, form = words(f"among_{row['population']}"), row.get("school_form")
    return f"{who}, {words.form(form)}" if isinstance(form, str) and form else who


def _own_effect(rows: pd.DataFrame, words: Words) -> dict[str, str]:
    """Return the own effect that published ones are nearest to: on pupils with earlier absence."""
    if rows.empty:
        return {"who": "none", "ours": "–"}
    nearest = rows[rows["population"] == ELIGIBLE]
    row = (nearest if len(nearest) else rows).iloc[0]
    told = estimate_and_bounds(row["points"], row["low"], row["high"], words.language)
    return {"who": _among(row, words), "ours": told}


def _first(rows: pd.DataFrame, keep: np.ndarray, words: Words) -> str:
    found = rows.loc[keep, "points"]
    return words.number(found.iloc[0]) if len(found) else "–"


def planned_power(
    table: pd.DataFrame, *, unit: str, outcome: str, language: Language = ENGLISH
) -> Figure:
    """Draw the smallest effect that planned designs would find, by treated schools.

    `table` has one row a design as from `models.power.plan`; designs that cannot find anything are
    listed in the caption.
    """
    words = words_in(language)
    figure, (axis,) = new(7.4, 4.4)
    keys = ["schools", "pupils", "terms_before", "terms_after"]
    styles: Sequence[tuple[str, str]] = (("-", "o"), ("--", "s"), (":", "^"), ("-.", "D"))
    handles, parts = [], []
    for i, (key, rows) in enumerate(table.groupby(keys, sort=False)):
        found = rows[np.isfinite(rows["detectable"])].sort_values("treated", kind="stable")
        style, marker = styles[i % len(styles)]
        colour = (PILOT, COMPARISON, NEUTRAL)[i % 3]
        label = words(
            "figure_power_design",
            **dict(zip(("schools", "pupils", "before", "after"), map(str, key), strict=True)),
        )
        axis.plot(found["treated"], found["detectable"], style, marker=marker, color=colour)
        handles.append(Line2D([], [], color=colour, ls=style, marker=marker, label=label))
        parts += [
            words(
                "figure_power_part",
                design=label,
                treated=f"{int(r.treated)}",
                effect=decimal(f"{r.detectable:.2f}", language),
            )
            for r in found.itertuples()
        ]
    axis.set_xlabel(words("figure_power_schools"))
    axis.set_ylabel(words("figure_power_effect", unit=words.unit(unit)))
    axis.set_ylim(bottom=0)
    axis.set_xticks(sorted(table["treated"].unique()))
    axis.legend(handles=handles, fontsize=8, frameon=False)
    blind = table[~np.isfinite(table["detectable"])]
    said = [words("figure_power_caption")]
    if len(blind):
        designs = "; ".join(
            words("figure_power_blind_design", treated=f"{r.treated}", schools=f"{r.schools}")
            for r in blind.itertuples()
        )
        said.append(words("figure_power_blind", designs=designs))
    return finish(
        figure,
        title=words("figure_power_title", outcome=outcome),
        caption=" ".join(said),
        synthetic=False,
        language=language,
        alt=words("figure_line_chart", parts="; ".join(parts)),
    )
