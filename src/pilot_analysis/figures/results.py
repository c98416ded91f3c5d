"""Figures of results: trends, event studies, coefficients."""

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pilot_analysis.catalogue.outcomes import find_outcome
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
from pilot_analysis.words import (
    Language,
    capital,
    count,
    form_name,
    number,
    outcome_title,
    pick,
    unit_name,
)


def trends(
    trend: pd.DataFrame,
    outcome: Outcome,
    *,
    starts: dict[str, list[float]],
    synthetic: bool,
    language: Language = "en",
) -> Figure:
    """Draw term means of pilot and comparison schools, one panel a school form.

    `trend` as from `panel.group_trends` or `questionnaires.group_means`; `starts` the first
    treated terms by school form.
    """
    trend = trend[trend["mean"].notna()]
    forms = sorted(set(trend["school_form"]))
    if not forms:
        raise ValueError(f"there is nothing to draw of {outcome.name}")
    figure, axes = new(3.5 * len(forms) + 0.4, 3.7, len(forms), sharey=True)
    schools = pick(("schools", "skolor"), language)
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
            axis.fill_between(
                line["term_number"],
                line["low"],
                line["high"],
                color=group.colour,
                alpha=0.15,
                lw=0,
            )
            axis.plot(line["term_number"], line["mean"], group.style, color=group.colour,
                      marker=group.marker, ms=5)  # fmt: skip
            n = int(line["n_schools"].max())
            first, last = line.iloc[0], line.iloc[-1]
            ends.append(
                EndLabel(
                    last["term_number"], last["mean"], f"{group.name}\n{n} {schools}", group.colour
                )
            )
            parts.append(
                f"{capital(form_name(form, language))}, {group.schools}: "
                f"{number(first['mean'], language)} {first['term']}, "
                f"{number(last['mean'], language)} {last['term']}"
            )
        for start in starts.get(form, []):
            axis.axvline(start - 0.5, color=NEUTRAL, lw=1, ls=":")
            axis.annotate("start", (start - 0.5, 0.0), xycoords=("data", "axes fraction"),
                          xytext=(-2, 3), textcoords="offset points", rotation=90, ha="right",
                          fontsize=8, color=NEUTRAL)  # fmt: skip
        axis.set_title(capital(form_name(form, language)), fontsize=10.5)
        axis.set_xlim(right=rows["term_number"].max() + 2.2)
        term_axis(axis, rows["term_number"])
        labels.append((axis, ends))
    for axis, ends in labels:  # the axes share their limits, known only now
        end_labels(axis, ends, lines=2)
    axes[0].set_ylabel(textwrap.fill(axis_label(outcome, language), 28))
    name = outcome_title(outcome.name, language)
    return finish(
        figure,
        title=pick((f"{name} at pilot and comparison schools",
                    f"{name} på pilot- och jämförelseskolor"), language),
        caption=pick(
            ("Mean of schools, each counting once; band: one standard error over schools. "
             "Dotted lines: the pilot's start terms.",
             "Medelvärde av skolor, där varje skola räknas en gång; band: ett standardfel över "
             "skolor. Prickade linjer: terminer då pilotprojektet startade."), language),
        synthetic=synthetic, language=language,
        alt=pick(("Line chart. ", "Linjediagram. "), language) + ". ".join(parts) + ".",
    )  # fmt: skip


