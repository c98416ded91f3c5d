"""The plan's subgroups: how each kind of school's pupils of a kind changed, without any test."""

import math
from collections.abc import Iterator

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.evaluation.fitting import ALL_PUPILS
from pilot_analysis.forms import in_order
from pilot_analysis.panel import Outcome

MODEL = "subgroups, described only"
CHANGE = {"pilot": "change_pilot", "comparison": "change_comparison"}


def rows(table: pd.DataFrame, outcome: Outcome, *, least: int) -> pd.DataFrame:
    """Return `panel.subgroup_changes`, as it may be shown, as estimates rows without intervals.

    `specification` is the column and its level (`sex=girl`), `estimand` whose schools' change. Of fewer
    than `least` pupils, or such that they could be found from these, nothing is told.
    """
    made = []
    for row in table.to_dict("records"):
        known = math.isfinite(row["change"])
        made.append(
            {
                "claim": outcome.claim,
                "outcome": outcome.name,
                "school_form": row["school_form"],
                "population": ALL_PUPILS,
                "estimand": CHANGE[row["schools"]],
                "model": MODEL,
                "specification": f"{row['group']}={row['level']}",
                "estimate": row["change"],
                "n_pupils": row["n_pupils"],
                "n_schools": row["n_schools"],
                "unit": outcome.unit,
                "method": "none",
            }
            | ({} if known else reasons.cells("few_pupils", least=least))
        )
    return estimates.table(made)


def changes(table: pd.DataFrame) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Give each group (`sex=girl`) and school form of `rows` once, with the change of each arm.

    Missing where it may not be told. Kinds of groups in their order; of one, groups that only a
    later school form has (upper secondary grades) come last.
    """
    forms = in_order(table["school_form"])
    there = {group: set(rows["school_form"]) for group, rows in table.groupby("specification")}
    kinds = [*dict.fromkeys(group.partition("=")[0] for group in table["specification"])]

    def place(key: tuple[str, str]) -> tuple[int, int]:
        group, _ = key
        return kinds.index(group.partition("=")[0]), min(map(forms.index, there[group]))

    parts = dict(iter(table.groupby(["specification", "school_form"], sort=False)))
    for group, form in sorted(parts, key=place):
        own = parts[group, form]
        change = own.set_index("estimand")["estimate"]
        yield group, form, {a: change.get(name, math.nan) for a, name in CHANGE.items()}
