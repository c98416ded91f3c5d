"""Figures of results: trends, event studies, coefficients."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.outcomes import find_outcome
from pilot_analysis.catalogue.words import Words
from pilot_analysis.estimates import PERCENTAGE_POINTS
from pilot_analysis.figures import marks
from pilot_analysis.figures.marks import MarkedTerm
from pilot_analysis.figures.style import (
    ARMS,
    COMPARISON,
    NEUTRAL,
    PILOT,
    PRINT_WIDTH,
    SMALL,
    EndLabel,
    axis_label,
    better_side,
    bounds,
    coarse_steps,
    end_labels,
    estimate_and_bounds,
    finish,
    groups,
    legend,
    new,
    term_axis,
)
from pilot_analysis.forms import in_order
from pilot_analysis.panel import Outcome
from pilot_analysis.words import Language, capital, decimal, words_in

# Of a line of coefficients.
_INCHES_A_LINE = 0.25


def trends(
    trend: pd.DataFrame,
    outcome: Outcome,
    *,
    starts: dict[str, list[float]],
    synthetic: bool,
    marked: Sequence[MarkedTerm] = (),
    language: Language = ENGLISH,
) -> Figure:
    """Draw term means of pilot and comparison schools, one panel a school form.

    `trend` as from `panel.group_trends` or `questionnaires.group_means`; `starts` the first
    treated terms by school form; `marked` the terms that are shaded. Where means are told in coarse
    steps (`rounded_to`) the caption says so, and bands and the numbers in the title are left out.
    """
    trend = trend[trend["mean"].notna()]
    forms = in_order(trend["school_form"])
    if not forms:
        raise ValueError(f"there is nothing to draw of {outcome.name}")
    figure, axes = new(3.5 * len(forms) + 0.4, 3.7, len(forms), sharey=True)
    # Means of few answers are published as whole numbers, and told as such.
    digits = 0 if (trend["mean"] % 1 == 0).all() else 1
    words = words_in(language)
    unit = "%" if outcome.unit == PERCENTAGE_POINTS else words.unit(outcome.unit)
    rounded = coarse_steps(trend, outcome.unit, words)
    moved: dict[str, dict[str, str]] = {}
    parts: list[str] = []
    labels: list[tuple[Axes, list[EndLabel]]] = []
    for axis, form in zip(axes, forms, strict=True):
        rows = trend[trend["school_form"] == form]
        ends = []
        for group in groups(language):
            line = rows[rows["ever_treated"] == group.ever].sort_values(
                "term_number", kind="stable"
            )
            if line.empty:
                continue
            if not rounded:
                axis.fill_between(
                    line["term_number"],
                    line["low"],
                    line["high"],
                    color=group.colour,
                    alpha=0.15,
                    lw=0,
                )
            axis.plot(
                line["term_number"],
                line["mean"],
                group.style,
                color=group.colour,
                marker=group.marker,
                ms=5,
            )
            schools = words("figure_trends_schools", n=f"{line['n_schools'].max():.0f}")
            first, last = line.iloc[0], line.iloc[-1]
            arm = "pilot" if group.ever else "comparison"
            ends_of = {
                name: words.number(row["mean"], digits)
                for name, row in (("first", first), ("last", last))
            }
            moved.setdefault(form, {})[arm] = words("figure_trends_moved", **ends_of)
            label = f"{group.name}\n{schools}"
            ends.append(EndLabel(last["term_number"], last["mean"], label, group.colour))
            parts.append(
                words(
                    "figure_trends_part",
                    form=capital(words.form(form)),
                    schools=group.schools,
                    first=words.number(first["mean"], digits),
                    first_term=first["term"],
                    last=words.number(last["mean"], digits),
                    last_term=last["term"],
                )
            )
        for first_term in starts.get(form, []):
            marks.start(axis, first_term - 0.5, words)
        marks.shade(axis, *marks.of_form(marked, form, rows["term_number"], words), words)
        axis.set_title(capital(words.form(form)), fontsize=10.5)
        axis.set_xlim(right=rows["term_number"].max() + 2.2)
        term_axis(axis, rows["term_number"])
        labels.append((axis, ends))
    if marked:
        marks.make_room(axes[0])
    for axis, ends in labels:  # the axes share their limits, known only now
        end_labels(axis, ends, lines=2)
    axes[0].set_ylabel(textwrap.fill(axis_label(outcome, language), 28))
    caption = words("figure_trends_caption", band="no" if rounded else "yes")
    alt = words("figure_line_chart", parts=". ".join(parts))
    return finish(
        figure,
        title=_moved(outcome, forms[0], {} if rounded else moved[forms[0]], unit, words),
        caption=" ".join(filter(None, (caption, rounded, marks.told(marked, words)))),
        synthetic=synthetic,
        language=language,
        alt=f"{alt} {rounded}".strip(),
    )


def _moved(outcome: Outcome, form: str, moved: Mapping[str, str], unit: str, words: Words) -> str:
    """Return the title of a trend: how far each arm moved in a school form."""
    named = {"outcome": words.outcome(outcome.name, form), "form": words.form(form)}
    if len(moved) < len(ARMS):  # one arm alone may be shown
        return words("figure_trends_title", **named)
    # A unit that is in the outcome's name already is not said again.
    told = "" if unit in named["outcome"].lower() else f"\u00a0{unit}"
    return words("figure_trends_finding", unit=told, **named, **moved)


def event_study(
    rows: pd.DataFrame,
    outcome: Outcome,
    *,
    school_form: str,
    synthetic: bool,
    marked: Sequence[MarkedTerm] = (),
    starts: Sequence[float] = (),
    language: Language = ENGLISH,
) -> Figure:
    """Draw estimates by time since the start, with pointwise intervals and the joint pre-test.

    A term since the start is shaded where any of the schools, whose first treated terms are
    `starts`, was then in a `marked` term.
    """
    words = words_in(language)
    figure, (axis,) = new(6.8, 4.4)
    events = rows[rows["estimand"] == "event_time"].copy()
    events["event"] = events["event_time"].astype(int)
    events = events.sort_values("event", kind="stable")
    axis.axhline(0, color=NEUTRAL, lw=1)
    marks.start(axis, -0.5, words)
    bounded = events[np.isfinite(events["ci_low"])]
    axis.vlines(bounded["event"], bounded["ci_low"], bounded["ci_high"], color=PILOT, lw=2)
    axis.plot(events["event"], events["estimate"], "o", color=PILOT, ms=6)
    axis.set_xticks(events["event"])
    axis.set_xlabel(words("figure_event_study_terms"))
    unit = words.unit(outcome.unit)
    axis.set_ylabel(better_side(outcome.better, unit, words))
    own = [mark for mark in marked if mark.school_form == school_form]
    spans, remote = marks.of_form(own, school_form, [m.term_number for m in own], words)
    seen = set(events["event"])
    spans = {name: sorted(seen & set(marks.since_start(at, starts))) for name, at in spans.items()}
    remote = sorted(seen & set(marks.since_start(remote, starts)))
    marks.shade(axis, spans, remote, words)
    said = [words("figure_event_study_bars", level=_percent(events["ci_level"], words))]
    if any(spans.values()) or remote:
        marks.make_room(axis)
        said.append(words("figure_event_study_marked", several=str(len(set(starts)) > 1).lower()))
    if bounded.empty:
        said.append(words("figure_event_study_unbounded"))
    pre = rows[rows["estimand"] == "pre_trend"]
    if len(pre):
        p = words.number(pre["p_value"].iloc[0], 2)
        said.append(words("figure_event_study_joint", p=p))
    n = events[["n_treated_schools", "n_schools", "n_pupils"]].max()
    said.append(
        words(
            "figure_event_study_schools",
            pilot=f"{n['n_treated_schools']:.0f}",
            schools=f"{n['n_schools']:.0f}",
            pupils=words.count(n["n_pupils"]),
        )
    )
    points = ", ".join(
        f"{e.event:+d}: {words.number(e.estimate, 2)}" for e in events.itertuples() if e.event != -1
    )
    name, place = words.outcome(outcome.name), words.form(school_form)
    return finish(
        figure,
        title=words(
            "figure_event_study_title", outcome=name, form=place, **_after(events, unit, words)
        ),
        caption=" ".join(said),
        synthetic=synthetic,
        language=language,
        alt=words("figure_event_study_alt", unit=unit, points=points),
    )


def _after(events: pd.DataFrame, unit: str, words: Words) -> dict[str, str]:
    """Return what an event study's title says: estimates after the start, intervals without zero."""
    after = events[events["event"] >= 0]
    bounded = after[np.isfinite(after["ci_low"]) & np.isfinite(after["ci_high"])]
    clear = (bounded["ci_low"] > 0) | (bounded["ci_high"] < 0)
    first, second = (words.number(v) for v in (after["estimate"].min(), after["estimate"].max()))
    return {
        "span": first if first == second else words("span", first=first, second=second),
        "unit": unit,
        "n": f"{clear.sum():.0f}",
        "all": f"{len(bounded)}",
    }


