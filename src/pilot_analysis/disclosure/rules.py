"""What may be shown of a group of pupils: withheld cells, coarse means and counts.

The limits are Skolverket's for published statistics: nothing of fewer than 10 pupils at one
school or 5 in a municipality, nor of a share that all but a few have or lack. Two more come from
output checking at research data services: counts are rounded (OpenSAFELY), and models need degrees
of freedom to spare (ACRO).
"""

import copy
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis.catalogue import reasons


@dataclass(frozen=True)
class Rules:
    """The limits.

    A count of up to `redact_at_most` is not told, and others are rounded to `count_step`
    (OpenSAFELY). No pupil may weigh more than `max_weight` in a mean: a dominance rule.
    """

    min_pupils_one_school: int = 10
    min_pupils: int = 8
    min_schools: int = 2
    min_df: int = 10
    redact_at_most: int = 7
    count_step: int = 5
    max_weight: float = 0.10

    def why_withheld(self, pupils: float, schools: float = math.inf) -> str:
        """Return why a cell of so many pupils at so many schools is withheld; empty if it is not.

        A missing number of pupils is a cell without anybody.
        """
        if not pupils > 0:
            return ""
        if schools < self.min_schools:
            return f"fewer than {self.min_schools} schools"
        least = self.min_pupils if schools > 1 else self.min_pupils_one_school
        return f"fewer than {least} pupils" if pupils < least else ""

    def why_estimate_withheld(self, obs: float, pupils: float, schools: float) -> str:
        """Return why an estimate on so many observations is withheld; empty if it is not.

        Where the number of pupils is not known (teachers, answer sheets), observations stand for
        it. Where neither is, the row is made of other rows and not of persons.
        """
        persons = pupils if pupils == pupils else obs
        if persons < self.min_pupils_one_school:
            return f"fewer than {self.min_pupils_one_school} pupils or answers"
        spent = (schools if schools == schools and pupils == pupils else 0) + 1
        if obs - spent < self.min_df:
            return f"fewer than {self.min_df} degrees of freedom"
        return ""


RULES = Rules()
_WITHHELD = "withheld"


@dataclass(frozen=True)
class Withheld:
    """What was not shown: in which output, which rows, and why. Never how many pupils."""

    output: str
    rows: str
    why: str

    def as_dict(self) -> dict[str, str]:
        """Return it as `disclosure.json` has it."""
        return asdict(self)


def coarse(value: float, reach: float) -> float:
    """Round a mean that one pupil can move by `reach` at most.

    The step is the smallest 1, 2 or 5 times a power of ten that is at least `reach`, so the mean
    with and without one pupil is the same or a step apart, and says nothing of that pupil.
    """
    if not (math.isfinite(value) and 0 < reach < math.inf):
        return float("nan")
    power = 10.0 ** math.floor(math.log10(reach))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= reach * (1 - 1e-12))
    return round(round(value / step) * step, 10)


def coarse_counts(counts: pd.Series, rules: Rules = RULES) -> pd.Series:
    """Round counts of pupils to `count_step`, halves up; missing ones stay missing."""
    step = rules.count_step
    return np.floor(counts.astype(float) / step + 0.5) * step


def protect(
    table: pd.DataFrame, output: str, *, values: Sequence[str], pupils: str,
    schools: str | None = None, span: float = 100.0, weight: str | None = None,
    shares: Sequence[str] = (), rules: Rules = RULES,
) -> tuple[pd.DataFrame, list[Withheld]]:  # fmt: skip
    """Return a table of means that may be shown, and what was withheld.

    One row is a group with `pupils` (and `schools`) in it, and `values` are means over it or over
    parts of it no smaller. Rows under the limits lose values and count. The others are told no
    finer than one pupil can move them: by `span`, how far apart two pupils can lie, times the
    `weight` (a column, which goes) of a pupil in the mean, one in all of them unless told. Those
    of the values that are `shares` are percentages of pupils: a row in which fewer than
    `min_pupils` pupils have it, or lack it, is withheld too.
    """
    safe = table.drop(columns=weight or [])
    withheld = []
    columns = list(values)
    safe[columns] = safe[columns].astype(float)
    for position, row in enumerate(table.to_dict("records")):
        n = row[pupils]
        why = rules.why_withheld(n, row[schools] if schools else math.inf)
        if not why:
            why = _all_or_nearly(row, shares, n, rules)
        index = safe.index[position]
        if why:
            safe.loc[index, [*columns, pupils]] = np.nan
            withheld.append(Withheld(output, _named(row, [*columns, pupils]), why))
        else:
            heaviest = row[weight] if weight else 1 / n if n > 0 else math.nan
            for name in columns:
                safe.loc[index, name] = coarse(row[name], span * heaviest)
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


