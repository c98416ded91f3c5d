"""Notebook 07's last table: each check, its estimate, how far it moved the answer, the verdict."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pilot_analysis.catalogue.words import Words
from pilot_analysis.evaluation import checks, evidence
from pilot_analysis.plan import Plan
from pilot_analysis.report.holds import own_rows, variants_of

# What notebook 07 has beside the report's variants: model, estimand, specification, the variant.
_MORE = (
    ("OLS, absorbed effects", "treated", "inference_compared", "stayers"),
    ("worst-case bounds", "per_school", "lowest_possible", "lowest_possible"),
    ("worst-case bounds", "per_school", "highest_possible", "highest_possible"),
    ("Lee bounds", "per_school", "lower_bound", "lee_lower"),
    ("Lee bounds", "per_school", "upper_bound", "lee_upper"),
    (f"{checks.CURVE}, joint test", "median", "all", "curve_median"),
)
_COLUMNS = ["outcome", "school form", "check", "estimate", "moved", "unit", "verdict"]
# Verdicts in the order of reading: what speaks against the answer first.
_ORDER = ("turns", "moves", "raised", "unknown", "holds", "clear")


def table(primary: pd.DataFrame, checked: pd.DataFrame, plan: Plan, words: Words) -> pd.DataFrame:
    """Return the checks of each primary row, those that speak against it first.

    `primary` has one row per outcome and school form, `checked` the rows of the checks, both as
    they may be published. Another choice `holds` where it moves the estimate by no more than the
    plan's smallest effect of interest, `moves` it by more, `turns` it where the sign changes too;
    `unknown` where the plan names no such size. Warnings of the plan are `raised`, `clear` or
    `unknown`. Columns: outcome, school form, check, estimate, moved, unit, verdict.
    """
    rows: list[dict[str, Any]] = []
    for answer in primary.to_dict("records"):
        if math.isfinite(answer["estimate"]):
            rows += _rivals(answer, checked, plan, words)
    warnings = checked[checked["model"] == evidence.MODEL]
    rows += [_warning(row, words) for row in warnings.to_dict("records")]
    found = pd.DataFrame(rows, columns=[*_COLUMNS, "_place"])
    keys = ["outcome", "school form"]
    found = found.sort_values([*keys, "_place"], kind="stable", ignore_index=True)
    return found.drop(columns="_place")


def _rivals(
    answer: Mapping[str, Any], checked: pd.DataFrame, plan: Plan, words: Words
) -> list[dict[str, Any]]:
    place = (answer["outcome"], answer["population"], answer["school_form"])
    own = own_rows(checked, *place)
    named = variants_of(own)
    for model, estimand, specification, name in _MORE:
        rows = own[(own["model"] == model) & (own["estimand"] == estimand)]
        rows = rows[rows["specification"] == specification]
        if len(rows):
            named[name] = rows.iloc[0].to_dict()
    planned = float(answer["estimate"])
    limit = plan.evidence.smallest_effect_of_interest.get(answer["outcome"], math.nan)
    rows = [_row(answer, words("variant_primary"), planned, math.nan, "", words)]
    for name, row in named.items():
        moved = float(row["estimate"]) - planned
        said = verdict(planned, moved, limit)
        rows.append(
            _row(answer, words(f"variant_{name}"), float(row["estimate"]), moved, said, words)
        )
    return rows


def verdict(planned: float, moved: float, limit: float) -> str:
    """Return whether an estimate that another choice moved by `moved` is still the answer.

    Examples:
    >>> [verdict(-2.0, moved, 1.0) for moved in (0.9, 1.5, 2.5)], verdict(-2.0, 0.5, math.nan)
    (['holds', 'moves', 'turns'], 'unknown')

    """
    if not (math.isfinite(moved) and math.isfinite(limit)):
        return "unknown"
    if abs(moved) <= limit:
        return "holds"
    return "turns" if planned * (planned + moved) < 0 else "moves"


def _warning(row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    code, figure = row["estimand"], float(row["estimate"])
    said = row["specification"]
    if not code:  # the question could not be looked at
        return _row(row, words("check_none"), math.nan, math.nan, said, words)
    moves = code.endswith("_moves_it")
    estimate, moved = (math.nan, figure) if moves else (figure, math.nan)
    return _row(row, words(f"warning_{code}"), estimate, moved, said, words)


def _row(
    row: Mapping[str, Any], check: str, estimate: float, moved: float, said: str, words: Words
) -> dict[str, Any]:
    who = words(f"among_{row['population']}")
    return {
        "outcome": f"{words.subject(row['outcome'], row['school_form'])}, {who}",
        "school form": words.form(row["school_form"]),
        "check": check,
        "estimate": estimate,
        "moved": moved,
        "unit": words.unit(row["unit"]),
        "verdict": words(f"verdict_{said}") if said else "",
        "_place": _ORDER.index(said) if said else -1,
    }
