"""Figures: aggregates or estimates in, one matplotlib Figure out. Nothing is computed here.

Colours are Okabe and Ito's, told apart by colour-blind readers and, with marker and line style, in
grey. `save` writes SVG and PNG with fixed bytes, the plotted numbers as CSV, and the alt text.
"""

import os
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pilot_analysis import terms
from pilot_analysis.panel import SCHOOL_FORM_NAMES, Outcome

PILOT, COMPARISON, NEUTRAL, ACCENT = "#D55E00", "#0072B2", "#595959", "#E69F00"
SYNTHETIC_NOTICE = "Synthetic data: not evidence about Linköping"
_RC = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.labelsize": 9.5,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": NEUTRAL,
    "grid.color": "#E5E5E5",
    "svg.fonttype": "path",
    "svg.hashsalt": "pilot-analysis",
    "savefig.dpi": 150,
    "figure.dpi": 110,
    "text.parse_math": False,
}


def _theme() -> None:
    sns.set_theme(style="whitegrid", palette=[PILOT, COMPARISON], rc=_RC)


def _new(width: float, height: float, columns: int = 1, **kwargs: Any) -> tuple[Figure, list[Axes]]:
    _theme()
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, columns, **kwargs))
    return figure, list(axes.ravel())


def finish(figure: Figure, *, title: str, caption: str, synthetic: bool, alt: str) -> Figure:
    """Add title, caption and, while data are synthetic, the notice; remember the alt text."""
    width = int(figure.get_figwidth() * 13)
    figure.suptitle(
        "\n".join(textwrap.wrap(title, int(width * 0.72))), x=0.01, ha="left", weight="bold",
        fontsize=12,
    )  # fmt: skip
    lines = textwrap.wrap(caption, width)
    if synthetic:
        lines.append(f"{SYNTHETIC_NOTICE}.")
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=8.5, color=NEUTRAL)
    if synthetic:
        figure.text(
            0.5, 0.5, "SYNTHETIC DATA", fontsize=34, color="#000000", alpha=0.05, ha="center",
            va="center", rotation=20, weight="bold",
        )  # fmt: skip
        alt = f"{SYNTHETIC_NOTICE}. {alt}"
    figure.set_label(alt)
    return figure