def record(folder: Path, others: Sequence[Withheld], rules: Rules = RULES) -> dict[str, Any]:
    """Return the content of `disclosure.json`: the rules, and what each notebook withheld.

    `folder` holds a JSON list a notebook, `others` what was withheld outside notebooks.
    """
    told = [w.as_dict() for w in others]
    for path in sorted(folder.glob("*.json")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        told += [entry for entry in notebook if entry not in told]
    return {"rules": asdict(rules), "withheld": told}


_ESTIMATED = (
    "estimate", "std_error", "statistic", "df", "p_value", "ci_low", "ci_high", "detectable_effect",
)  # fmt: skip


def protect_estimates(
    table: pd.DataFrame, output: str, rules: Rules = RULES
) -> tuple[pd.DataFrame, list[Withheld]]:
    """Return an estimates table that may be shown, and what was withheld.

    An estimate on fewer than `min_pupils_one_school` pupils, or with fewer than `min_df`
    observations more than it has schools and itself, loses its numbers; `reason` says why. Estimates
    on one pilot school may stand: Skolverket publishes results school by school.
    """
    few = table["n_pupils"] < rules.min_pupils_one_school
    schools = table["n_schools"].fillna(0).where(table["n_pupils"].notna(), 0)
    tight = table["n_pupils"].notna() & (table["n_obs"] - schools - 1 < rules.min_df)
    hidden = (few | tight) & table["estimate"].notna()
    if not hidden.any():
        return table, []
    safe = table.copy()
    safe.loc[hidden, [*_ESTIMATED, "n_obs", "n_pupils"]] = np.nan
    for which, code, least in (
        (hidden & few, "few_pupils", rules.min_pupils_one_school),
        (hidden & ~few, "few_degrees_of_freedom", rules.min_df),
    ):
        safe.loc[which, ["reason", "reason_values"]] = [*reasons.cells(code, least=least).values()]
    keys = ["claim", "outcome", "school_form", "population", "estimand", "model", "specification",
            "term"]  # fmt: skip
    named = [
        Withheld(output, _named(row, ("reason", "reason_values")), reasons.sentence(row, "en"))
        for row in safe.loc[hidden, [*keys, "reason", "reason_values"]].to_dict("records")
    ]
    return safe, named


def protect_quality(
    quality: dict[str, Any], rules: Rules = RULES
) -> tuple[dict[str, Any], list[Withheld]]:
    """Return ingest's report as it may be published, and what was withheld.

    How many rows of a file belong to pupils with protected identity says what they did when they
    are few. Their count goes, and with it what would give it back: rows kept, and rows written.
    """
    known = quality.get("protected_pupils", 0)
    safe = copy.deepcopy(quality)
    safe.pop("protected_pupils", None)
    if not 0 < known < rules.min_pupils_one_school:
        return safe, []
    withheld = []
    for entry in safe["files"]:
        if "protected_identity" in entry["rows_dropped"]:
            entry["rows_dropped"]["protected_identity"] = None
            entry["rows_kept"] = None
            withheld.append(
                Withheld("quality.json", entry["file"], "few pupils with protected identity")
            )
    for name in ("pupil_terms", "pupil_weeks", "grades", "mentors"):
        if name in safe["processed"]:
            safe["processed"][name] = None
    return safe, withheld


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
        outwards = [outer[-1]] if shown[outer].max() >= least else []
        moves = [*pairwise(side), *((inner, to) for to in (outwards or middle))]
        for place, neighbour in moves:
            if 0 < shown[place] < least:
                shown[neighbour] += shown[place]
                shown[place] = 0
    few = (shown > 0) & (shown < least)
    alike = shown.max() > shown.sum() - least
    return shown[:0] if few.any() or alike else shown


# --- Counts with margins ----------------------------------------------------------------------


def suppress_crosstab(counts: pd.DataFrame, rules: Rules = RULES) -> pd.DataFrame:
    """Return a table of counts, with totals, in which small cells cannot be computed back.

    Cells of 1 to `min_pupils_one_school` - 1 pupils are missing, and so are as many others that
    each small one could, by all that stands in the table, be anything the rule allows: its bounds
    by linear programming are no closer than the rule's own. The last row and column, `total`, are
    sums; one that would be needed for the same reason is missing too.
    """
    full = counts.astype(float)
    full["total"] = full.sum(axis=1)
    full.loc["total"] = full.sum(axis=0)
    values = full.to_numpy()
    least = rules.min_pupils_one_school
    small = (values > 0) & (values < least)
    hidden = small.copy()
    while True:
        exposed = [
            (i, j) for i, j in np.argwhere(small)
            if np.diff(crosstab_bounds(values, hidden, (i, j)))[0] < least - 1
        ]  # fmt: skip
        if not exposed:
            break
        i, j = exposed[0]
        line = [(i, k) for k in range(values.shape[1])] + [(k, j) for k in range(values.shape[0])]
        every = [(int(r), int(c)) for r, c in np.argwhere(values > 0)]
        # Where its row and column are gone already, what is shown elsewhere gives it back.
        open_ = [c for c in line if not hidden[c] and values[c] > 0] or [
            c for c in every if not hidden[c]
        ]
        # Cells before totals, the smallest first: that loses the least.
        hidden[min(open_, key=lambda cell: (_is_total(cell, values), values[cell]))] = True
    return full.mask(pd.DataFrame(hidden, full.index, full.columns))


def _is_total(cell: tuple[int, int], values: np.ndarray) -> bool:
    return cell[0] == values.shape[0] - 1 or cell[1] == values.shape[1] - 1


def crosstab_bounds(
    values: np.ndarray, hidden: np.ndarray, cell: tuple[int, int]
) -> tuple[float, float]:
    """Return the lowest and highest value of one hidden cell that all shown cells allow.

    `values` has its totals in the last row and column; no count is below 0.
    """
    from scipy.optimize import linprog

    rows, columns = values.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    sums = []
    for i in range(rows):
        line = np.zeros(rows * columns)
        line[index[i, :-1]], line[index[i, -1]] = 1, -1
        sums.append(line)
    for j in range(columns):
        line = np.zeros(rows * columns)
        line[index[:-1, j]], line[index[-1, j]] = 1, -1
        sums.append(line)
    bounds = [
        (0, None) if h else (v, v) for v, h in zip(values.ravel(), hidden.ravel(), strict=True)
    ]
    goal = np.zeros(rows * columns)
    goal[index[cell]] = 1
    ends = []
    for sign in (1, -1):
        found = linprog(sign * goal, A_eq=np.array(sums), b_eq=np.zeros(len(sums)), bounds=bounds)
        ends.append(sign * found.fun if found.status == 0 else math.inf)
    return ends[0], ends[1]
