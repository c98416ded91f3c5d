"""The plan's subgroups: how each kind of school's pupils of a kind changed, without any test."""

import math
from collections.abc import Iterator

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.evaluation.fitting import ALL_PUPILS
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

    Missing where it may not be told.
    """
    for (group, form), own in table.groupby(["specification", "school_form"], sort=False):
        change = own.set_index("estimand")["estimate"]
        yield str(group), str(form), {a: change.get(name, math.nan) for a, name in CHANGE.items()}
