"""Estimates as they may be published: suppressed, counts rounded, digits as the error supports.

The run's private folder keeps every digit. What is published is the same however the table is cut
into parts: each row is rounded by what stands in it.
"""

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.units import STEPS, UNITS
from pilot_analysis.disclosure import schemas
from pilot_analysis.disclosure.rules import (
    RULES,
    Rules,
    Withheld,
    coarse_count,
    round_step,
    to_step,
)

_POINTS = ("estimate", "std_error", "ci_low", "ci_high", "detectable_effect")
_NUMBERS = (*_POINTS, "statistic", "df", "p_value", "hedges_g", "intra_class_correlation", "weight")
_DIGITS = {"statistic": 2, "df": 1, "hedges_g": 2, "intra_class_correlation": 2, "weight": 2}
_COUNTS = ("n_obs", "n_pupils")
_Row = dict[str, Any]  # of an estimates table
_KEYS = (
    *estimates.ABOUT,
    "term",
)
_GROUP = ("claim", "outcome", "school_form", "population")
# Rows that are shares of persons: of the pupils, and of those asked, who are more than answered.
_SHARE_OF_PUPILS = {"attrition", "joiners", "pupils without a value"}
_SHARE_OF_ASKED = {"response rate"}
# A share of the standard error that rounding may at most take.
_OF_ERROR = 0.25
# Rows of one outcome may differ by a school too small for one of them. From counts to the nearest
# ten no number of outcomes tells more than that it has at most ten pupils; from fives it could be
# five. A pupil's terms, which leave together, are as many.
_OF_PUPILS = 10


def published(
    table: pd.DataFrame, output: str = "estimates", rules: Rules = RULES
) -> tuple[pd.DataFrame, list[Withheld]]:
    """Return an estimates table as it may be published, and what was withheld.

    Numbers on too few go (`protect_estimates`). The others: estimates and intervals to two digits
    of the standard error, and to no finer step than a pupil can move them by if that takes no more
    than a quarter of it; statistics, degrees of freedom and p-values to what goes with them; counts
    of pupils to the nearest ten, of answers to five, none up to seven, and none at all in rows that
    leave out schools that can be named, since the difference to the whole is these schools' size.
    """
    rows: list[_Row] = table.to_dict("records")
    withheld = _withhold(rows, output, rules)
    rows = [_rounded(row, rules) for row in rows]
    # A count may fall under a limit by rounding; what is published is judged by what is seen.
    withheld += _withhold(rows, output, rules)
    return _as(table, rows), withheld


def protect_estimates(
    table: pd.DataFrame, output: str = "estimates", rules: Rules = RULES
) -> tuple[pd.DataFrame, list[Withheld]]:
    """Return an estimates table without numbers on too few, with all digits, and what was withheld.

    Withheld: fewer than `min_pupils_one_school` pupils, or answers where pupils are not counted;
    fewer than `min_df` observations to spare; a school left out that is itself smaller; a share
    that fewer than `min_pupils` have, or lack, with the rows it could be computed from. `reason`
    says why. Estimates on one pilot school may stand: Skolverket publishes results school by
    school.
    """
    rows: list[_Row] = table.to_dict("records")
    withheld = _withhold(rows, output, rules)
    return (_as(table, rows) if withheld else table), withheld


def _as(table: pd.DataFrame, rows: list[_Row]) -> pd.DataFrame:
    """Return rows as a table of the columns, types and labels of another."""
    told = pd.DataFrame(rows, columns=table.columns, index=table.index)
    return told.astype(table.dtypes.to_dict())


def _withhold(rows: list[_Row], output: str, rules: Rules) -> list[Withheld]:
    """Put a reason in the place of every number on too few, in the rows; return what was withheld."""
    withheld = []
    for row, why in zip(rows, _reasons(rows, rules), strict=True):
        if why:
            code, least = why
            cells = reasons.cells(code, least=least)
            told = ", ".join(f"{k} {row[k]}" for k in _KEYS if row.get(k))
            row |= {name: math.nan for name in (*_NUMBERS, *_COUNTS) if name in row}
            row |= {name: cells[name] for name in cells.keys() & row.keys()}
            withheld.append(Withheld(output, told, reasons.sentence(cells, ENGLISH)))
    return withheld


