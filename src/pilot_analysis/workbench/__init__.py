"""What a notebook needs around its calls: checked parameters, the panel, saved results, tables.

Notebooks define no functions and name no paths; they start a workbench and hand it results. Inputs
and outputs are in `core`, tables of the panel in `descriptives`, figures in `drawings`, sentences
and verdicts in `findings`, and `tables` lays tables out.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pilot_analysis import figures, registry
from pilot_analysis.parameters import Parameters
from pilot_analysis.words import show_whose
from pilot_analysis.workbench.drawings import Drawings
from pilot_analysis.workbench.findings import Findings
from pilot_analysis.workbench.tables import (
    coverage_table,
    quality_table,
    remarks_table,
    show,
    show_checks,
    show_estimates,
    show_groups,
)

__all__ = [
    "Workbench",
    "coverage_table",
    "quality_table",
    "remarks_table",
    "show",
    "show_checks",
    "show_estimates",
    "show_groups",
    "start",
]


class Workbench(Drawings, Findings):
    """One notebook's inputs and outputs.

    `results_dir` receives `estimates/<notebook>.parquet`, `figures/`, and what was withheld as
    `withheld/<notebook>.json`.
    """


def start(notebook: str, variables: Mapping[str, Any]) -> Workbench:
    """Return the workbench of a notebook, its parameters checked.

    `variables` are the notebook's own (`locals()`); only declared parameters are read. A notebook
    that is no part of the workflow reads those it has.
    """
    own = [name for name in Parameters.model_fields if name in variables]
    row = registry.notebooks().get(notebook)
    given = {name: variables[name] for name in (row.parameters if row else own)}
    bench = Workbench(
        notebook,
        Parameters.model_validate(given),
        Path(variables["processed_dir"]),
        Path(variables["results_dir"]),
    )
    bench.forget_figures()
    show_whose(bench.description, bench.parameters, bench.school_forms)
    figures.theme()
    return bench
