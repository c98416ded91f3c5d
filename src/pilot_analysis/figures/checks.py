"""Figures of the checks: regression to the mean, drift, specifications, published effects, plans."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pilot_analysis.figures.style import (
    COMPARISON,
    NEUTRAL,
    PILOT,
    EndLabel,
    axis_label,
    bounds,
    end_labels,
    finish,
    groups,
    legend,
    new,
    term_axis,
)
from pilot_analysis.panel import Outcome
from pilot_analysis.words import Language, form_name, number, outcome_title, pick


def reversion(
    pilot: pd.DataFrame,
    placebo: pd.DataFrame,
    outcome: Outcome,
    school_form: str,
    *,
    synthetic: bool,
    language: Language = "en",
) -> Figure:
    """Draw eligible pupils' means by term, beside the same rule a school year earlier.

    Both tables as from `panel.eligibility.paths`; the selection term is the hollow marker.
    """
    shown = [(pick(("The pilot", "Pilotprojektet"), language), pilot)]
    if len(placebo):
        earlier = ("The same rule a year earlier", "Samma regel ett år tidigare")
        shown.append((pick(earlier, language), placebo))
    figure, axes = new(3.5 * len(shown) + 0.4, 3.7, len(shown), sharey=True)
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
            if len(then):
                selected = pick(("when selected", "vid urvalet"), language)
                parts.append(
                    f"{name}, {group.schools}: {number(then.iloc[0], language)} {selected}, "
                    f"{number(last['mean'], language)} {last['term']}"
                )
        axis.axvline(rows["start"].iloc[0] - 0.5, color=NEUTRAL, lw=1, ls=":")
        axis.set_title(name, fontsize=10.5)
        axis.set_xlim(right=rows["term_number"].max() + 1.6)
        term_axis(axis, rows["term_number"])
        labels.append((axis, ends))
    for axis, ends in labels:  # the axes share their limits, known only now
        end_labels(axis, ends)
    axes[0].set_ylabel(axis_label(outcome, language))
    name, place = outcome_title(outcome.name, language), form_name(school_form, language)
    return finish(
        figure,
        title=pick((f"{name} of pupils picked on high absence, {place}",
                    f"{name} bland elever utvalda på hög frånvaro, {place}"), language),
        caption=pick(
            ("Pupils over the limit in the selection term (hollow markers), by the school they "
             "attended then. They fall back by themselves: compare pilot with comparison schools, "
             "never with the selection term. Dotted line: the start (in the right panel nothing "
             "started).",
             "Elever över gränsen i urvalsterminen (ofyllda markörer), efter skolan de gick i då. "
             "De faller tillbaka av sig själva: jämför pilotskolor med jämförelseskolor, aldrig med "
             "urvalsterminen. Prickad linje: starten (i den högra rutan startade inget)."),
            language),
        synthetic=synthetic, language=language,
        alt=pick(("Line charts. ", "Linjediagram. "), language) + ". ".join(parts) + ".",
    )  # fmt: skip


def specification_curve(
    rows: pd.DataFrame,
    joint: pd.DataFrame,
    *,
    choices_of: Sequence[str],
    population: str,
    synthetic: bool,
) -> Figure:
    """Draw the estimates of all specifications, sorted, with the choices behind each.

    `choices_of` names the columns of `rows` that hold the choices.
    """
    rows = rows.sort_values("estimate", kind="stable").reset_index(drop=True)
    choices = rows[list(choices_of)]
    figure, _ = new(9.2, 7.4)
    figure.clear()
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1.1, 1.6])
    found = rows["p_value"] <= 0.05
    for keep, colour in ((~found, NEUTRAL), (found, PILOT)):
        upper.plot(
            np.flatnonzero(keep), rows["estimate"][keep], ".", color=colour, ms=4, rasterized=True
        )
    upper.axhline(0, color=NEUTRAL, lw=1)
    upper.set_ylabel(f"Effect ({rows['unit'].iloc[0]})")
    legend(
        upper,
        [
            Line2D([], [], color=PILOT, marker=".", ls="", label="randomization p at most 0.05"),
            Line2D([], [], color=NEUTRAL, marker=".", ls="", label="above"),
        ],
    )
    names, position = [], 0
    for column in choices.columns:
        for value in sorted(choices[column].unique(), reverse=True):
            at = np.flatnonzero(choices[column] == value)
            lower.plot(at, np.full(len(at), position), "|", color=COMPARISON, ms=4, mew=0.6,
                       rasterized=True)  # fmt: skip
            names.append(value)
            position += 1
        position += 1
        names.append("")
    lower.set_yticks(range(len(names)), names, fontsize=7)
    lower.grid(visible=False)
    lower.set_xlabel("Specifications, sorted by estimate")
    test = joint.iloc[0]
    return finish(
        figure,
        title=f"Absence, {population}: {len(rows)} defensible specifications",
        caption=f"{100 * test['weight']:.0f} % have the median's sign. Joint test of no effect under any of them: p = "
        f"{test['p_value']:.2f} ({test['n_placements']:,.0f} placements; smallest possible {test['p_value_min']:.2g}).",
        synthetic=synthetic,
        alt=f"Specification curve. Estimates from {rows['estimate'].min():.2f} to "
        f"{rows['estimate'].max():.2f}, median {test['estimate']:.2f}; joint p "
        f"{test['p_value']:.2f}.",
    )


def drift(rows: pd.DataFrame, outcome: Outcome, *, population: str, synthetic: bool) -> Figure:
    """Draw the robust intervals of honest DiD by how large a drift is allowed."""
    kinds = [k for k in ("relative_magnitudes", "smoothness") if k in set(rows["specification"])]
    shown = rows[(rows["estimand"] == "mean_effect") & np.isfinite(rows["ci_low"])]
    figure, axes = new(8.4, 3.9, len(kinds), sharey=True)
    for axis, kind in zip(axes, kinds, strict=True):
        own = shown[shown["specification"] == kind].reset_index(drop=True)
        axis.axhline(0, color=NEUTRAL, lw=1)
        axis.vlines(own.index, own["ci_low"], own["ci_high"], color=PILOT, lw=2.2)
        axis.set_xticks(own.index, [f"{m:g}" for m in own["bound"]])
        axis.set_title(kind.replace("_", " ").capitalize(), fontsize=10.5)
        axis.set_xlabel(
            "Times the largest earlier change"
            if kind.startswith("rel")
            else f"Change of slope a term ({outcome.unit})"
        )
    axes[0].set_ylabel(f"Mean effect ({outcome.unit})")
    value = rows.loc[rows["estimand"] == "breakdown_value", "estimate"].iloc[0]
    words = (
        "The interval includes zero even without any drift."
        if value == 0
        else f"The interval excludes zero until the drift after the start is {value:.2f} times the "
        "largest change before it (breakdown value)."
    )
    return finish(
        figure,
        title=f"{outcome_title(outcome.name, 'en')}, {population}: how large a drift would overturn the answer",
        caption=f"Rambachan and Roth (2023), CR2 covariance, t with few-school degrees of freedom. "
        f"{words}",
        synthetic=synthetic,
        alt=f"Intervals by the drift allowed. {words}",
    )


def published(table: pd.DataFrame, *, synthetic: bool) -> Figure:
    """Draw this pilot's effect on absence beside published ones, in percentage points."""
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
        why = "no bounded interval" if row.program == "this pilot" else "no standard error found"
        axis.annotate(why, (row.points, at), xytext=(9, 0), textcoords="offset points",
                      va="center", fontsize=8, color=NEUTRAL)  # fmt: skip
    labels = [f"{r.program}: {r.population}"[:64] for r in rows.itertuples()]
    axis.set_yticks(y, labels, fontsize=8.5)
    axis.set_xlabel("Effect on absence (percentage points; days over 178)")
    axis.margins(x=0.16)
    axis.set_ylim(-0.7, len(rows) - 0.3)
    axis.grid(axis="y", visible=False)
    parts = [
        f"{label}: {r.points:.1f} ({bounds(r.low, r.high)})"
        for label, r in zip(labels, rows.itertuples(), strict=True)
    ]
    return finish(
        figure,
        title="Effects on absence, beside published ones",
        caption="Published effects in days over a school year of 178 days; sources in the table. "
        "Effects of taking part and of being offered differ; populations do too.",
        synthetic=synthetic,
        alt="Coefficient plot. " + "; ".join(parts) + ".",
    )