def event_study(
    rows: pd.DataFrame,
    outcome: Outcome,
    *,
    school_form: str,
    synthetic: bool,
    language: Language = "en",
) -> Figure:
    """Draw estimates by time since the start, with pointwise intervals and the joint pre-test."""
    figure, (axis,) = new(6.8, 4.4)
    events = rows[rows["estimand"] == "event_time"].copy()
    events["event"] = events["event_time"].astype(int)
    events = events.sort_values("event", kind="stable")
    axis.axhline(0, color=NEUTRAL, lw=1)
    axis.axvline(-0.5, color=NEUTRAL, lw=1, ls=":")
    bounded = events[np.isfinite(events["ci_low"])]
    axis.vlines(bounded["event"], bounded["ci_low"], bounded["ci_high"], color=PILOT, lw=2)
    axis.plot(events["event"], events["estimate"], "o", color=PILOT, ms=6)
    axis.set_xticks(events["event"])
    axis.set_xlabel(pick(("Terms since the start (0 is the first pilot term)",
                          "Terminer sedan starten (0 är den första terminen med mentorer)"), language))  # fmt: skip
    unit = unit_name(outcome.unit, language)
    axis.set_ylabel(f"{pick(('Difference', 'Skillnad'), language)} ({unit})")
    pre = rows[rows["estimand"] == "pre_trend"]
    joint = ""
    if len(pre):
        p = number(pre["p_value"].iloc[0], language, 2)
        joint = pick(
            (
                f"Joint test of earlier terms: p = {p}. ",
                f"Gemensamt test av tidigare terminer: p = {p}. ",
            ),
            language,
        )
    level = f"{100 * events['ci_level'].max():g} %"
    no_bounds = "" if len(bounded) else pick(
        ("No interval is bounded: too few schools are treated. ",
         "Inget avgränsat intervall går att beräkna: för få skolor deltog. "), language)  # fmt: skip
    n = events[["n_treated_schools", "n_schools", "n_pupils"]].max()
    pilot, schools = f"{n['n_treated_schools']:.0f}", f"{n['n_schools']:.0f}"
    pupils = count(n["n_pupils"], language)
    points = ", ".join(
        f"{e.event:+d}: {number(e.estimate, language, 2)}"
        for e in events.itertuples()
        if e.event != -1
    )
    name, place = outcome_title(outcome.name, language), form_name(school_form, language)
    return finish(
        figure,
        title=pick((f"{name}, {place}: pilot against comparison schools by term",
                    f"{name}, {place}: pilotskolor mot jämförelseskolor per termin"), language),
        caption=pick(
            (f"Against the last term before the start. Bars: {level} intervals by the primary test. "
             f"{no_bounds}{joint}{pilot} pilot schools of {schools} at most, {pupils} pupils.",
             f"Mot sista terminen före starten. Streck: {level} intervall enligt huvudtestet. "
             f"{no_bounds}{joint}Högst {pilot} pilotskolor av {schools}, {pupils} elever."),
            language),
        synthetic=synthetic, language=language,
        alt=pick((f"Event study, {unit}. Estimates by terms since the start: {points}.",
                  f"Händelsestudie, {unit}. Skattningar efter terminer sedan starten: {points}."),
                 language),
    )  # fmt: skip


