"""Means, shares and answers of groups of pupils as they may be shown."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis.disclosure.rules import (
    RULES,
    Rules,
    Withheld,
    coarse,
    coarse_counts,
    round_step,
)


def protect(
    table: pd.DataFrame,
    output: str,
    *,
    values: Sequence[str],
    pupils: str,
    schools: str | None = None,
    span: float = 100.0,
    weight: str | None = None,
    shares: Sequence[str] = (),
    step: str | None = None,
    rules: Rules = RULES,
) -> tuple[pd.DataFrame, list[Withheld]]:
    """Return a table of means that may be shown, and what was withheld.

    One row is a group with `pupils` (and `schools`) in it, and `values` are means over it or over
    parts of it no smaller. Rows under the limits, or in which one pupil weighs more than
    `max_weight`, lose values and count. The others are told no
    finer than one pupil can move them: by `span`, how far apart two pupils can lie, times the
    `weight` (a column, which goes) of a pupil in the mean, one in all of them unless told. Those
    of the values that are `shares` are percentages of pupils: a row in which fewer than
    `min_pupils` pupils have it, or lack it, is withheld too. A column named by `step` is added: the
    step that the row's first value is told in.
    """
    safe = table.drop(columns=weight or [])
    withheld = []
    columns = list(values)
    safe[columns] = safe[columns].astype(float)
    if step:
        safe[step] = np.nan
    for position, row in enumerate(table.to_dict("records")):
        n = row[pupils]
        why = rules.why_withheld(n, row[schools] if schools else math.inf)
        heaviest = row[weight] if weight else 1 / n if n > 0 else math.nan
        if not why and weight and heaviest > rules.max_weight:
            why = f"one pupil weighs more than {rules.max_weight:.0%}"
        if not why:
            why = _all_or_nearly(row, shares, n, rules)
        index = safe.index[position]
        if why:
            safe.loc[index, [*columns, pupils]] = np.nan
            withheld.append(Withheld(output, _named(row, [*columns, pupils]), why))
        else:
            reach = span * heaviest
            for name in columns:
                safe.loc[index, name] = coarse(row[name], reach)
            if step and math.isfinite(safe.loc[index, columns[0]]):
                safe.loc[index, step] = round_step(reach)
    safe[pupils] = coarse_counts(safe[pupils], rules)
    return safe, withheld


def _all_or_nearly(row: dict[str, Any], columns: Sequence[str], n: float, rules: Rules) -> str:
    for name in columns:
        having = n * row[name] / 100
        if min(having, n - having) < rules.min_pupils - 0.5:
            return f"fewer than {rules.min_pupils} pupils have it, or lack it"
    return ""


def _named(row: dict[str, Any], without: Sequence[str]) -> str:
    """Return a row's keys in words: its text and logical cells, and its term."""
    kept = {k: v for k, v in row.items() if k not in without and isinstance(v, str | bool)}
    return ", ".join(f"{k} {v}" for k, v in kept.items() if v != "")


def combine_few(counts: np.ndarray, least: int = RULES.min_pupils) -> np.ndarray:
    """Count answers that fewer than `least` gave with a neighbour on the same side of the middle.

    An answer shown as nobody's may then be a few persons', so it tells of nobody. Where a whole
    side is a few it goes to the middle answer. Returns nothing where a few would still be shown,
    or where all but a few answered alike.
    """
    shown, half, last = counts.copy(), len(counts) // 2, len(counts) - 1
    middle = [half] if len(counts) % 2 else []
    for side in ([*range(half)], [*range(last, last - half, -1)]):
        *outer, inner = side
        outwards = [outer[-1]] if outer and shown[outer].max() >= least else []
        moves = [*pairwise(side), *((inner, to) for to in (outwards or middle))]
        for place, neighbour in moves:
            if 0 < shown[place] < least:
                shown[neighbour] += shown[place]
                shown[place] = 0
    few = (shown > 0) & (shown < least)
    alike = shown.max() > shown.sum() - least
    return shown[:0] if few.any() or alike else shown