def planned_power(table: pd.DataFrame, *, unit: str, outcome: str) -> Figure:
    """Draw the smallest effect that planned designs would find, by treated schools.

    `table` has one row a design as from `models.power.plan`; designs that cannot find anything are
    listed in the caption.
    """
    figure, (axis,) = new(7.4, 4.4)
    keys = ["schools", "pupils", "terms_before", "terms_after"]
    styles: Sequence[tuple[str, str]] = (("-", "o"), ("--", "s"), (":", "^"), ("-.", "D"))
    handles, parts = [], []
    for i, (key, rows) in enumerate(table.groupby(keys, sort=False)):
        found = rows[np.isfinite(rows["detectable"])].sort_values("treated", kind="stable")
        style, marker = styles[i % len(styles)]
        colour = (PILOT, COMPARISON, NEUTRAL)[i % 3]
        label = f"{key[0]} schools of {key[1]} pupils, {key[2]}+{key[3]} terms"
        axis.plot(found["treated"], found["detectable"], style, marker=marker, color=colour)
        handles.append(Line2D([], [], color=colour, ls=style, marker=marker, label=label))
        parts += [
            f"{label}, {int(r.treated)} treated: {r.detectable:.2f}" for r in found.itertuples()
        ]
    axis.set_xlabel("Schools with mentors")
    axis.set_ylabel(f"Smallest effect found ({unit})")
    axis.set_ylim(bottom=0)
    axis.set_xticks(sorted(table["treated"].unique()))
    axis.legend(handles=handles, fontsize=8, frameon=False)
    blind = table[~np.isfinite(table["detectable"])]
    none = "; ".join(f"{r.treated} of {r.schools}" for r in blind.itertuples())
    return finish(
        figure,
        title=f"{outcome}: the smallest effect the next pilot would find",
        caption="Found in four of five cases at 5 %, with the inference this evaluation would use."
        + (f" No effect however large can be found with {none} schools treated." if none else ""),
        synthetic=False,
        alt="Line chart. " + "; ".join(parts) + ".",
    )