def _percent(levels: pd.Series, words: Words) -> str:
    """Return the level of intervals in per cent."""
    return words.decimal(100 * levels.max())


def coefficients(
    rows: pd.DataFrame,
    labels: Sequence[str],
    *,
    title: str,
    truth: Sequence[float] | None,
    unit: str,
    synthetic: bool,
    language: Language = ENGLISH,
    group_by: Sequence[str] = (),
) -> Figure:
    """Draw estimates with their intervals, one a line; the known truth as a diamond when given.

    Which way is better stands on the axis where it is the same for all, else on each line.
    `group_by` has each line's group: its name stands once, above the group's first line.
    """
    words = words_in(language)
    shown = [textwrap.fill(label, 42) for label in labels]
    y, heads = _lines(shown, group_by)
    names, heights = [name for name, _ in heads], [at for _, at in heads]
    figure, (axis,) = new(PRINT_WIDTH, 1.6 + _INCHES_A_LINE * -(min(y) - 1))
    axis.axvline(0, color=NEUTRAL, lw=1)
    low, high = rows["ci_low"].to_numpy(), rows["ci_high"].to_numpy()
    bounded = np.isfinite(low) & np.isfinite(high)
    axis.hlines(y[bounded], low[bounded], high[bounded], color=PILOT, lw=2.2)
    axis.plot(rows["estimate"], y, "o", color=PILOT, ms=6)
    rightmost = np.fmax(rows["estimate"].to_numpy(), np.asarray(truth if truth else np.nan, float))
    for position, right in zip(y[~bounded], rightmost[~bounded], strict=True):
        axis.annotate(
            bounds(np.inf, np.inf, language),
            (right, position),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=NEUTRAL,
        )
    if truth is not None:
        axis.plot(truth, y, "D", color=COMPARISON, ms=6, mfc="none", mew=1.6)
    axis.set_yticks([*heights, *y], [*names, *shown], fontsize=SMALL)
    for head in axis.get_yticklabels()[: len(heads)]:
        head.set_fontweight("bold")
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel(words.unit(unit))
    axis.set_ylim(min(y) - 0.7, max([*heights, *y]) + 0.7)
    axis.grid(axis="y", visible=False)
    _say_what_is_better(axis, rows, y, words.unit(unit), words)
    full = [f"{a}, {b}" for a, b in zip(labels, group_by, strict=True)] if group_by else labels
    parts = [
        f"{label}: {estimate_and_bounds(r.estimate, r.ci_low, r.ci_high, language)}"
        for label, r in zip(full, rows.itertuples(), strict=True)
    ]
    schools = [
        words(
            "figure_coefficients_schools",
            form=words.form(str(code)),
            pilot=_span(own["n_treated_schools"], words),
            schools=_span(own["n_schools"], words),
        )
        for code, own in rows.groupby("school_form", sort=False)
    ]
    intervals = words("figure_coefficients_intervals", level=_percent(rows["ci_level"], words))
    if truth is not None:
        intervals = f"{words('figure_coefficients_truth')} {intervals}"
    return finish(
        figure,
        title=title,
        caption=f"{intervals} {capital('; '.join(schools))}.",
        synthetic=synthetic,
        language=language,
        alt=words("figure_coefficients_alt", parts="; ".join(parts)),
    )


