"""Each school's change beside the mean of the comparison schools', one dot a school."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.words import Words
from pilot_analysis.figures.style import (
    COMPARISON,
    NEUTRAL,
    PILOT,
    PRINT_WIDTH,
    SMALL,
    better_side,
    finish,
    new,
)
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.words import Language, capital, words_in

# Dots of one value stand above each other by it; lines of arms and of school forms lie so far apart.
_STACKED, _ARM, _FORM = 0.16, 1.0, 0.9
_ROW, _AROUND, _WRAP = 0.3, 2.0, 23
# How far above its dots a line's count stands.
_ABOVE = 0.42


def school_changes(
    rows: pd.DataFrame,
    *,
    title: str,
    synthetic: bool,
    language: Language = ENGLISH,
) -> Figure:
    """Draw schools' changes as dots, a panel a question and a line an arm of a school form.

    `rows` has a row a school: `claim`, `outcome`, `school_form`, `arm` (pilot or comparison) and
    `value`, in the order of reading.
    """
    words = words_in(language)
    lines = list(dict.fromkeys(zip(rows["school_form"], rows["arm"], strict=True)))
    height: dict[tuple[str, str], float] = {}
    at, before = 0.0, lines[0][0]
    for form, arm in lines:
        at -= _FORM if form != before else 0
        height[form, arm] = at
        at, before = at - _ARM, form
    claims = list(dict.fromkeys(rows["claim"]))
    figure, axes = new(PRINT_WIDTH, _AROUND + _ROW * -at, len(claims), sharey=True)
    for axis, claim in zip(axes, claims, strict=True):
        _panel(axis, rows[rows["claim"] == claim], height, words)
    names = [
        f"{capital(words.form(form))}: {words(f'group_{arm}_schools')}" for form, arm in height
    ]
    axes[0].set_yticks(list(height.values()), names, fontsize=SMALL)
    axes[0].set_ylim(at + 0.3, 1.1)
    return finish(
        figure,
        title=title,
        caption=words("figure_school_changes_caption"),
        synthetic=synthetic,
        language=language,
        alt=words("figure_school_changes_alt", parts="; ".join(_told(rows, words))),
    )


def better_than_others(rows: pd.DataFrame) -> int:
    """Return at how many schools the outcome went better than at comparison schools on average."""
    outcome = OUTCOMES[rows["outcome"].iloc[0]]
    return int((outcome.better * rows["value"] > 0).sum())


def _panel(
    axis: Axes, rows: pd.DataFrame, height: dict[tuple[str, str], float], words: Words
) -> None:
    outcome = OUTCOMES[rows["outcome"].iloc[0]]
    axis.axvline(0, color=NEUTRAL, lw=1, zorder=1)
    for (form, arm), own in rows.groupby(["school_form", "arm"], sort=False):
        middle = height[str(form), str(arm)]
        colour = PILOT if arm == "pilot" else COMPARISON
        mean = own["value"].mean()
        axis.vlines(mean, middle - 0.36, middle + 0.36, color=colour, lw=1.5, zorder=2)
        twins = own.groupby("value").cumcount() - (own.groupby("value").transform("size") - 1) / 2
        axis.plot(own["value"], middle + _STACKED * twins, "o", color=colour, ms=5, alpha=0.8)
    axis.margins(x=0.08)
    for form, own in rows[rows["arm"] == "pilot"].groupby("school_form", sort=False):
        axis.annotate(
            words("figure_school_changes_count", better=better_than_others(own), all=len(own)),
            (1.0, height[str(form), "pilot"] + _ABOVE),
            xycoords=("axes fraction", "data"),
            ha="right",
            fontsize=SMALL,
            color=PILOT,
        )
    question = words(f"question_{rows['claim'].iloc[0]}")
    axis.set_title(textwrap.fill(question, _WRAP), fontsize=SMALL, loc="left")
    axis.tick_params(axis="x", labelsize=SMALL)
    axis.locator_params(axis="x", nbins=5)
    axis.grid(axis="y", visible=False)
    side = better_side(outcome.better, "", words)
    axis.set_xlabel(f"{words.unit(outcome.unit)}\n{side}", fontsize=SMALL)


def _told(rows: pd.DataFrame, words: Words) -> list[str]:
    """Return every line in words: question, school form, arm and the schools' values."""
    told = []
    for (claim, form, arm), own in rows.groupby(["claim", "school_form", "arm"], sort=False):
        values = ", ".join(words.number(value) for value in sorted(own["value"]))
        line = f"{words.form(str(form))}, {words(f'group_{arm}_schools')}"
        told.append(f"{words(f'question_{claim}')} {line}: {values}")
    return told
