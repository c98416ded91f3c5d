"""Figures of results: trends, event studies, coefficients."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pilot_analysis.figures.style import (
    COMPARISON,
    NEUTRAL,
    PILOT,
    axis_unit,
    bounds,
    finish,
    legend,
    new,
    term_axis,
)
from pilot_analysis.panel import SCHOOL_FORM_NAMES, Outcome


def trends(
    trend: pd.DataFrame, outcome: Outcome, *, starts: dict[str, list[float]], synthetic: bool
) -> Figure:
    """Draw term means of pilot and comparison schools, one panel a school form.

    `trend` as from `panel.group_trends`; `starts` the first treated terms by school form.
    """
    forms = [f for f in ("GR", "GY") if f in set(trend["school_form"])]
    figure, axes = new(4.6 * len(forms) + 0.6, 4.0, len(forms), sharey=True)
    sentences = []
    for axis, form in zip(axes, forms, strict=True):
        rows = trend[trend["school_form"] == form]
        for ever, colour, style, marker, name in (
            (True, PILOT, "-", "o", "Pilot"), (False, COMPARISON, "--", "s", "Comparison"),
        ):  # fmt: skip
            line = rows[rows["ever_treated"] == ever].sort_values("term_number")
            if line.empty:
                continue
            axis.fill_between(
                line["term_number"], line["low"], line["high"], color=colour, alpha=0.15, lw=0
            )
            axis.plot(line["term_number"], line["mean"], style, color=colour, marker=marker, ms=5)
            n = int(line["n_schools"].max())
            last = line.iloc[-1]
            axis.annotate(
                f"{name}\n{n} schools", (last["term_number"], last["mean"]), xytext=(8, 0),
                textcoords="offset points", color=colour, va="center", fontsize=9,
            )  # fmt: skip
            first = line.iloc[0]
            sentences.append(
                f"{SCHOOL_FORM_NAMES[form]}, {name.lower()} schools: {first['mean']:.1f} in "
                f"{first['term']}, {last['mean']:.1f} in {last['term']}"
            )
        for start in starts.get(form, []):
            axis.axvline(start - 0.5, color=NEUTRAL, lw=1, ls=":")
        axis.set_title(SCHOOL_FORM_NAMES[form], fontsize=10.5)
        axis.set_xlim(right=rows["term_number"].max() + 1.9)
        term_axis(axis, rows["term_number"])
    axes[0].set_ylabel(f"{outcome.label} ({axis_unit(outcome)})")
    return finish(
        figure,
        title=f"{outcome.label} at pilot and comparison schools",
        caption="Mean of schools, each counting once; band: one standard error over schools. "
        "Dotted lines: the pilot's start terms.",
        synthetic=synthetic,
        alt="Line chart. " + ". ".join(sentences) + ".",
    )


def event_study(
    rows: pd.DataFrame, outcome: Outcome, *, population: str, synthetic: bool
) -> Figure:
    """Draw estimates by time since the start, with pointwise intervals and the joint pre-test."""
    figure, (axis,) = new(6.8, 4.4)
    events = rows[rows["term"].str.startswith("event_time=")].copy()
    events["event"] = events["term"].str.removeprefix("event_time=").astype(int)
    events = events.sort_values("event")
    axis.axhline(0, color=NEUTRAL, lw=1)
    axis.axvline(-0.5, color=NEUTRAL, lw=1, ls=":")
    bounded = events[np.isfinite(events["ci_low"])]
    axis.vlines(bounded["event"], bounded["ci_low"], bounded["ci_high"], color=PILOT, lw=2)
    axis.plot(events["event"], events["estimate"], "o", color=PILOT, ms=6)
    axis.set_xticks(events["event"])
    axis.set_xlabel("Terms since the start (0 is the first pilot term)")
    axis.set_ylabel(f"Difference ({outcome.unit})")
    pre = rows[rows["term"] == "pre-trend"]
    joint = f"Joint test of earlier terms: p = {pre['p_value'].iloc[0]:.2f}. " if len(pre) else ""
    level = f"{100 * events['ci_level'].max():g} %"
    no_bounds = "" if len(bounded) else "No interval is bounded: too few schools are treated. "
    n = events.iloc[0]
    points = ", ".join(
        f"{e.event:+d}: {e.estimate:.2f}" for e in events.itertuples() if e.event != -1
    )
    return finish(
        figure,
        title=f"{outcome.label}, {population}: pilot against comparison schools by term",
        caption=f"Against the last term before the start. Bars: {level} intervals, "
        f"CR2 with Satterthwaite degrees of freedom. {no_bounds}{joint}{n['n_treated_schools']:.0f} pilot schools of "
        f"{n['n_schools']:.0f}, {n['n_pupils']:,.0f} pupils.",
        synthetic=synthetic,
        alt=f"Event study, {outcome.unit}. Estimates by terms since the start: {points}.",
    )


def coefficients(
    rows: pd.DataFrame, labels: Sequence[str], *, title: str, truth: Sequence[float] | None,
    unit: str, synthetic: bool,
) -> Figure:  # fmt: skip
    """Draw estimates with their intervals, one a line; the known truth as a diamond when given."""
    figure, (axis,) = new(7.6, 1.7 + 0.36 * len(rows))
    y = np.arange(len(rows))[::-1]
    axis.axvline(0, color=NEUTRAL, lw=1)
    low, high = rows["ci_low"].to_numpy(), rows["ci_high"].to_numpy()
    bounded = np.isfinite(low) & np.isfinite(high)
    axis.hlines(y[bounded], low[bounded], high[bounded], color=PILOT, lw=2.2)
    axis.plot(rows["estimate"], y, "o", color=PILOT, ms=6)
    for position, estimate in zip(y[~bounded], rows["estimate"].to_numpy()[~bounded], strict=True):
        axis.annotate("no bounded interval", (estimate, position), xytext=(9, 0),
                      textcoords="offset points", va="center", fontsize=8, color=NEUTRAL)  # fmt: skip
    handles = [Line2D([], [], color=PILOT, marker="o", lw=2, label="Estimate and interval")]
    if truth is not None:
        axis.plot(truth, y, "D", color=COMPARISON, ms=6, mfc="none", mew=1.6)
        handles.append(Line2D([], [], color=COMPARISON, marker="D", ls="", mfc="none",
                              label="True effect (known: synthetic)"))  # fmt: skip
    axis.set_yticks(y, list(labels))
    axis.set_xlabel(unit)
    axis.set_ylim(-0.7, len(rows) - 0.3)
    axis.grid(axis="y", visible=False)
    legend(axis, handles)
    level = f"{100 * rows['ci_level'].max():g} %"
    parts = [
        f"{label}: {r.estimate:.2f} ({bounds(r.ci_low, r.ci_high)})"
        for label, r in zip(labels, rows.itertuples(), strict=True)
    ]
    n = "; ".join(
        f"{population}: {_span(own['n_treated_schools'])} pilot schools of {_span(own['n_schools'])}"
        for population, own in rows.groupby("population", sort=False)
    )
    return finish(
        figure, title=title, caption=f"{level} intervals. {n}.", synthetic=synthetic,
        alt="Coefficient plot. " + "; ".join(parts) + ".",
    )  # fmt: skip


def _span(counts: pd.Series) -> str:
    """Return a count, or its range where rows differ."""
    low, high = counts.min(), counts.max()
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"


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
        ("a", a, COMPARISON, 0.14, "none"), ("b", b, PILOT, -0.14, PILOT),
    ):  # fmt: skip
        low, high = rows[f"low_{run}"].to_numpy(float), rows[f"high_{run}"].to_numpy(float)
        bounded = np.isfinite(low) & np.isfinite(high)
        axis.hlines(y[bounded] + shift, low[bounded], high[bounded], color=colour, lw=1.8)
        axis.plot(rows[run], y + shift, "o", color=colour, mfc=fill, ms=6, mew=1.5)
        handles.append(Line2D([], [], color=colour, marker="o", mfc=fill, lw=1.8, label=name))
    labels = [f"{r.outcome}, {r.population}" for r in rows.itertuples()]
    axis.set_yticks(y, labels, fontsize=8)
    axis.set_xlabel("percentage points")
    axis.grid(axis="y", visible=False)
    legend(axis, handles)
    parts = [f"{label}: {r.a:.2f} and {r.b:.2f}"
             for label, r in zip(labels, rows.itertuples(), strict=True)]  # fmt: skip
    return finish(
        figure, title="Primary estimates of two runs",
        caption="Bars: intervals where the design bounds them.", synthetic=synthetic,
        alt=f"Estimates of {a} and {b}. " + "; ".join(parts) + ".",
    )  # fmt: skip