def _reasons(rows: list[_Row], rules: Rules) -> list[tuple[str, int] | None]:
    """Return for each row the reason's code and limit, None where it may stand."""
    least = rules.min_pupils_one_school
    found: list[tuple[str, int] | None] = []
    for row, size in zip(rows, _sizes_left_out(rows), strict=True):
        pupils, obs, schools = (
            float(row.get(c, math.nan)) for c in ("n_pupils", "n_obs", "n_schools")
        )
        told = row["estimate"] == row["estimate"]
        if not told:
            found.append(None)
        elif (pupils if pupils == pupils else obs) < least:
            found.append(("few_pupils" if pupils == pupils else "few_answers", least))
        elif rules.why_estimate_withheld(obs, pupils, schools):
            found.append(("few_degrees_of_freedom", rules.min_df))
        elif size < least:
            found.append(("few_at_school", least))
        elif _is_share_of_few(row, rules):
            found.append(("few_have_or_lack", rules.min_pupils))
        else:
            found.append(None)
    return _with_their_complements(rows, found)


def _with_their_complements(
    rows: list[_Row], found: list[tuple[str, int] | None]
) -> list[tuple[str, int] | None]:
    """Withhold all rows of a set of shares together: their difference and total give one back."""
    keys = [(*_group(row), row["model"]) for row in rows]
    gone = {
        key: why
        for key, why in zip(keys, found, strict=True)
        if why and why[0] == "few_have_or_lack" and _model(key[-1]) in _SHARE_OF_PUPILS
    }
    return [
        why or (gone.get(key) if row["estimate"] == row["estimate"] else None)
        for key, why, row in zip(keys, found, rows, strict=True)
    ]


def _group(row: _Row) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in _GROUP)


def _model(name: Any) -> str:
    return str(name).replace("_", " ").casefold()


@cache
def leaves_one_out(model: Any) -> bool:
    """Say whether rows of a model are those without one school in turn."""
    return bool(re.search(r"left out|leave one|leave-one|without each", _model(model)))


def leaves_some_out(specification: Any) -> bool:
    """Say whether a specification leaves out schools by name or kind, which may be a single one."""
    return "without_prestudy_schools" in str(specification)


def _sizes_left_out(rows: list[_Row]) -> list[float]:
    """Return how many pupils the school has that a row leaves out; infinite where it leaves none.

    The whole is the largest sample of the same question. Where only rows without a school are at
    hand, each pupil is missing from one of them, so that they add up to one whole less than they
    are.
    """
    counted = [
        (_group(row), row.get("n_pupils", math.nan), leaves_one_out(row["model"])) for row in rows
    ]
    whole: dict[tuple[Any, ...], float] = {}
    parts: dict[tuple[Any, ...], list[float]] = {}
    for key, n, out in counted:
        if out:
            parts.setdefault(key, []).append(n)
        elif n == n:
            whole[key] = max(whole.get(key, 0.0), n)
    sizes = []
    for key, n, out in counted:
        all_of_them = whole.get(key, math.nan)
        if out and key not in whole and len(parts[key]) > 1:
            all_of_them = sum(parts[key]) / (len(parts[key]) - 1)
        size = all_of_them - n
        sizes.append(size if out and size == size else math.inf)
    return sizes


