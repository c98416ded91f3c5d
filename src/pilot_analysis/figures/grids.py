"""Figures that seaborn's figure-level functions drew, finished in the one style.

Lines are named at their ends and bands beside the last bar, so that no legend is needed where the
names fit.
"""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FixedLocator, PercentFormatter
from seaborn.axisgrid import FacetGrid

from pilot_analysis import terms
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.words import Words
from pilot_analysis.figures.style import ARMS, NEUTRAL, SMALL, EndLabel, end_labels, finish
from pilot_analysis.forms import EVERY_FORM
from pilot_analysis.words import Language, capital, words_in

# Of seaborn's lines: as every figure draws the arms, told apart in grey too. Where nothing is known of
# an outcome, the table's only row is of no arm.
ARM_LINES = {
    "palette": ARMS,
    "dashes": {"pilot": "", "comparison": (4, 1.6), "": ""},
    "markers": {"pilot": "o", "comparison": "s", "": "o"},
}
# Points between the names of neighbouring bands, and columns of panels beside which they fit.
_APART, _FEW_COLUMNS = 10.5, 2
# Points from a band's colour to its name.
_KEY = 10.0
# Of stacked bars: how wide they and their panels are, and what parts them.
_BAR, _WIDE = 0.9, 1.4
_EDGES: dict[str, Any] = {"edgecolor": "white", "linewidth": 0.6}


class _Grid(FacetGrid):
    def tight_layout(self, *args: Any, **kwargs: Any) -> FacetGrid:
        """Lay out nothing: `finish_grid` does so, and for many panels it takes seconds."""
        return self


def stacked_bars(
    table: pd.DataFrame,
    *,
    over: str,
    columns: str,
    palette: str,
    heading: str,
    label: str,
    rows: str | None = None,
    wrap: int | None = None,
    height: float = 2.2,
) -> FacetGrid:
    """Draw shares by band as stacked bars, a panel a value of `columns` and, where given, of `rows`.

    `table` has `band` in their order, `share` (0 to 1, missing where withheld) and what is named;
    `over` stands on the horizontal axis, terms in time. The last band is at the bottom. `heading` says what bands
    are of, `label` of whom the shares are.
    """
    bands, ticks = (list(dict.fromkeys(table[name])) for name in ("band", over))
    if over == "term" and all(ticks):
        ticks = sorted(ticks, key=terms.number)
    colours = dict(zip(bands, sns.color_palette(palette, len(bands)), strict=True))
    grid = _Grid(
        table,
        col=columns,
        row=rows,
        col_wrap=wrap,
        height=height,
        aspect=_WIDE,
        ylim=(0, 1),
        legend_out=False,
    )
    for (row, column, _), own in grid.facet_data():
        axis = grid.facet_axis(row, column)
        shares = own.pivot(index="band", columns=over, values="share").reindex(bands, columns=ticks)
        bottom = np.zeros(len(ticks))
        for band in reversed(bands):
            part = shares.loc[band].to_numpy(dtype=float)
            axis.bar(ticks, part, _BAR, bottom, color=colours[band], **_EDGES)
            bottom = bottom + np.nan_to_num(part)
        axis.yaxis.set_major_locator(FixedLocator([0.0, 0.5, 1.0]))
        axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol="\u00a0%"))
    grid.set_axis_labels("", label)
    grid.add_legend(
        {str(band): Patch(color=colour) for band, colour in colours.items()}, title=heading
    )
    return grid


