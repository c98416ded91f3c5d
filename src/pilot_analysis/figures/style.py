"""One style for every figure: colours, titles, notices, alt text, and saving.

Colours are Okabe and Ito's, told apart by colour-blind readers and, with marker and line style, in
grey. `save` writes SVG and PNG with fixed bytes, the plotted numbers as CSV, and the alt text.
"""

import io
import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.ticker import ScalarFormatter
from matplotlib.transforms import Affine2D
from PIL import Image as PILImage
from PIL.PngImagePlugin import PngInfo

from pilot_analysis import estimates, terms
from pilot_analysis.catalogue.language import ENGLISH, text
from pilot_analysis.catalogue.units import decimals_for
from pilot_analysis.catalogue.words import Words
from pilot_analysis.files import whole, write_if_changed
from pilot_analysis.panel import Outcome
from pilot_analysis.words import Language, decimal, words_in

PILOT, COMPARISON, NEUTRAL, ACCENT = "#D55E00", "#0072B2", "#595959", "#E69F00"
# A picture of the report stands at most at 83 % of its size, and no wider than its text: at this
# width (inches) the smallest letters are 7 points in print.
PRINT_WIDTH, SMALL = 7.4, 8.5
ARMS = {"pilot": PILOT, "comparison": COMPARISON}  # seaborn's `palette` where `hue` is the arm
# Names out of data may hold a dollar sign; the style sheet's format has no key for this.
_RC = dict(
    mpl.rc_params_from_file(Path(__file__).with_name("pilot.mplstyle"), use_default_template=False)
) | {"text.parse_math": False}


# Means told in steps of more than this share of all that they differ by are told as rounded.
_COARSE = 0.2
# Of zlib: the highest saves a fourteenth of the bytes and takes eight times as long.
_DEFLATED = 6


@cache
def use_own_fonts() -> None:
    """Put the fonts that Matplotlib brings before the machine's, which may be of another version.

    Its list of fonts is kept in the user's cache, and may have been made where these were missing.
    """
    fonts = font_manager.fontManager
    for font in sorted(Path(mpl.get_data_path(), "fonts", "ttf").glob("DejaVu*.ttf")):
        fonts.addfont(font)
        fonts.ttflist.insert(0, fonts.ttflist.pop())


def theme() -> None:
    """Set the one style."""
    use_own_fonts()
    sns.set_theme(style="whitegrid", palette=[PILOT, COMPARISON], rc=_RC)


def new(width: float, height: float, columns: int = 1, **kwargs: Any) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of a size in inches and its axes, left to right."""
    theme()
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, columns, **kwargs))
    return figure, list(axes.ravel())


def finish(
    figure: Figure,
    *,
    title: str,
    caption: str,
    synthetic: bool,
    alt: str,
    language: Language = ENGLISH,
) -> Figure:
    """Add title, caption and, while data are synthetic, the notice; remember the alt text.

    Numbers on the axes get the language's decimal sign.
    """
    notice = words_in(language)("synthetic_notice")
    width = int(figure.get_figwidth() * 13)
    figure.suptitle(
        _balanced(title, int(width * 0.72)),
        x=0.01,
        ha="left",
        weight="bold",
        fontsize=12,
    )
    lines = _balanced(caption, int(width * 1.07)).split("\n")
    if synthetic:
        lines.append(f"{notice}.")
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=8.5, color=NEUTRAL)
    if synthetic:
        figure.text(
            0.5,
            0.5,
            text("figure_watermark", language),
            fontsize=34,
            color="#000000",
            alpha=0.05,
            ha="center",
            va="center",
            rotation=20,
            weight="bold",
        )
        alt = f"{notice}. {alt}"
    figure.set_label(alt)
    if decimal(".", language) != ".":
        for axis in (a for axes in figure.axes for a in (axes.xaxis, axes.yaxis)):
            if isinstance(axis.get_major_formatter(), ScalarFormatter):
                axis.set_major_formatter(_Ticks(language))
    return figure


def _balanced(title: str, width: int) -> str:
    """Return text on as few lines as it needs, about equally long: no word stands alone."""
    lines = textwrap.wrap(title, width, break_on_hyphens=False)
    while len(shorter := textwrap.wrap(title, width - 1, break_on_hyphens=False)) == len(lines) > 1:
        lines, width = shorter, width - 1
    return "\n".join(lines)


# A letter in its place: `x` and `y` say the same as the transform in half as many characters.
_MOVED = r'(?<=") transform="translate\(([^ )]*) ([^ )]*)\)"/>'
# Marks of one style, one after the other.
_ALIKE = r'<use [^>]* style="([^"]*)"/>(?:<use [^>]* style="\1"/>)+'


def _compact(svg: str) -> str:
    """Return an SVG without comments, which repeat every text, and a quarter smaller.

    Paths and places keep two decimals of a point; the outlines of letters are whole numbers already.
    """
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r">\s+<", "><", svg)
    # Every letter drawn names its outline by the font's whole name.
    for font, short in _FONTS.items():
        svg = re.sub(rf'(?<=["#]){font}-(?=[0-9a-f]+")', short, svg)
    # Every point drawn names its marker, every line its clip, by ten digits.
    names: dict[str, str] = {}
    svg = re.sub(_HASHED, lambda m: names.setdefault(m[0], f"{m[0][0]}{len(names):x}"), svg)
    svg = re.sub(r"translate\([^)]*\)", _compact_path, svg)
    svg = re.sub(_MOVED, r' x="\1" y="\2"/>', svg).replace(' y="0"/>', "/>")
    svg = re.sub(r'(?<= [xy]=")[^"]*', _compact_path, svg)
    svg = re.sub(_ALIKE, _under_one_style, svg)
    return re.sub(r'(?<= d=")[^"]*', _compact_path, svg)


def _under_one_style(alike: re.Match[str]) -> str:
    own = f' style="{alike[1]}"'
    return f"<g{own}>{alike[0].replace(own, '')}</g>"


_HASHED = r'(?<=["#])[mp][0-9a-f]{10}(?=[")])'
_FONTS = {"DejaVuSans": "g", "DejaVuSans-Bold": "b", "DejaVuSans-Oblique": "i"}


def _compact_path(path: re.Match[str]) -> str:
    rounded = " ".join(re.sub(r"(-?\d+\.\d{2})\d+", r"\1", path[0]).split())
    return re.sub(r" ?([MLHVCSQTAZz]) ?", r"\1", rounded)


class _Ticks(ScalarFormatter):
    """Tick labels with the language's decimal sign, whatever the machine's locale."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language = language

    def __call__(self, x: float, pos: int | None = None) -> str:
        return decimal(super().__call__(x, pos), self._language)


