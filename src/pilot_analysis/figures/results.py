"""Figures of results: trends, event studies, coefficients."""

import textwrap
from collections.abc import Sequence

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
from pilot_analysis.words import Language, capital, decimal, words_in


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
    treated terms by school form; `marked` the terms that are shaded.
    """
    trend = trend[trend["mean"].notna()]
    forms = sorted(set(trend["school_form"]))
    if not forms:
        raise ValueError(f"there is nothing to draw of {outcome.name}")
    figure, axes = new(3.5 * len(forms) + 0.4, 3.7, len(forms), sharey=True)
    words = words_in(language)
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
            label = f"{group.name}\n{schools}"
            ends.append(EndLabel(last["term_number"], last["mean"], label, group.colour))
            parts.append(
                words(
                    "figure_trends_part",
                    form=capital(words.form(form)),
                    schools=group.schools,
                    first=words.number(first["mean"]),
                    first_term=first["term"],
                    last=words.number(last["mean"]),
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
    return finish(
        figure,
        title=words("figure_trends_title", outcome=words.outcome(outcome.name)),
        caption=f"{words('figure_trends_caption')} {marks.told(marked, words)}".strip(),
        synthetic=synthetic,
        language=language,
        alt=words("figure_line_chart", parts=". ".join(parts)),
    )


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
    axis.set_ylabel(words("figure_event_study_difference", unit=unit))
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
        title=words("figure_event_study_title", outcome=name, form=place),
        caption=" ".join(said),
        synthetic=synthetic,
        language=language,
        alt=words("figure_event_study_alt", unit=unit, points=points),
    )


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
) -> Figure:
    """Draw estimates with their intervals, one a line; the known truth as a diamond when given.

    Which way is better stands on the axis where it is the same for all, else on each line.
    """
    words = words_in(language)
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
        axis.annotate(
            bounds(np.inf, np.inf, language),
            (right, position),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=NEUTRAL,
        )
    label = words("figure_coefficients_estimate")
    handles = [Line2D([], [], color=PILOT, marker="o", lw=2, label=label)]
    if truth is not None:
        axis.plot(truth, y, "D", color=COMPARISON, ms=6, mfc="none", mew=1.6)
        label = words("figure_coefficients_truth")
        handles.append(Line2D([], [], color=COMPARISON, marker="D", ls="", mfc="none", label=label))
    axis.set_yticks(y, shown, fontsize=8.5)
    axis.set_xlabel(words.unit(unit))
    axis.set_ylim(-0.7, len(rows) - 0.3)
    axis.grid(axis="y", visible=False)
    _say_what_is_better(axis, rows, y, words.unit(unit), words)
    legend(axis, handles)
    parts = [
        f"{label}: {words.number(r.estimate, 2)} ({bounds(r.ci_low, r.ci_high, language)})"
        for label, r in zip(labels, rows.itertuples(), strict=True)
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
    return finish(
        figure,
        title=title,
        caption=f"{intervals} {capital('; '.join(schools))}.",
        synthetic=synthetic,
        language=language,
        alt=words("figure_coefficients_alt", parts="; ".join(parts)),
    )


def _say_what_is_better(
    axis: Axes, rows: pd.DataFrame, y: np.ndarray, unit: str, words: Words
) -> None:
    """Mark the better side of zero: an absence that falls and a share that rises are both good."""
    better, worse = words("figure_coefficients_better"), words("figure_coefficients_worse")
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
        axis.annotate(
            text,
            (1.0, height),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=NEUTRAL,
        )


def _span(counts: pd.Series, words: Words) -> str:
    """Return a count, or its range where rows differ."""
    low, high = f"{counts.min():.0f}", f"{counts.max():.0f}"
    return low if low == high else words("span", first=low, second=high)


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
    labels = [f"{r.outcome}, {r.population}, {r.school_form}" for r in rows.itertuples()]
    axis.set_yticks(y, labels, fontsize=8)
    axis.set_xlabel(words.unit(PERCENTAGE_POINTS))
    axis.grid(axis="y", visible=False)
    legend(axis, handles)
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
        title=words("figure_compared_title"),
        caption=words("figure_compared_caption"),
        synthetic=synthetic,
        language=language,
        alt=words("figure_compared_alt", a=a, b=b, parts="; ".join(parts)),
    )
