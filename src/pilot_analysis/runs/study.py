"""Studies: simulations and bootstraps whose blocks run side by side, into one table."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.errors import PilotError
from pilot_analysis.files import whole, write_json
from pilot_analysis.runs.configure import make_private, private
from pilot_analysis.runs.lab import finished_run
from pilot_analysis.runs.stamps import Step

if TYPE_CHECKING:
    from pilot_analysis.runs.workflow import Maker

SIZE_AND_POWER, BOOTSTRAP = "size_and_power", "bootstrap"


def configure(name: str, amount: dict[str, int], run: Path, folder: Path) -> dict[str, Any]:
    """Write a study's configuration; `amount` says how large it is, `run` whose data are tested."""
    work = private(folder)
    make_private(work)
    config: dict[str, Any] = {"study": name, **amount}
    if name == BOOTSTRAP:
        from_run = finished_run(run)
        if from_run is None:
            raise PilotError("there is no finished run with its tables; name one with --run")
        config |= {"processed": str(from_run.processed), "parameters": from_run.parameters}
    config |= {
        "python": sys.executable,
        "work": str(work),
        "file": str(work / "study.json"),
        "collected": str(folder / f"{name}.csv"),
    }
    write_json(work / "study.json", config)
    return config


def make_block(config: dict[str, Any], number: int) -> Path:
    """Make one block of a study, of which there are `config["blocks"]`; returns its file."""
    blocks = config["blocks"]
    if config["study"] == SIZE_AND_POWER:
        from pilot_analysis.inference import size_and_power

        cells = size_and_power.cells()[number::blocks]
        rows = [row for cell in cells for row in size_and_power.run_cell(cell, config["panels"])]
        table = pd.DataFrame(rows)
    else:
        from pilot_analysis.inference import few_clusters

        draws = config["draws"] // blocks + (number < config["draws"] % blocks)
        parts = [
            few_clusters.wild_cluster_bootstrap_block(
                data, draws=draws, seed=seed, block=number, **question
            ).assign(question=i)
            for i, (data, question, seed, _named) in enumerate(_questions(config))
        ]
        table = pd.concat(parts, ignore_index=True)
    path = _block(config, number)
    with whole(path) as partial:
        table.to_parquet(partial)
    return path


def _block(config: dict[str, Any], number: int) -> Path:
    return Path(config["work"]) / "blocks" / f"block_{number:04d}.parquet"


def gather(config: dict[str, Any]) -> Path:
    """Make a study's table out of its blocks; returns its file."""
    blocks = [pd.read_parquet(_block(config, number)) for number in range(config["blocks"])]
    if config["study"] == SIZE_AND_POWER:
        from pilot_analysis.inference import size_and_power

        order = {cell: i for i, cell in enumerate(size_and_power.cells())}
        every = pd.concat(blocks, ignore_index=True)
        position = [order[size_and_power.cell_of(row)] for row in every.to_dict("records")]
        table = every.iloc[pd.Series(position).sort_values(kind="stable").index].round(4)
    else:
        from pilot_analysis.inference import choice, few_clusters

        rows = []
        for i, (data, question, _seed, named) in enumerate(_questions(config)):
            own = [part[part["question"] == i] for part in blocks]
            found = few_clusters.wild_cluster_bootstrap_from_blocks(data, own, **question)
            smallest = choice.Design.of_schools(data[data[question["outcome"]].notna()]).smallest_p
            rows.append(estimates.label(choice.limit_by_design(found, smallest), **named))
        table = estimates.combine(rows)
    path = Path(config["collected"])
    path.parent.mkdir(parents=True, exist_ok=True)
    estimates.write_csv(table, path)
    return path


def _questions(
    config: dict[str, Any],
) -> Iterator[tuple[Any, dict[str, Any], int, dict[str, Any]]]:
    """Give the planned questions about all pupils: data, arguments, seed, and names for the row."""
    from pilot_analysis import panel, plan
    from pilot_analysis.evaluation.fitting import ALL_PUPILS
    from pilot_analysis.parameters import Parameters

    values = Parameters.model_validate(config["parameters"])
    built = panel.build(Path(config["processed"]), values)
    for question in plan.load().primary:
        if question.population != ALL_PUPILS:
            continue
        described = panel.OUTCOMES[question.outcome]
        for form in built.school_forms:
            if described.exists_in(form):
                arguments = {
                    "outcome": described.name,
                    "treatment": "treated",
                    "cluster": "school",
                    "absorb": (described.absorb, "term"),
                    "weights": described.weights,
                }
                named = {
                    "claim": described.claim,
                    "school_form": form,
                    "population": ALL_PUPILS,
                    "unit": described.unit,
                    "scale": described.scale,
                    "specification": "bootstrap study",
                }
                yield built.form(form), arguments, values.seed, named


def study_steps(make: "Maker", config: dict[str, Any]) -> list[Step]:
    """Return the steps of a study: its blocks, then the table."""
    own = {k: v for k, v in config.items() if k not in ("python", "work", "file", "collected")}
    tables = sorted(Path(config["processed"]).glob("*.parquet")) if "processed" in config else []
    blocks = [
        make.step(
            f"block_{number:04d}", "block", config, part=str(number), files=tables, settings=own
        )
        for number in range(config["blocks"])
    ]
    last = make.step(
        "gather",
        "gather",
        config,
        files=tables,
        settings=[own, config["collected"]],
        needs=tuple(step.name for step in blocks),
    )
    return [*blocks, last]
