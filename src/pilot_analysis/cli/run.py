"""`pilot run`: configure a run and drive the workflow."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from pilot_analysis import atomic
from pilot_analysis.cli.common import example, mistakes_explained
from pilot_analysis.cli.workflow import cluster_options, snakemake
from pilot_analysis.errors import PilotError


@click.command(epilog=example(
    "  pilot run\n  pilot run params/no_remote_weeks.yml\n"
    "  pilot run --raw exports --out reports/ours -p ci_level=0.9"))  # fmt: skip
@click.argument("scenario", required=False, type=click.Path(path_type=Path))
@click.option(
    "--raw",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder with the exports [default: data/raw, simulated when empty].",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder for the results [default: reports/<scenario>].",
)
@click.option("-p", "overrides", multiple=True, metavar="NAME=VALUE", help="Change one parameter.")
@cluster_options
def run(scenario: Path | None, raw: Path | None, out: Path | None, overrides: tuple[str, ...],
        cores: int | None, profile: Path | None) -> None:  # fmt: skip
    """Run the whole evaluation; only what changed is done again."""
    with mistakes_explained():
        from pilot_analysis import parameters, runs

        values = parameters.load(scenario, overrides, default=runs.ROOT / "params" / "default.yml")
        config = configure(scenario, raw, out, values)
        sys.exit(drive([config], cores or os.cpu_count() or 1, profile=profile))


def configure(
    scenario: Path | None, raw: Path | None, out: Path | None, values: Any, *,
    processed: Path | None = None, notebooks: Sequence[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write a run's configuration and parameter files; unchanged ones keep their times.

    `processed` is where the tables go when several runs share them; `notebooks` leaves out the
    others, and with them the report.
    """
    from pilot_analysis import runs
    from pilot_analysis.ingest.intake.folder import inputs

    default_raw = runs.ROOT / "data" / "raw"
    folder = default_raw if raw is None else raw
    truth = folder / "truth.json"
    exports = [str(p.absolute()) for p in inputs(folder) if p != truth]
    synthetic = truth.exists()
    simulate = raw is None and (not exports or (synthetic and _is_default(truth)))
    if raw is not None and not exports:
        raise PilotError(f"{folder}: holds no exports; name their folder with --raw")
    if out is None:
        name = scenario.stem if scenario else "synthetic" if simulate or synthetic else "run"
        out = runs.ROOT / "reports" / name
    out = out.resolve()
    is_default = (
        simulate and out == runs.ROOT / "reports" / "synthetic" and values == type(values)()
    )
    if processed is None:
        processed = runs.ROOT / "data" / "processed" if raw is None else out / "processed"
    chosen = list(notebooks or runs.NOTEBOOKS)
    work = out / ".work"
    config = {
        "root": str(runs.ROOT),
        "python": sys.executable,
        "raw": str(folder.resolve()),
        "processed": str(processed.resolve()),
        "work": str(work),
        "out": str(out),
        "figures": str(runs.ROOT / "figures") if is_default else None,
        "simulate": simulate,
        "raw_files": exports + ([str(truth.absolute())] if synthetic else []),
        "notebooks": chosen,
        "estimating": [name for name in runs.ESTIMATING if name in chosen],
        "board": notebooks is None,
        "parameters": values.model_dump(),
        "file": str(work / "config.json"),
    }
    work.mkdir(parents=True, exist_ok=True)
    atomic.write_if_changed(work / "config.json", json.dumps(config, indent=1))
    atomic.write_if_changed(
        work / "parameters" / "run.json", json.dumps(values.model_dump(), indent=1)
    )
    # Beside the tables, which runs may share: others made them otherwise.
    atomic.write_if_changed(processed / ".aliases.json", json.dumps(values.how_to_read(), indent=1))
    for name in chosen:
        atomic.write_if_changed(
            work / "parameters" / f"{name}.json", json.dumps(values.for_notebook(name), indent=1)
        )
    return config


def _is_default(truth: Path) -> bool:
    """Say whether `data/raw` holds the default scenario, which a run may write again."""
    from pilot_analysis.synthetic import SCENARIOS

    try:
        found = json.loads(truth.read_text(encoding="utf-8"))
    except ValueError:
        return False
    default = SCENARIOS["linkoping"]
    return (
        found.get("scenario") == default.name
        and found.get("seed") == default.seed
        and found.get("messy") is None
        and found.get("effect_scale") == default.effect_scale
        and all(entry["on"] for entry in found.get("nuisances", {}).values())
    )


def _is_read_by_parts(config: dict[str, Any]) -> bool:
    """Say whether each export can be read by a job of its own: files of other kinds cannot."""
    from pilot_analysis.ingest.intake.exports import is_plain_folder

    return not config["simulate"] and is_plain_folder(Path(config["raw"]))


def drive(
    configs: Sequence[dict[str, Any]], cores: int, *, work: Path | None = None,
    collected: Path | None = None, profile: Path | None = None,
) -> int:  # fmt: skip
    """Drive the workflow of one run, or of several that share their ingest; returns the exit code.

    Prints one line a step. `collected` is a file that a last step makes from all runs; `profile` is
    a Snakemake profile that says on which cluster steps run.
    """
    from pilot_analysis.runs.freshness import Freshness

    first = configs[0]
    work = Path(first["work"]) if work is None else work
    work.mkdir(parents=True, exist_ok=True)
    common = {k: first[k] for k in ("root", "python", "raw", "processed", "simulate", "raw_files")}
    atomic.write_if_changed(
        work / "workflow.json",
        json.dumps(
            common
            | {"runs": list(configs), "collected": str(collected or "")}
            | {"by_parts": profile is not None and _is_read_by_parts(first)},
            indent=1,
        ),
    )
    snakefile = Path(first["root"]) / "workflow" / "Snakefile"
    shown = Path(first["out"]) if len(configs) == 1 else work.parent
    folders = [Path(config["work"]) for config in configs]
    code = snakemake(
        snakefile, work, cores, shown=shown, told_in=folders, profile=profile,
        first=lambda: [Freshness(config).discard() for config in configs],
    )  # fmt: skip
    if code == 0 and (left := {name for c in configs for name in Freshness(c).stale()}):
        click.echo(
            f"pilot: {', '.join(sorted(left))}: changed while the run was at work; give the same "
            "command again", err=True,
        )  # fmt: skip
        return 1
    return code