def save(figure: Figure, stem: Path, numbers: pd.DataFrame, *, vector: bool = True) -> None:
    """Write `stem` as .svg and .png with the same bytes every time, .csv of the numbers, .txt alt.

    Each file appears whole or not at all. Without `vector` there is no .svg: hundreds of bars are
    ten times as large in it.
    """
    if vector:
        save_vector(figure, stem)
        save_pixels(stem)
    else:
        _save_alt(figure, stem)
        _save_png(_svg(figure, stem.name), stem)
    save_numbers(numbers, stem)


def save_numbers(numbers: pd.DataFrame, stem: Path) -> None:
    """Write the numbers of a figure as .csv."""
    estimates.write_csv(numbers, stem.with_suffix(".csv"), digits=6)


def save_vector(figure: Figure, stem: Path) -> None:
    """Write `stem` as .svg and its alt text as .txt: all that print needs."""
    with whole(stem.with_suffix(".svg")) as partial:
        partial.write_text(_compact(_svg(figure, stem.name)), encoding="utf-8")
    _save_alt(figure, stem)


def save_pixels(stem: Path) -> None:
    """Write `stem`.png from what `save_vector` wrote. It starts threads, so fork before."""
    _save_png(stem.with_suffix(".svg").read_text(encoding="utf-8"), stem)


def _svg(figure: Figure, name: str) -> str:
    said = {"Date": None, "Creator": None, "Title": name, "Description": str(figure.get_label())}
    drawn = io.StringIO()
    canvas = FigureCanvasSVG(_laid_out(figure))
    # Matplotlib resolves style settings while drawing, so they are set here too.
    with mpl.rc_context(_RC):
        canvas.print_svg(drawn, metadata=said)
    return drawn.getvalue()


def _save_png(svg: str, stem: Path) -> None:
    described = PngInfo()
    described.add_text("Title", stem.name)
    described.add_itxt("Description", stem.with_suffix(".txt").read_text("utf-8").rstrip("\n"))
    # Few colours are used, so a palette keeps the picture and a third of the bytes. (An octree would
    # lose the pale word across the figure, and the widest coverage tints it.)
    picture = _pixels(svg).quantize(64, dither=PILImage.Dither.NONE)
    with whole(stem.with_suffix(".png")) as partial:
        picture.save(partial, format="PNG", compress_level=_DEFLATED, pnginfo=described)


def _pixels(svg: str) -> PILImage.Image:
    """Return a drawing as pixels: by what sets the report, in half of Matplotlib's time."""
    import typst

    drawn: Any = typst.compile(
        b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")',
        format="png",
        ppi=_RC["savefig.dpi"],
        sys_inputs={"svg": svg},
        ignore_system_fonts=True,
    )
    return PILImage.open(io.BytesIO(drawn)).convert("RGB")


def _laid_out(figure: Figure) -> Figure:
    """Return a figure with everything in its place, found once: `savefig` does so for every format."""
    figure.set_dpi(_RC["savefig.dpi"])
    if layout := figure.get_layout_engine():
        FigureCanvasAgg(figure)  # measures text several times faster than the one for SVG
        with mpl.rc_context(_RC):
            layout.execute(figure)
            figure.set_layout_engine(None)
    return figure


