"""A small interval drawn against zero and the zone of no importance; right is better."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from pilot_analysis.catalogue.outcomes import find_outcome
from pilot_analysis.catalogue.words import Words
from pilot_analysis.report.amounts import counted
from pilot_analysis.report.document import Drawing

WIDTH, HEIGHT = 200.0, 20.0
_LINE, _ZONE, _ZERO, _TRUE = "#0072B2", "#d9d9d9", "#595959", "#D55E00"
# How far beyond the longest bound a drawing reaches.
_MARGIN = 1.08


def reach_of(rows: Iterable[Mapping[str, Any]], zone: float) -> float:
    """Return how far from zero a drawing must reach to hold the intervals of rows.

    `zone` is the smallest effect of interest in the rows' unit; 0 where the plan names none.
    """
    bounds = [abs(row[end]) for row in rows for end in ("ci_low", "ci_high")]
    finite = [bound for bound in bounds if math.isfinite(bound)]
    return _MARGIN * max([*finite, 1.5 * zone], default=0.0) or 1.0


def draw(
    row: Mapping[str, Any],
    zone: float,
    words: Words,
    *,
    reach: float | None = None,
    truth: float = math.nan,
) -> Drawing | str:
    """Return a row's interval as a drawing; words where it has none.

    `zone` is the smallest effect of interest in the row's unit; 0 where the plan names none. Rows
    with the same `reach` are drawn on one scale. A `truth` that is known is a diamond.
    """
    low, high, estimate = row["ci_low"], row["ci_high"], row["estimate"]
    if not all(math.isfinite(v) for v in (low, high, estimate)):
        return words("interval_alt_none")
    outcome = find_outcome(row["outcome"])
    better = outcome.better if outcome else 1
    reach = reach_of([row], zone) if reach is None else reach

    def x(value: float) -> str:
        return f"{WIDTH / 2 * (1 + better * value / reach):.1f}"

    middle = HEIGHT / 2
    band = ""
    if zone:
        left, right = sorted((float(x(-zone)), float(x(zone))))
        band = f'<rect x="{left:.1f}" y="1" width="{right - left:.1f}" height="{HEIGHT - 2:g}" fill="{_ZONE}"/>'
    body = (
        f'{band}<line x1="{x(0)}" y1="0" x2="{x(0)}" y2="{HEIGHT:g}" stroke="{_ZERO}"/>'
        f'<line x1="{x(low)}" y1="{middle:g}" x2="{x(high)}" y2="{middle:g}" stroke="{_LINE}" '
        f'stroke-width="2.5"/><circle cx="{x(estimate)}" cy="{middle:g}" r="4" fill="{_LINE}"/>'
    )
    if math.isfinite(truth):
        at = float(x(truth))
        body += (
            f'<path d="M{at:.1f} {middle - 7:g} l6 7 l-6 7 l-6 -7 z" fill="none" '
            f'stroke="{_TRUE}" stroke-width="2"/>'
        )
    side = "better" if (low > 0) == (better > 0) else "worse"
    if low <= 0 <= high:
        side = "touches" if 0 in (low, high) else "across"
    scale = counted(row, words)
    alt = words("interval_alt", span=scale.span(low, high, words), side=side)
    return Drawing(WIDTH, HEIGHT, body, alt, scale.span(low, high, words, short=True))
