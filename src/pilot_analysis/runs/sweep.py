"""The end of a sweep: one table and one figure for all its runs."""

import json
from pathlib import Path

import pandas as pd

from pilot_analysis import estimates, figures, plan
from pilot_analysis.evaluation.claims import headline
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.runs.execute import SWEEP_FILE
from pilot_analysis.words import form_name, outcome_title


def collect(folder: Path) -> pd.DataFrame:
    """Write sweep.csv (a row a run and primary estimate) and a figure a planned question.

    `folder` holds sweep.json, which lists the runs and what each varied. Returns the table.
    """
    listed = json.loads((folder / SWEEP_FILE).read_text(encoding="utf-8"))
    parts = []
    for entry in listed["runs"]:
        rows = headline(estimates.read(folder / entry["name"] / "estimates.parquet"))
        # A parameter may be called as a column of the estimates is (ci_level).
        varied = {f"parameter_{name}": value for name, value in entry["varied"].items()}
        parts.append(rows.assign(run=entry["name"], **varied))
    table = pd.concat(parts, ignore_index=True)
    names = list(listed["runs"][0]["varied"])
    table = table[
        ["run", *(f"parameter_{n}" for n in names), *(c for c in estimates.COLUMNS if c in table)]
    ]
    synthetic = bool(listed["synthetic"])
    for question in plan.load().primary:
        for form in sorted(set(table["school_form"]) - {""}):
            rows = table[
                (table["outcome"] == question.outcome)
                & (table["school_form"] == form)
                & (table["population"] == question.population)
            ]
            rows = rows[rows["estimate"].notna()].reset_index(drop=True)
            if rows.empty:
                continue
            labels = [
                ", ".join(f"{n} {r[f'parameter_{n}']}" for n in names)
                for r in rows.to_dict("records")
            ]
            described = OUTCOMES[question.outcome]
            figure = figures.coefficients(
                rows, labels, title=f"{outcome_title(described.name, 'en')}, {form_name(form, 'en')}: a sweep", truth=None,
                unit=described.unit, synthetic=synthetic,
            )  # fmt: skip
            stem = f"{question.outcome}_{question.population}_{form}"
            figures.save(figure, folder / "figures" / stem, rows)
    estimates.write_csv(table, folder / "sweep.csv")
    return table