def finish_grid(
    grid: FacetGrid,
    *,
    title: str,
    caption: str,
    synthetic: bool,
    ends: Mapping[Any, Sequence[EndLabel]] | None = None,
    under: Mapping[Any, str] | None = None,
    language: Language = ENGLISH,
) -> Figure:
    """Finish what one of seaborn's figure-level functions drew, as `finish` does.

    Panels are named by their value alone, school forms and arms in words. Lines are named at their
    `ends`, by panel, and stacked bars beside the last one; elsewhere the legend stands beside them.
    What `under` says of a panel stands under its name.
    """
    figure: Figure = grid.figure
    words = words_in(language)
    names = {key: _panel_names(key, words) for key in grid.axes_dict}
    for key, axis in grid.axes_dict.items():
        lines = [textwrap.fill(part, 24, break_long_words=False) for part in names[key]]
        lines += [under[key]] if under and key in under else []
        axis.set_title("\n".join(lines), fontsize=9.5 if len(names) <= 4 else SMALL)
        if len(axis.get_xticklabels()) > 4:
            axis.tick_params(axis="x", rotation=90, labelsize=8)
        if axis.patches:
            axis.grid(visible=False)  # it would shine through the bars
    figure.set_layout_engine("constrained")
    few = grid.axes.ndim == 2 and grid.axes.shape[1] <= _FEW_COLUMNS
    named = bool(ends) or (few and any(axis.patches for axis in grid.axes.flat))
    key = None
    if grid.legend is not None:
        if named:
            key = _key(grid)
            grid.legend.remove()
        else:
            sns.move_legend(grid, "outside right center", frameon=False)
    listed = "; ".join(", ".join(name) for name in names.values())
    panels = f" {words('figure_panels', names=listed)}" if names else ""
    finish(
        figure,
        title=title,
        caption=caption,
        synthetic=synthetic,
        language=language,
        alt=f"{title}.{panels} {caption}",
    )
    if key is not None:
        figure.draw_without_rendering()  # only then are the panels as high as they will be
        for name, axis in grid.axes_dict.items():
            end_labels(axis, list((ends or {}).get(name, ())))
        if not ends:
            _name_bands(grid, key)
    return figure


def _panel_names(key: Any, words: Words) -> list[str]:
    return [_panel_name(part, words) for part in (key if isinstance(key, tuple) else (key,))]


def _panel_name(value: Any, words: Words) -> str:
    if value in EVERY_FORM:
        return capital(words.form(value))
    return words(f"figure_{value}_schools") if value in ARMS else str(value)


def _key(grid: FacetGrid) -> tuple[str, dict[str, str]]:
    """Return what a legend says: its title, and the names of filled colours."""
    legend = grid.legend
    filled = [h for h in legend.legend_handles if hasattr(h, "get_facecolor")]
    names = [text.get_text() for text in legend.get_texts()]
    colours = {to_hex(h.get_facecolor()): n for h, n in zip(filled, names, strict=False)}
    return legend.get_title().get_text(), colours


def _name_bands(grid: FacetGrid, key: tuple[str, Mapping[str, str]]) -> None:
    """Name each band of stacked bars beside the last bar of each row."""
    heading, names_of = key
    handles, names = list(names_of), list(names_of.values())
    for row in grid.axes:
        axis = row[-1]
        where = _last_bar(axis)
        places = [where.get(colour, 0.0) for colour in handles]
        # From the bottom up, as the bars are stacked; names keep that order.
        order = sorted(range(len(names)), key=lambda i: (places[i], -i))
        height = axis.bbox.height / axis.figure.dpi * 72
        at = _spread([places[i] * height for i in order], height)
        for i, place in zip(order, at, strict=True):
            _beside(axis, "■", place / height, handles[i])
            _beside(axis, names[i], place / height, apart=_KEY)
        _beside(axis, heading, max(1.0, (max(at) + 0.6 * _APART) / height) + 0.7 * _APART / height)


def _last_bar(axis: Axes) -> dict[str, float]:
    """Return the middle of each colour's part of the last bar, as a share of the axis."""
    # Where a term has nobody left to show its bars have no height at all.
    bars = [
        patch
        for patch in axis.patches
        if isinstance(patch, Rectangle) and math.isfinite(patch.get_y() + patch.get_height())
    ]
    last = max((bar.get_x() for bar in bars), default=0.0)
    own = [bar for bar in bars if bar.get_x() == last]
    return {to_hex(p.get_facecolor()): p.get_y() + p.get_height() / 2 for p in own}


def _spread(places: Sequence[float], height: float) -> list[float]:
    """Return places (points, in order) that lie apart, as near as may be, within a height."""
    at = list(places)
    for i in range(1, len(at)):
        at[i] = max(at[i], at[i - 1] + _APART)
    over = max(at[-1] - height, 0.0) if at else 0.0
    if over:
        at[-1] -= over
        for i in range(len(at) - 2, -1, -1):
            at[i] = min(at[i], at[i + 1] - _APART)
    return at


def _beside(axis: Axes, text: str, at: float, colour: str = NEUTRAL, *, apart: float = 0.0) -> None:
    axis.annotate(
        text,
        (1.0, at),
        xycoords="axes fraction",
        xytext=(4 + apart, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        color=colour,
    )


def close(grid: FacetGrid) -> None:
    """Let a notebook not show the figure by itself: it is shown finished."""
    plt.close(grid.figure)
