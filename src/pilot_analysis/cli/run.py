"""`pilot run`: configure a run and drive the workflow."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

from pilot_analysis.cli.common import example, mistakes_explained
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
@click.option("--cores", type=click.IntRange(1), default=None, help="Steps at once [default: all].")
def run(scenario: Path | None, raw: Path | None, out: Path | None, overrides: tuple[str, ...],
        cores: int | None) -> None:  # fmt: skip
    """Run the whole evaluation; only what changed is done again."""
    with mistakes_explained():
        from pilot_analysis import parameters, runs

        values = parameters.load(scenario, overrides, default=runs.ROOT / "params" / "default.yml")
        config = configure(scenario, raw, out, values)
        sys.exit(drive(config, cores or os.cpu_count() or 1))


def configure(
    scenario: Path | None, raw: Path | None, out: Path | None, values: Any
) -> dict[str, Any]:
    """Write a run's configuration and parameter files; unchanged ones keep their times."""
    from pilot_analysis import runs

    default_raw = runs.ROOT / "data" / "raw"
    folder = default_raw if raw is None else raw
    exports = sorted(str(p.resolve()) for p in folder.glob("*.csv")) if folder.is_dir() else []
    truth = folder / "truth.json"
    synthetic = truth.exists()
    simulate = raw is None and (not exports or (synthetic and _is_default(truth)))
    if raw is not None and not exports:
        raise PilotError(f"{folder}: holds no exports (*.csv); name their folder with --raw")
    if out is None:
        name = scenario.stem if scenario else "synthetic" if simulate or synthetic else "run"
        out = runs.ROOT / "reports" / name
    out = out.resolve()
    is_default = (
        simulate and out == runs.ROOT / "reports" / "synthetic" and values == type(values)()
    )
    shared = raw is None
    work = out / ".work"
    config = {
        "root": str(runs.ROOT),
        "python": sys.executable,
        "raw": str(folder.resolve()),
        "processed": str(runs.ROOT / "data" / "processed" if shared else out / "processed"),
        "work": str(work),
        "out": str(out),
        "figures": str(runs.ROOT / "figures") if is_default else None,
        "simulate": simulate,
        "raw_files": exports + ([str(truth.resolve())] if synthetic else []),
        "notebooks": list(runs.NOTEBOOKS),
        "estimating": list(runs.ESTIMATING),
        "parameters": values.model_dump(),
        "file": str(work / "config.json"),
    }
    work.mkdir(parents=True, exist_ok=True)
    runs.write_if_changed(work / "config.json", json.dumps(config, indent=1))
    for name in runs.NOTEBOOKS:
        runs.write_if_changed(
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


def drive(config: dict[str, Any], cores: int) -> int:
    """Drive the workflow; print one line a step. Returns the exit code."""
    work = Path(config["work"])
    log = work / "workflow.log"
    command = [
        sys.executable, "-m", "snakemake", "--snakefile",
        str(Path(config["root"]) / "workflow" / "Snakefile"), "--directory", str(work),
        "--configfile", config["file"], "--cores", str(cores), "--quiet", "all",
        "--rerun-triggers", "mtime", "--rerun-incomplete", "--nolock", "--keep-going",
    ]  # fmt: skip
    environment = os.environ | {"PILOT_STEP": "1"}
    begun = time.monotonic()
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        )
        assert process.stdout is not None
        steps = 0
        for line in process.stdout:
            if line.startswith("pilot: "):
                steps += 1
                click.echo(line.removeprefix("pilot: ").rstrip())
        code = process.wait()
    if code:
        told = [
            line.removeprefix("pilot: ").rstrip("\n")
            for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
            if line.startswith(("pilot: ", "  ")) and not line.startswith(("    ", "  File"))
        ]
        message = "\n".join(told) or f"the workflow failed; see {log}"
        click.echo(f"pilot: {message}", err=True)
        click.echo(f"pilot: earlier results in {config['out']} are as they were", err=True)
        return 1
    done = "nothing to do" if steps == 0 else f"{steps} steps"
    click.echo(f"{config['out']}: {done} ({time.monotonic() - begun:.1f} s)")
    return 0