def _share_counts(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return how many persons have, and lack, what a row is the share of; infinite for others."""
    share, model = row["estimate"] / 100, _model(row["model"])
    if model in _SHARE_OF_PUPILS:
        pupils = row["n_pupils"]
        return share * pupils, (1 - share) * pupils
    if model in _SHARE_OF_ASKED and share > 0:
        return row["n_obs"], row["n_obs"] * (1 - share) / share
    return math.inf, math.inf


def _is_share_of_few(row: Mapping[str, Any], rules: Rules) -> bool:
    """Say whether a share is that of a few, or of all but a few; nobody and all are too."""
    words = f"{row.get('term', '')} {row.get('estimand', '')}".casefold()
    if any(word in words for word in ("difference", "boundary", "limit")):
        return False
    having, lacking = _share_counts(row)
    if _model(row["model"]) in _SHARE_OF_ASKED and lacking < 0.5:
        return False  # everybody answered: nobody is told apart
    return min(having, lacking) < rules.min_pupils - 0.5


# --- Rounding --------------------------------------------------------------------------------


def _rounded(row: dict[str, Any], rules: Rules) -> dict[str, Any]:
    told = dict(row)
    step = _step(row)
    for name in _POINTS:
        if name in told and math.isfinite(told[name]) and step:
            told[name] = to_step(told[name], step) or _beside_zero(name, told[name], step)
    if row.get("std_error", math.nan) > 0 and "std_error" in told:
        # Two digits of its own: a coarse step of the estimate would make it 0.
        told["std_error"] = significant(row["std_error"], 2)
    for name, digits in _DIGITS.items():
        if name in told and math.isfinite(told[name]):
            told[name] = round(told[name], digits) + 0.0
    for name in ("p_value", "p_value_min"):
        if name in told and math.isfinite(told[name]):
            told[name] = significant(told[name], 3)
    alone = leaves_one_out(row.get("model", "")) or leaves_some_out(row.get("specification", ""))
    for name in _COUNTS:
        if name in told:
            # Answer sheets are counted once; pupils are, by models that may each lack a school.
            pupils = row.get("n_pupils", math.nan)
            step_n = _OF_PUPILS if pupils == pupils else rules.count_step
            told[name] = math.nan if alone else coarse_count(row[name], rules, step=step_n)
    for name in ("specification", "term", "reason_values", "note", "inference", "method"):
        if isinstance(told.get(name), str):
            told[name] = coarse_text(told[name], rules)
    return told


def _beside_zero(name: str, value: float, step: float) -> float:
    """Return an end of an interval that rounding would put at zero: on its own side of it.

    An interval that includes zero must not come to exclude it, nor the other way round.
    """
    return math.copysign(step, value) if name in ("ci_low", "ci_high") and value else 0.0


def significant(value: float, digits: int) -> float:
    """Round to so many significant digits."""
    return float(f"{value:.{digits}g}")


def _error(row: Mapping[str, Any]) -> float:
    """Return the standard error, or what else in the row says how sure the estimate is."""
    for error in (
        row.get("std_error", math.nan),
        abs(row["estimate"] / row["statistic"]) if row.get("statistic") else math.nan,
        (row.get("ci_high", math.nan) - row.get("ci_low", math.nan)) / 4,
    ):
        if math.isfinite(error) and error > 0:
            return float(error)
    return math.nan


def _step(row: Mapping[str, Any]) -> float:
    """Return what estimate and interval are rounded to; 0 where there is nothing to round."""
    if not math.isfinite(row["estimate"]):
        return 0.0
    error = _error(row)
    if not math.isfinite(error):
        if row.get("unit") in STEPS:
            return STEPS[row["unit"]]
        size = abs(row["estimate"])
        fine = 10.0 ** (math.floor(math.log10(size)) - 2) if size > 0 else 0.0
        persons = sum(_share_counts(row))
        # One person more or less moves a share by a step at most, and so an effect whose error
        # nobody knows (a school alone in its arm).
        moved = 100 / persons if 0 < persons < math.inf else math.nan
        if row.get("ci_low") == -math.inf:
            moved = _reach(row)
        return max(fine, round_step(moved)) if math.isfinite(moved) else fine
    step = 10.0 ** (math.floor(math.log10(error)) - 1)
    reach = _reach(row)
    if not reach > step:
        return step
    most = 10.0 ** math.floor(math.log10(error * _OF_ERROR))
    most = max(s * most for s in (1, 2, 5) if s * most <= error * _OF_ERROR)
    return max(step, min(round_step(reach), most))


def _reach(row: Mapping[str, Any]) -> float:
    """Return how far one pupil can move an estimate in which each school counts once."""
    pupils, schools = row.get("n_pupils", math.nan), row.get("n_schools", math.nan)
    treated = row.get("n_treated_schools", math.nan)
    # A change a term moves no further by a pupil than its outcome does.
    unit = UNITS.get(str(row.get("unit")).removesuffix(" a term"))
    span = unit.span if unit else math.nan
    return span * schools / (pupils * max(1.0, treated if treated == treated else 1.0))


_COUNTED = re.compile(
    r"\b(\d[\d,]*)( of \d[\d,]*)?(?= (?:missing )?(?:pupils?|rows?|leavers?|answers?|sheets?|teachers?)\b)"
)
_NAMED = re.compile(r'"([^"]+)": ?(\d+)(?=[,}])')


def coarse_text(text: str, rules: Rules = RULES) -> str:
    """Return a text with numbers of persons in it rounded, or called a few.

    `5 pupils trimmed` becomes `a few pupils trimmed`; values of a reason (JSON) go by their names.
    """

    def told(match: re.Match[str]) -> str:
        n = coarse_count(float(match[1].replace(",", "")), rules)
        return "a few" if n != n else f"about {n:,.0f}" if n else "0"

    def value(match: re.Match[str]) -> str:
        if not schemas.is_count(match[1]):
            return match.group()
        n = coarse_count(float(match[2]), rules)
        return f'"{match[1]}": ' + ("null" if n != n else f"{n:.0f}")

    if text.startswith("{"):
        return _NAMED.sub(value, text)
    return (
        text if text.startswith(("suppressed", "fewer", "withheld")) else _COUNTED.sub(told, text)
    )