def save(figure: Figure, stem: Path, numbers: pd.DataFrame) -> None:
    """Write `stem` as .svg and .png with the same bytes every time, .csv of the numbers, .txt alt.

    Each file appears whole or not at all.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    alt = str(figure.get_label())
    # Matplotlib resolves style settings while drawing, so they are set here too.
    with mpl.rc_context(_RC):
        for kind, metadata in (
            ("svg", {"Date": None, "Creator": None, "Title": stem.name, "Description": alt}),
            ("png", {"Software": None, "Title": stem.name, "Description": alt}),
        ):
            partial = stem.with_suffix(f".{kind}.partial")
            figure.savefig(partial, format=kind, metadata=metadata)
            os.replace(partial, stem.with_suffix(f".{kind}"))
    numbers.to_csv(stem.with_suffix(".csv"), index=False, float_format="%.6g", lineterminator="\n")
    stem.with_suffix(".txt").write_text(alt + "\n", encoding="utf-8")


def _legend(axis: Axes, handles: list[Any]) -> None:
    """Put the legend above the axes, where it covers neither data nor caption."""
    axis.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(handles),
        frameon=False, fontsize=8.5, borderaxespad=0.2, columnspacing=1.2,
    )  # fmt: skip


def _term_axis(axis: Axes, numbers: Sequence[float]) -> None:
    ticks = sorted({int(n) for n in numbers})
    axis.set_xticks(ticks, [terms.label(n) for n in ticks], rotation=45, ha="right")


def trends(
    trend: pd.DataFrame, outcome: Outcome, *, starts: dict[str, list[float]], synthetic: bool
) -> Figure:
    """Draw term means of pilot and comparison schools, one panel a school form.

    `trend` as from `panel.group_trends`; `starts` the first treated terms by school form.
    """
    forms = [f for f in ("GR", "GY") if f in set(trend["school_form"])]
    figure, axes = _new(4.6 * len(forms) + 0.6, 4.0, len(forms), sharey=True)
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
        _term_axis(axis, rows["term_number"])
    axes[0].set_ylabel(f"{outcome.label} ({_axis_unit(outcome)})")
    return finish(
        figure,
        title=f"{outcome.label} at pilot and comparison schools",
        caption="Mean of schools, each counting once; band: one standard error over schools. "
        "Dotted lines: the pilot's start terms.",
        synthetic=synthetic,
        alt="Line chart. " + ". ".join(sentences) + ".",
    )


def _axis_unit(outcome: Outcome) -> str:
    return "%" if outcome.unit == "percentage points" else outcome.unit


def event_study(
    rows: pd.DataFrame, outcome: Outcome, *, population: str, synthetic: bool
) -> Figure:
    """Draw estimates by time since the start, with pointwise intervals and the joint pre-test."""
    figure, (axis,) = _new(6.8, 4.4)
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
    figure, (axis,) = _new(7.6, 1.7 + 0.36 * len(rows))
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
    _legend(axis, handles)
    level = f"{100 * rows['ci_level'].max():g} %"
    parts = [
        f"{label}: {r.estimate:.2f} ({_bounds(r.ci_low, r.ci_high)})"
        for label, r in zip(labels, rows.itertuples(), strict=True)
    ]
    schools = rows.drop_duplicates("population")
    n = "; ".join(
        f"{r.population}: {r.n_treated_schools:.0f} pilot schools of {r.n_schools:.0f}"
        for r in schools.itertuples()
    )
    return finish(
        figure, title=title, caption=f"{level} intervals. {n}.", synthetic=synthetic,
        alt="Coefficient plot. " + "; ".join(parts) + ".",
    )  # fmt: skip


def _bounds(low: float, high: float) -> str:
    if not np.isfinite(low) or not np.isfinite(high):
        return "no bounded interval"
    return f"{low:.2f} to {high:.2f}"


def balance(table: pd.DataFrame, *, synthetic: bool) -> Figure:
    """Draw baseline differences in standard deviations, with the What Works Clearinghouse bands."""
    forms = list(dict.fromkeys(table["school_form"]))
    longest = max(len(table[table["school_form"] == f]) for f in forms)
    figure, axes = _new(5.2 * len(forms) + 0.8, 1.9 + 0.34 * longest, len(forms), sharex=True)
    for axis, form in zip(axes, forms, strict=True):
        rows = table[table["school_form"] == form]
        y = np.arange(len(rows))[::-1]
        axis.axvspan(-0.05, 0.05, color="#009E73", alpha=0.15, lw=0)
        for edge in (-0.25, 0.25):
            axis.axvline(edge, color=ACCENT, lw=1.2, ls="--")
        axis.axvline(0, color=NEUTRAL, lw=1)
        axis.plot(rows["hedges_g"], y, "o", color=PILOT)
        axis.set_yticks(y, rows["covariate"])
        axis.set_title(SCHOOL_FORM_NAMES[form], fontsize=10.5)
        axis.set_xlabel("Hedges' g (pilot minus comparison)")
        axis.grid(axis="y", visible=False)
    largest = table.loc[table["hedges_g"].abs().idxmax()]
    return finish(
        figure,
        title="Pilot and comparison pupils before the pilot",
        caption="Last term before the first start. Green: within 0.05 standard deviations; beyond "
        "the dashed lines (0.25) adjustment does not suffice (What Works Clearinghouse).",
        synthetic=synthetic,
        alt=f"Dot plot of baseline differences in standard deviations. The largest is "
        f"{largest['covariate']} ({largest['hedges_g']:.2f}).",
    )


_STATUS_STYLE = {
    "none": ("#EDEDED", "no mentors"),
    "prestudy": (ACCENT, "pre-study"),
    "pilot class": (PILOT, "pilot, whole classes"),
    "pilot targeted": ("#CC79A7", "pilot, targeted pupils"),
    "unknown": ("#000000", "unknown"),
}


def exposure_timeline(exposure: pd.DataFrame, *, synthetic: bool) -> Figure:
    """Draw who was treated when: one row a school, one column a term."""
    schools = list(dict.fromkeys(zip(exposure["school_form"], exposure["school"], strict=True)))
    figure, (axis,) = _new(8.4, 1.6 + 0.3 * len(schools))
    position = {school: i for i, (_, school) in enumerate(schools[::-1])}
    used = []
    for row in exposure.itertuples():
        kind = f"pilot {row.organisation}" if row.status == "pilot" else str(row.status)
        colour, _ = _STATUS_STYLE[kind]
        used.append(kind)
        axis.barh(
            position[row.school], 0.94, left=row.term_number - 0.47, height=0.8, color=colour, lw=0
        )
    axis.set_yticks(list(position.values()), [f"{s}" for s in position])
    forms = [form for form, _ in schools[::-1]]
    for i in range(1, len(forms)):
        if forms[i] != forms[i - 1]:
            axis.axhline(i - 0.5, color=NEUTRAL, lw=1)
    _term_axis(axis, exposure["term_number"])
    axis.grid(visible=False)
    handles = [Patch(color=c, label=n) for k, (c, n) in _STATUS_STYLE.items() if k in used]
    _legend(axis, handles)
    treated = exposure[exposure["status"] == "pilot"].groupby("school")["term_number"].min()
    starts = ", ".join(f"{s} from {terms.label(int(t))}" for s, t in treated.items())
    return finish(
        figure,
        title="Who had full-time mentors when",
        caption="From the exposure register, the only source of who is treated.",
        synthetic=synthetic,
        alt=f"Timeline of schools by term. Pilot schools: {starts}.",
    )


def size_and_power(study: pd.DataFrame) -> Figure:
    """Draw each method's rejection rate under no effect, by design; one point a cell."""
    designs = list(dict.fromkeys(study["design"]))
    methods = list(dict.fromkeys(study["method"]))
    _theme()
    figure = Figure(figsize=(9.5, 6.6), layout="constrained")
    axes = figure.subplots(2, int(np.ceil(len(designs) / 2)), sharey=True, sharex=True)
    y = {m: i for i, m in enumerate(methods[::-1])}
    for axis, design in zip(axes.ravel(), designs, strict=False):
        rows = study[study["design"] == design]
        axis.axvline(5, color=NEUTRAL, lw=1.2)
        position = rows["method"].map(y)
        adverse = rows["sizes"].str.contains("largest") | (rows["error_variance"] != "equal")
        for marker, keep, colour in (("o", ~adverse, COMPARISON), ("x", adverse, PILOT)):
            axis.plot(
                100 * rows["rejection_rate"][keep], position[keep], marker, color=colour, ms=5,
                alpha=0.8,
            )  # fmt: skip
        axis.set_title(f"{design} treated", fontsize=9.5)
        axis.set_xscale("symlog", linthresh=10)
        axis.set_xticks([0, 5, 10, 50], ["0", "5", "10", "50"])
        axis.set_yticks(list(y.values()), list(y))
    for axis in axes[-1]:
        axis.set_xlabel("Rejections of a true null (%)")
    n = int(study["panels"].min())
    error = 100 * np.sqrt(0.05 * 0.95 / n)
    worst = study.groupby("method")["rejection_rate"].max()
    parts = ", ".join(f"{m} at most {100 * worst[m]:.0f} %" for m in methods)
    return finish(
        figure,
        title="How often each method finds an effect where there is none (should be 5 %)",
        caption=f"Simulated panels, at least {n:,} a cell; Monte-Carlo error about {error:.1f} "
        "points at 5 %. Dots: treated schools like the "
        "others; crosses: the largest schools treated, or schools noisier when treated.",
        synthetic=False,
        alt=f"Dot plot of rejection rates under no effect. Worst case: {parts}.",
    )