def coefficients(
    rows: pd.DataFrame, labels: Sequence[str], *, title: str, truth: Sequence[float] | None,
    unit: str, synthetic: bool, language: Language = "en",
) -> Figure:  # fmt: skip
    """Draw estimates with their intervals, one a line; the known truth as a diamond when given.

    Which way is better stands on the axis where it is the same for all, else on each line.
    """
    shown = [textwrap.fill(label, 46) for label in labels]
    height = sum(0.2 + 0.16 * (1 + label.count("\n")) for label in shown)
    figure, (axis,) = new(7.6, 1.7 + height)
    y = np.arange(len(rows))[::-1]
    axis.axvline(0, color=NEUTRAL, lw=1)
    low, high = rows["ci_low"].to_numpy(), rows["ci_high"].to_numpy()
    bounded = np.isfinite(low) & np.isfinite(high)
    axis.hlines(y[bounded], low[bounded], high[bounded], color=PILOT, lw=2.2)
    axis.plot(rows["estimate"], y, "o", color=PILOT, ms=6)
    rightmost = np.fmax(rows["estimate"].to_numpy(), np.asarray(truth if truth else np.nan, float))
    for position, right in zip(y[~bounded], rightmost[~bounded], strict=True):
        axis.annotate(bounds(np.inf, np.inf, language), (right, position), xytext=(9, 0),
                      textcoords="offset points", va="center", fontsize=8, color=NEUTRAL)  # fmt: skip
    found = pick(("Estimate and interval", "Skattning och intervall"), language)
    handles = [Line2D([], [], color=PILOT, marker="o", lw=2, label=found)]
    if truth is not None:
        known = pick(
            ("True effect (known: synthetic)", "Sann effekt (känd: syntetiska data)"), language
        )
        axis.plot(truth, y, "D", color=COMPARISON, ms=6, mfc="none", mew=1.6)
        handles.append(Line2D([], [], color=COMPARISON, marker="D", ls="", mfc="none", label=known))
    axis.set_yticks(y, shown, fontsize=8.5)
    axis.set_xlabel(unit_name(unit, language))
    axis.set_ylim(-0.7, len(rows) - 0.3)
    axis.grid(axis="y", visible=False)
    _say_what_is_better(axis, rows, y, unit_name(unit, language), language)
    legend(axis, handles)
    level = f"{100 * rows['ci_level'].max():g} %"
    parts = [
        f"{label}: {number(r.estimate, language, 2)} ({bounds(r.ci_low, r.ci_high, language)})"
        for label, r in zip(labels, rows.itertuples(), strict=True)
    ]
    pilot, of = pick(("pilot schools of", "pilotskolor av"), language), []
    for code, own in rows.groupby("school_form", sort=False):
        of.append(
            f"{form_name(code, language)}: {_span(own['n_treated_schools'], language)} "
            f"{pilot} {_span(own['n_schools'], language)}"
        )
    caption = pick((f"{level} intervals.", f"{level} intervall."), language)
    return finish(
        figure,
        title=title,
        caption=f"{caption} {capital('; '.join(of))}.",
        synthetic=synthetic,
        language=language,
        alt=pick(("Coefficient plot. ", "Koefficientdiagram. "), language) + "; ".join(parts) + ".",
    )


def _say_what_is_better(
    axis: Axes, rows: pd.DataFrame, y: np.ndarray, unit: str, language: Language
) -> None:
    """Mark the better side of zero: an absence that falls and a share that rises are both good."""
    better, worse = (pick(pair, language) for pair in (("better", "bättre"), ("worse", "sämre")))
    known = [find_outcome(name) for name in rows.get("outcome", pd.Series(dtype=str))]
    ways = [outcome.better if outcome else 0 for outcome in known]
    if not ways or 0 in ways:
        return
    if len(set(ways)) == 1:
        left, right = (worse, better) if ways[0] > 0 else (better, worse)
        axis.set_xlabel(f"← {left}      {unit}      {right} →")
        return
    for way, height in zip(ways, y, strict=True):
        text = f"{better} →" if way > 0 else f"← {better}"
        axis.annotate(text, (1.0, height), xycoords=("axes fraction", "data"), xytext=(4, 0),
                      textcoords="offset points", va="center", fontsize=8, color=NEUTRAL)  # fmt: skip


def _span(counts: pd.Series, language: Language) -> str:
    """Return a count, or its range where rows differ."""
    low, high = counts.min(), counts.max()
    to = pick(("to", "till"), language)
    return f"{low:.0f}" if low == high else f"{low:.0f} {to} {high:.0f}"


def compared(rows: pd.DataFrame, a: str, b: str, *, synthetic: bool) -> Figure:
    """Draw the primary estimates of two runs, one line an outcome: run A hollow, run B filled.

    `rows` as the `main` of a comparison: a, low_a, high_a, b, low_b, high_b.
    """
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
    labels = [f"{r.outcome}, {r.population}, {r.school_form}" for r in rows.itertuples()]
    axis.set_yticks(y, labels, fontsize=8)
    axis.set_xlabel("percentage points")
    axis.grid(axis="y", visible=False)
    legend(axis, handles)
    parts = [
        f"{label}: {r.a:.2f} and {r.b:.2f}"
        for label, r in zip(labels, rows.itertuples(), strict=True)
    ]
    return finish(
        figure,
        title="Primary estimates of two runs",
        caption="Bars: intervals where the design bounds them.",
        synthetic=synthetic,
        alt=f"Estimates of {a} and {b}. " + "; ".join(parts) + ".",
    )
