"""The end of a sweep: one table and one figure for all its runs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import estimates, figures, plan
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.evaluation.claims import headline
from pilot_analysis.files import write_json
from pilot_analysis.forms import in_order
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import SWEEP_FILE
from pilot_analysis.runs.configure import Wish, configure, private
from pilot_analysis.words import words_in


def configure_runs(
    wanted: Sequence[tuple[str, Parameters]],
    folder: Path,
    raw: Path | None,
    notebooks: Sequence[str],
) -> list[dict[str, Any]]:
    """Write the configuration of every run of a sweep into `folder`, and `sweep.json`."""
    shared = None if raw is None else private(folder) / "processed"
    configs = []
    for name, values in wanted:
        config = configure(
            Wish(
                values,
                raw=raw,
                out=folder / name,
                processed=shared,
                work=private(folder) / name,
                notebooks=notebooks,
            )
        ) | {"sweep": str(folder)}
        write_json(Path(config["file"]), config)
        configs.append(config)
    used = [{k: str(v) for k, v in values.model_dump().items()} for _, values in wanted]
    moved = [k for k in used[0] if len({own[k] for own in used}) > 1]
    runs = [
        {"name": name, "varied": {k: own[k] for k in moved}}
        for (name, _), own in zip(wanted, used, strict=True)
    ]
    write_json(folder / SWEEP_FILE, {"synthetic": configs[0]["synthetic"], "runs": runs})
    return configs


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
    synthetic, words = bool(listed["synthetic"]), words_in(ENGLISH)
    for question in plan.load().primary:
        for form in in_order(table["school_form"]):
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
                rows,
                labels,
                title=words(
                    "figure_sweep_title",
                    outcome=words.outcome(described.name, form),
                    form=words.form(str(form)),
                ),
                truth=None,
                unit=described.unit,
                synthetic=synthetic,
            )
            stem = f"{question.outcome}_{question.population}_{form}"
            figures.save(figure, folder / "figures" / stem, rows)
    estimates.write_csv(table, folder / "sweep.csv")
    return table