def _lines(
    labels: Sequence[str], group_by: Sequence[str]
) -> tuple[np.ndarray, list[tuple[str, float]]]:
    """Return each row's height from the top down, and that of each group's name above its rows."""
    heights: list[float] = []
    heads: list[tuple[str, float]] = []
    at = 0.0
    for i, label in enumerate(labels):
        if group_by and (i == 0 or group_by[i] != group_by[i - 1]):
            at -= 0.3 if i else 0.0
            heads.append((group_by[i], at))
            at -= 1
        room = 0.6 * label.count("\n")
        heights.append(at - room / 2)
        at -= 1 + room
    return np.array(heights), heads


def _say_what_is_better(
    axis: Axes, rows: pd.DataFrame, y: np.ndarray, unit: str, words: Words
) -> None:
    """Mark the better side of zero: an absence that falls and a share that rises are both good."""
    better = words("figure_coefficients_better")
    known = [find_outcome(name) for name in rows.get("outcome", pd.Series(dtype=str))]
    ways = [outcome.better if outcome else 0 for outcome in known]
    if not ways or 0 in ways:
        return
    if len(set(ways)) == 1:
        axis.set_xlabel(better_side(ways[0], unit, words))
        return
    for way, height in zip(ways, y, strict=True):
        text = f"{better} →" if way > 0 else f"← {better}"
        axis.annotate(
            text,
            (1.0, height),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=NEUTRAL,
        )


