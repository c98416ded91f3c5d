"""One question's answer under other choices, as one dot plot."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.units import decimals_for
from pilot_analysis.catalogue.words import Words
from pilot_analysis.figures.style import (
    COMPARISON,
    NEUTRAL,
    PILOT,
    PRINT_WIDTH,
    SMALL,
    better_side,
    bounds,
    estimate_and_bounds,
    finish,
    new,
)
from pilot_analysis.panel import Outcome
from pilot_analysis.words import Language, capital, words_in

# What a row is: the planned estimate, another choice, the planned one without a school, a bound
# that has no estimate of its own, and an effect that should not be there.
PLANNED, RIVAL, LEFT_OUT, BOUND, PLACEBO = "planned", "rival", "left_out", "bound", "placebo"
_ZONE = "#d9d9d9"
# Rows of schools left out lie so close that they read as one band.
_CLOSE = 0.3
# Inches of a row, and how far beyond the choices' own intervals an axis may reach for a bound.
_ROW, _BEYOND = 0.19, 1.5


def variants(
    rows: pd.DataFrame,
    outcome: Outcome,
    *,
    title: str,
    zone: float,
    synthetic: bool,
    language: Language = ENGLISH,
) -> Figure:
    """Draw estimates with intervals, one choice a line and one school form a panel.

    `rows` has `school_form`, `variant` (the code of its name), `kind` (see above), `estimate`,
    `ci_low`, `ci_high`, `ci_level`; in the order of reading. `zone` is the smallest effect of
    interest in the outcome's unit, shaded around zero.
    """
    words = words_in(language)
    forms = list(dict.fromkeys(rows["school_form"]))
    height, ticks = _heights(rows)
    unbounded = set(rows.loc[rows["kind"] == BOUND, "variant"])
    figure, axes = new(
        PRINT_WIDTH if len(forms) > 1 else 5.6,
        2.05 + _ROW * -min(height.values()),
        len(forms),
        sharey=True,
    )
    for axis, form in zip(axes, forms, strict=True):
        own = rows[rows["school_form"] == form]
        _panel(axis, own, height, zone, outcome, words, unbounded=unbounded)
        axis.set_title(capital(words.form(form)), fontsize=10)
    names = [words(f"variant_{variant}") for variant in ticks]
    axes[0].set_yticks(list(ticks.values()), names, fontsize=SMALL)
    for label, variant in zip(axes[0].get_yticklabels(), ticks, strict=True):
        if variant == "primary":
            label.set_fontweight("bold")
    axes[0].set_ylim(min(height.values()) - 0.8, 0.8)
    level = words.decimal(100 * rows["ci_level"].max())
    said = [words("figure_holds_caption", level=level)]
    if zone:
        said.append(
            words("figure_holds_zone", zone=words.decimal(zone), unit=words.unit(outcome.unit))
        )
    if (rows["kind"] == BOUND).any():
        said.append(words("figure_holds_bound"))
    return finish(
        figure,
        title=title,
        caption=" ".join(said),
        synthetic=synthetic,
        language=language,
        alt=words(
            "figure_holds_alt", parts=". ".join(_told(rows, f, words, language) for f in forms)
        ),
    )


def _heights(rows: pd.DataFrame) -> tuple[dict[tuple[str, int], float], dict[str, float]]:
    """Return the height of each line by variant and number within it, and the labels' heights."""
    height: dict[tuple[str, int], float] = {}
    ticks: dict[str, float] = {}
    at = 0.0
    counted = rows.groupby(["variant", "school_form"], sort=False).size()
    for variant in dict.fromkeys(rows["variant"]):
        lines = int(counted[variant].max())
        for line in range(lines):
            height[variant, line] = at - line * _CLOSE
        ticks[variant] = at - (lines - 1) * _CLOSE / 2
        at -= (lines - 1) * _CLOSE + 1
    return height, ticks


