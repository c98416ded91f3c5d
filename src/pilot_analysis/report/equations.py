r"""Equations of notebooks as pictures: drawn by matplotlib, with no script and nothing fetched.

Notebooks write them in LaTeX between dollar signs. A page shows each as outlines, labelled with
its LaTeX. What matplotlib cannot read stays as it is written.
"""

import functools
import html
import re

import numpy as np

# Of the pages' text (`frame`): an equation's letters are as large as those around it.
_SIZE = 16.0
# Half the height of a small letter above the line: there a page centres a picture in its line.
_MIDDLE = 0.27 * _SIZE
_MARGIN = 1.0
# Code in a line, or an equation: no space behind the first dollar sign nor before the last, and no
# digit after it, so that amounts of money are none.
_SPAN = re.compile(r"(?P<code>`[^`]*`)|\$\$?(?P<latex>[^\s$](?:[^$]*[^\s$\\])?)\$\$?(?!\d)")
_PLACE = "EQUATION{}HERE"


def take_out(markdown: str, found: list[str]) -> str:
    r"""Return a text with a mark where each equation was; adds the equations' pictures to `found`.

    Examples:
    >>> pictures = []
    >>> take_out(r"The mean $\bar y$ costs $5 or `$x$`.", pictures), len(pictures)
    ('The mean EQUATION0HERE costs $5 or `$x$`.', 1)

    """

    def mark(span: re.Match[str]) -> str:
        picture = "" if span["code"] else draw(span["latex"])
        if not picture:
            return span[0]
        found.append(picture)
        return _PLACE.format(len(found) - 1)

    return _SPAN.sub(mark, markdown)


def put_back(body: str, found: list[str]) -> str:
    """Return HTML with the pictures in place of their marks."""
    for number, picture in enumerate(found):
        body = body.replace(_PLACE.format(number), picture)
    return body


@functools.cache
def draw(latex: str) -> str:
    """Return an equation as an HTML picture; empty where matplotlib cannot read it."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    from pilot_analysis.figures.style import use_own_fonts

    use_own_fonts()
    font = FontProperties(family="DejaVu Serif", math_fontfamily="dejavuserif", size=_SIZE)
    try:
        points, codes = text_to_path.get_text_path(font, f"${latex}$", ismath=True)
    except ValueError:
        return ""
    points = np.asarray(points, dtype=float) * _SIZE / text_to_path.FONT_SCALE
    (left, low), (right, high) = points.min(axis=0), points.max(axis=0)
    half = max(high - _MIDDLE, _MIDDLE - low) + _MARGIN
    points = np.column_stack([points[:, 0] - left + _MARGIN, half + _MIDDLE - points[:, 1]])
    width, height = right - left + 2 * _MARGIN, 2 * half
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="math" role="img" '
        f'aria-label="{html.escape(latex)}" width="{width:.1f}" height="{height:.1f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}"><path d="{_outlines(points, codes)}"/></svg>'
    )


def _outlines(points: np.ndarray, codes: np.ndarray) -> str:
    """Return matplotlib's path as SVG writes it."""
    from matplotlib.path import Path

    parts = []
    for vertices, code in Path(points, codes).iter_segments(simplify=False, curves=True):
        letter = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}.get(code)
        parts.append(letter + " ".join(f"{v:.2f}" for v in vertices) if letter else "Z")
    return "".join(parts)