def _save_alt(figure: Figure, stem: Path) -> None:
    write_if_changed(stem.with_suffix(".txt"), f"{figure.get_label()}\n")


@dataclass(frozen=True)
class Group:
    """Pilot or comparison schools as every figure draws them."""

    ever: bool
    colour: str
    style: str
    marker: str
    name: str
    schools: str


def groups(language: Language) -> tuple[Group, Group]:
    """Return pilot and comparison schools: told apart by colour, line and marker alike."""
    words = words_in(language)
    return (
        Group(True, PILOT, "-", "o", words("figure_pilot"), words("figure_pilot_schools")),
        Group(
            False,
            COMPARISON,
            "--",
            "s",
            words("figure_comparison"),
            words("figure_comparison_schools"),
        ),
    )


@dataclass(frozen=True)
class EndLabel:
    """A line's name at its last point."""

    x: float
    y: float
    text: str
    colour: str


def end_labels(axis: Axes, labels: Sequence[EndLabel], *, lines: int = 1) -> None:
    """Write each line's name at its end, apart where the ends lie close together.

    `lines` is how many lines of text a label has. Places are found while drawing: only then is it
    known how high the axes are.
    """
    upwards = sorted(labels, key=lambda one: one.y)

    def places(renderer: RendererBase) -> list[tuple[float, float]]:
        point = float(np.asarray(renderer.points_to_pixels(1.0)))
        apart = 13.0 * lines * point
        below = axis.bbox.y0 - apart / 2  # no label hangs out of the axes
        found = []
        for x, y in axis.transData.transform(np.array([(label.x, label.y) for label in upwards])):
            below = max(y, below + apart)
            found.append((x + 8 * point, below))
        return found

    for number, label in enumerate(upwards):
        axis.annotate(
            label.text,
            (label.x, label.y),
            xytext=(0, 0),
            textcoords=lambda renderer, own=number: Affine2D().translate(*places(renderer)[own]),
            color=label.colour,
            va="center",
            fontsize=9,
        )


def coarse_steps(means: pd.DataFrame, unit: str, words: Words) -> str:
    """Say in what steps means are told (`rounded_to`) where these are coarse; nothing elsewhere.

    Coarse is more than a fifth of all that the drawn means differ by.
    """
    step = float(means["rounded_to"].max()) if "rounded_to" in means else 0.0
    if not step > _COARSE * (means["mean"].max() - means["mean"].min()):
        return ""
    digits = max(0, -math.floor(math.log10(step)))
    told = words.number(step, digits)
    return words("figure_trends_rounded", step=told, unit=words.unit(unit))


def legend(axis: Axes, handles: list[Any]) -> Legend:
    """Put the legend above the axes, where it covers neither data nor caption."""
    return axis.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(handles),
        frameon=False,
        fontsize=8.5,
        borderaxespad=0.2,
        columnspacing=1.2,
    )


def term_axis(axis: Axes, numbers: Sequence[float]) -> None:
    """Label an axis of term numbers with the terms' names."""
    ticks = sorted({int(n) for n in numbers})
    axis.set_xticks(ticks, [terms.label(n) for n in ticks], rotation=45, ha="right")


def axis_label(outcome: Outcome, language: Language) -> str:
    """Return an outcome and the unit of its level; effects on shares are in percentage points."""
    words = words_in(language)
    unit = "%" if outcome.unit == estimates.PERCENTAGE_POINTS else words.unit(outcome.unit)
    name = words.outcome(outcome.name)
    return name if name.endswith(")") or unit in name.lower() else f"{name} ({unit})"


def better_side(better: int, unit: str, words: Words, *, short: bool = False) -> str:
    """Return an axis' label that says which way is better: `better` is 1 where more is, else -1.

    A `short` axis has the unit on a line of its own.
    """
    good, bad = words("figure_coefficients_better"), words("figure_coefficients_worse")
    left, right = (bad, good) if better > 0 else (good, bad)
    return f"{unit}\n← {left}   {right} →" if short else f"← {left}   {unit}   {right} →"


def bounds(low: float, high: float, language: Language = ENGLISH) -> str:
    """Return an interval in words."""
    words = words_in(language)
    if not np.isfinite(low) or not np.isfinite(high):
        return words("figure_interval_none")
    digits = decimals_for(high - low, 2)
    return words("span", first=words.number(low, digits), second=words.number(high, digits))


def estimate_and_bounds(
    estimate: float, low: float, high: float, language: Language = ENGLISH
) -> str:
    """Return an estimate with its interval in words, rounded alike."""
    told = words_in(language).number(estimate, decimals_for(high - low, 2))
    return f"{told} ({bounds(low, high, language)})"
