"""One style for every figure: colours, titles, notices, alt text, and saving.

Colours are Okabe and Ito's, told apart by colour-blind readers and, with marker and line style, in
grey. `save` writes SVG and PNG with fixed bytes, the plotted numbers as CSV, and the alt text.
"""

import io
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
from PIL import Image as PILImage
from PIL.PngImagePlugin import PngInfo

from pilot_analysis import terms
from pilot_analysis.panel import Outcome

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


def theme() -> None:
    """Set the one style."""
    sns.set_theme(style="whitegrid", palette=[PILOT, COMPARISON], rc=_RC)


def new(width: float, height: float, columns: int = 1, **kwargs: Any) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of a size in inches and its axes, left to right."""
    theme()
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
        partial = stem.with_suffix(".svg.partial")
        figure.savefig(
            partial, format="svg",
            metadata={"Date": None, "Creator": None, "Title": stem.name, "Description": alt},
        )  # fmt: skip
        os.replace(partial, stem.with_suffix(".svg"))
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png")
    text = PngInfo()
    text.add_text("Title", stem.name)
    text.add_itxt("Description", alt)
    partial = stem.with_suffix(".png.partial")
    # Few colours are used, so a palette keeps the picture and a third of the bytes.
    picture = PILImage.open(drawn).convert("RGB").quantize(128, dither=PILImage.Dither.NONE)
    picture.save(partial, format="PNG", optimize=True, pnginfo=text)
    os.replace(partial, stem.with_suffix(".png"))
    numbers.to_csv(stem.with_suffix(".csv"), index=False, float_format="%.6g", lineterminator="\n")
    stem.with_suffix(".txt").write_text(alt + "\n", encoding="utf-8")


def legend(axis: Axes, handles: list[Any]) -> None:
    """Put the legend above the axes, where it covers neither data nor caption."""
    axis.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(handles),
        frameon=False, fontsize=8.5, borderaxespad=0.2, columnspacing=1.2,
    )  # fmt: skip


def term_axis(axis: Axes, numbers: Sequence[float]) -> None:
    """Label an axis of term numbers with the terms' names."""
    ticks = sorted({int(n) for n in numbers})
    axis.set_xticks(ticks, [terms.label(n) for n in ticks], rotation=45, ha="right")


def axis_unit(outcome: Outcome) -> str:
    """Return the unit of an outcome's level; its effects are in percentage points."""
    return "%" if outcome.unit == "percentage points" else outcome.unit


def bounds(low: float, high: float) -> str:
    """Return an interval in words."""
    if not np.isfinite(low) or not np.isfinite(high):
        return "no bounded interval"
    return f"{low:.2f} to {high:.2f}"
