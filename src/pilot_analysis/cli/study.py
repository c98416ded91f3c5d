"""`pilot study`: simulations and bootstraps whose blocks run side by side, here or on a cluster."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from pilot_analysis import atomic
from pilot_analysis.cli.common import example, mistakes_explained
from pilot_analysis.cli.workflow import cluster_options, snakemake
from pilot_analysis.errors import PilotError

SIZE_AND_POWER, BOOTSTRAP = "size_and_power", "bootstrap"


@click.command(epilog=example(
    "  pilot study size_and_power --panels 2000 --blocks 72\n"
    "  pilot study bootstrap --run reports/synthetic --draws 10000000 --blocks 20\n"
    "  pilot study size_and_power --profile workflow/profiles/slurm"))  # fmt: skip
@click.argument("name", type=click.Choice([SIZE_AND_POWER, BOOTSTRAP]))
@click.option("--blocks", type=click.IntRange(1, 5_000), default=8, show_default=True,
              help="Into how many jobs it is cut.")  # fmt: skip
@click.option("--panels", type=click.IntRange(40), default=2_000, show_default=True,
              help="Simulated panels a cell (size_and_power).")  # fmt: skip
@click.option("--draws", type=click.IntRange(99), default=999_999, show_default=True,
              help="Draws in all (bootstrap).")  # fmt: skip
@click.option(
    "--run",
    "run",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The run whose primary questions are tested (bootstrap) [default: reports/synthetic].",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder for the table [default: reports/study_<name>].",
)
@cluster_options
def study(name: str, blocks: int, panels: int, draws: int, run: Path | None, out: Path | None,
          cores: int | None, profile: Path | None) -> None:  # fmt: skip
    """Make a study in blocks that run side by side, into one table.

    size_and_power: how often every method rejects, by design (`models.study` holds the committed
    one). bootstrap: the planned questions about all pupils by a wild cluster bootstrap with as
    many draws as wanted. Blocks that are there are not made again.
    """
    with mistakes_explained():
        from pilot_analysis import runs
        from pilot_analysis.runs import lab

        folder = (out or runs.ROOT / "reports" / f"study_{name}").resolve()
        work = folder / ".work"
        wanted: dict[str, Any] = {"study": name, "blocks": blocks}
        if name == SIZE_AND_POWER:
            wanted |= {"panels": panels}
        else:
            from_run = lab.finished_run((run or runs.ROOT / "reports" / "synthetic").resolve())
            if from_run is None:
                raise PilotError("there is no finished run with its tables; name one with --run")
            wanted |= {"draws": draws, "processed": str(from_run.processed),
                       "parameters": from_run.parameters}  # fmt: skip
        config = wanted | {
            "root": str(runs.ROOT), "python": sys.executable, "work": str(work),
            "file": str(work / "study.json"), "collected": str(folder / f"{name}.csv"),
        }  # fmt: skip
        for path in (work / "study.json", work / "workflow.json"):
            atomic.write_if_changed(path, json.dumps(config, indent=1))
        code = snakemake(
            runs.ROOT / "workflow" / "study.smk", work, cores or os.cpu_count() or 1,
            shown=folder, told_in=[work], profile=profile,
        )  # fmt: skip
        if code == 0:
            click.echo(config["collected"])
        sys.exit(code)


def make_block(config: dict[str, Any], block: str | None) -> None:
    """Make one block of a study: a step of its workflow."""
    import pandas as pd

    name = str(block)
    number, blocks = int(name.removeprefix("block_")), config["blocks"]
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
    path = Path(config["work"]) / "blocks" / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    table.to_parquet(partial)
    os.replace(partial, path)


def gather(config: dict[str, Any], _: str | None) -> None:
    """Make a study's table out of its blocks: the last step of its workflow."""
    import pandas as pd

    from pilot_analysis import estimates

    work = Path(config["work"])
    blocks = [
        pd.read_parquet(work / "blocks" / f"block_{number:04d}.parquet")
        for number in range(config["blocks"])
    ]
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
    estimates.write_csv(table, Path(config["collected"]))


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
                    "outcome": described.name, "treatment": "treated", "cluster": "school",
                    "absorb": (described.absorb, "term"), "weights": described.weights,
                }  # fmt: skip
                named = {"claim": described.claim, "school_form": form, "population": ALL_PUPILS,
                         "unit": described.unit, "scale": described.scale,
                         "specification": "bootstrap study"}  # fmt: skip
                yield built.form(form), arguments, values.seed, named