def _panel(
    axis: Axes,
    rows: pd.DataFrame,
    height: dict[tuple[str, int], float],
    zone: float,
    outcome: Outcome,
    words: Words,
    *,
    unbounded: set[str],
) -> None:
    """Draw one school form's choices against zero and the zone of no importance.

    A choice in `unbounded` without a row here is one that so few schools cannot bound.
    """
    number = rows.groupby("variant", sort=False).cumcount()
    y = np.array([height[v, n] for v, n in zip(rows["variant"], number, strict=True)])
    if zone:
        axis.axvspan(-zone, zone, color=_ZONE, lw=0, zorder=0)
    axis.axvline(0, color=NEUTRAL, lw=1, zorder=1)
    planned = rows.loc[rows["kind"] == PLANNED, "estimate"]
    axis.axvline(planned.iloc[0], color=PILOT, lw=0.8, ls=":", zorder=1)
    left, right = _limits(rows, zone)
    first = rows[rows["kind"] == PLANNED].iloc[0]
    digits = decimals_for(first["ci_high"] - first["ci_low"], 1)
    for row, at in zip(rows.itertuples(), y, strict=True):
        colour = {PLANNED: PILOT, PLACEBO: NEUTRAL}.get(row.kind, COMPARISON)
        width = {PLANNED: 3.0, LEFT_OUT: 0.9}.get(row.kind, 1.8)
        if np.isfinite(row.ci_low) and np.isfinite(row.ci_high):
            style = (0, (2, 1)) if row.kind == BOUND else "-"
            axis.hlines(at, row.ci_low, row.ci_high, color=colour, lw=width, ls=style)
        if row.kind == BOUND:
            axis.annotate(
                bounds(row.ci_low, row.ci_high, words.language),
                (0.5, at),
                xycoords=("axes fraction", "data"),
                xytext=(0, 2.5),
                textcoords="offset points",
                ha="center",
                fontsize=SMALL,
                color=NEUTRAL,
            )
            for end, edge, arrow in ((row.ci_low, left, "<"), (row.ci_high, right, ">")):
                if not left <= end <= right:
                    axis.plot(edge, at, arrow, color=colour, ms=6, clip_on=False)
            continue
        bounded = np.isfinite(row.ci_low)
        size = {PLANNED: 7.5, LEFT_OUT: 2.5}.get(row.kind, 5)
        marker = "s" if row.kind == PLACEBO else "o"
        axis.plot(
            row.estimate, at, marker, color=colour, ms=size, mfc=colour if bounded else "white"
        )
    for variant, own in rows[~rows["kind"].isin([LEFT_OUT, BOUND])].groupby("variant", sort=False):
        axis.annotate(
            words.number(own["estimate"].iloc[0], digits),
            (1.0, height[str(variant), 0]),
            xycoords=("axes fraction", "data"),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=PILOT if variant == "primary" else NEUTRAL,
        )
    for variant, number_ in height:
        # A bound that other school forms have: too few schools for any interval here.
        if variant in unbounded and number_ == 0 and variant not in set(rows["variant"]):
            axis.annotate(
                words("figure_interval_none"),
                (0.5, height[variant, 0]),
                xycoords=("axes fraction", "data"),
                ha="center",
                va="center",
                fontsize=SMALL,
                color=NEUTRAL,
                bbox={"fc": "white", "ec": "none", "pad": 1.5},
            )
    axis.set_xlim(left, right)
    axis.tick_params(axis="x", labelsize=SMALL)
    axis.locator_params(axis="x", nbins=5)
    axis.grid(axis="y", visible=False)
    label = better_side(outcome.better, words.unit(outcome.unit), words)
    axis.set_xlabel(label.replace("   ", " "), fontsize=SMALL)


def _limits(rows: pd.DataFrame, zone: float) -> tuple[float, float]:
    """Return an axis that shows every choice whole; bounds may run out of it."""
    own = rows[rows["kind"] != BOUND][["estimate", "ci_low", "ci_high"]].to_numpy(float)
    held = np.concatenate([own[np.isfinite(own)], [0.0, -1.2 * zone, 1.2 * zone]])
    low, high = held.min(), held.max()
    far = rows[rows["kind"] == BOUND][["ci_low", "ci_high"]].to_numpy(float)
    far = far[np.isfinite(far)].clip(_BEYOND * low, _BEYOND * high)
    low, high = min([low, *far]), max([high, *far])
    margin = 0.04 * (high - low)
    return low - margin, high + margin


def _told(rows: pd.DataFrame, form: str, words: Words, language: Language) -> str:
    """Return a panel in words: each choice with its interval, schools left out by their range."""
    own = rows[rows["school_form"] == form]
    parts = []
    for variant, some in own.groupby("variant", sort=False):
        row = some.iloc[0]
        name = words(f"variant_{variant}")
        if row["kind"] == LEFT_OUT:
            low, high = some["estimate"].min(), some["estimate"].max()
            told = words("span", first=words.number(low), second=words.number(high))
        elif row["kind"] == BOUND:
            told = bounds(row["ci_low"], row["ci_high"], language)
        else:
            told = estimate_and_bounds(row["estimate"], row["ci_low"], row["ci_high"], language)
        parts.append(f"{name}: {told}")
    return f"{capital(words.form(form))}: {'; '.join(parts)}"