def _span(counts: pd.Series, words: Words) -> str:
    """Return a count, or its range where rows differ."""
    low, high = f"{counts.min():.0f}", f"{counts.max():.0f}"
    return low if low == high else words("span", first=low, second=high)


def _called(row: Mapping[str, Any], words: Words) -> str:
    """Return a row's outcome, population and school form in words."""
    form = row["school_form"]
    who = words.population(row["population"])
    return f"{words.outcome(row['outcome'], form)}, {who}, {words.form(form)}"


def compared(
    rows: pd.DataFrame, a: str, b: str, *, synthetic: bool, language: Language = ENGLISH
) -> Figure:
    """Draw the primary estimates of two runs, one line an outcome: run A hollow, run B filled.

    `rows` as the `main` of a comparison: a, low_a, high_a, b, low_b, high_b.
    """
    words = words_in(language)
    rows = rows.reset_index(drop=True)
    figure, (axis,) = new(8.4, 1.9 + 0.46 * max(len(rows), 1))
    y = np.arange(len(rows))[::-1].astype(float)
    axis.axvline(0, color=NEUTRAL, lw=1)
    handles = []
    for run, name, colour, shift, fill in (
        ("a", a, COMPARISON, 0.14, "none"),
        ("b", b, PILOT, -0.14, PILOT),
    ):
        low, high = rows[f"low_{run}"].to_numpy(float), rows[f"high_{run}"].to_numpy(float)
        bounded = np.isfinite(low) & np.isfinite(high)
        axis.hlines(y[bounded] + shift, low[bounded], high[bounded], color=colour, lw=1.8)
        axis.plot(rows[run], y + shift, "o", color=colour, mfc=fill, ms=6, mew=1.5)
        handles.append(Line2D([], [], color=colour, marker="o", mfc=fill, lw=1.8, label=name))
    labels = [_called(row, words) for row in rows.to_dict("records")]
    axis.set_yticks(y, [textwrap.fill(label, 52) for label in labels], fontsize=8)
    axis.set_xlabel(words.unit(PERCENTAGE_POINTS))
    axis.set_ylim(-0.7, len(rows) - 0.3)
    axis.grid(axis="y", visible=False)
    legend(axis, handles)
    differ = ~np.isclose(rows["a"], rows["b"], rtol=0, atol=1e-8, equal_nan=True)
    parts = [
        words(
            "figure_compared_part",
            row=label,
            a=decimal(f"{r.a:.2f}", language),
            b=decimal(f"{r.b:.2f}", language),
        )
        for label, r in zip(labels, rows.itertuples(), strict=True)
    ]
    return finish(
        figure,
        title=words("figure_compared_title", n=f"{differ.sum()}", all=f"{len(rows)}"),
        caption=words("figure_compared_caption"),
        synthetic=synthetic,
        language=language,
        alt=words("figure_compared_alt", a=a, b=b, parts="; ".join(parts)),
    )
