"""`pilot`: the command line. Imports are local to commands, so that `--help` answers at once."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from pilot_analysis.errors import PilotError

EPILOG_EXIT = "Exit codes: 0 done, 1 the data or results fail a check, 2 wrong use."


def fail(message: str, code: int = 1) -> None:
    """Print a message for the user and end without a traceback."""
    click.echo(f"pilot: {message}", err=True)
    sys.exit(code)


@contextmanager
def mistakes_explained() -> Iterator[None]:
    """Turn the errors that users cause into messages and exit codes."""
    try:
        yield
    except PilotError as error:
        fail(str(error), error.exit_code)
    except FileNotFoundError as error:
        fail(str(error), 1)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG_EXIT,
)
@click.version_option(package_name="pilot-analysis", prog_name="pilot")
def main() -> None:
    """Evaluate Linköping's full-time-mentor pilot, from school exports to report."""


def _example(text: str) -> str:
    return f"\b\nExamples:\n{text}\n\n{EPILOG_EXIT}"


@main.command(
    epilog=_example(
        "  pilot simulate --out data/raw\n  pilot simulate --out demo --off closer_reporting"
    )
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data/raw"),
    show_default=True,
    help="Folder for the exports.",
)
@click.option(
    "--scenario",
    default="linkoping",
    show_default=True,
    type=click.Choice(["linkoping", "neighbours", "small"]),
)
@click.option(
    "--off",
    multiple=True,
    metavar="NUISANCE",
    help="Switch a nuisance off (repeat; 'all' for every one).",
)
@click.option(
    "--effect-scale",
    type=float,
    default=1.0,
    show_default=True,
    help="Multiply the true effects; 0 for none.",
)
@click.option(
    "--scale", type=click.IntRange(1), default=1, show_default=True, help="Times as many schools."
)
@click.option(
    "--seed", type=click.IntRange(0), default=None, help="Seed; default that of the scenario."
)
@click.option("--messy", is_flag=True, help="Write the same data as messy as the contract allows.")
def simulate(out: Path, scenario: str, off: tuple[str, ...], effect_scale: float, scale: int,
             seed: int | None, messy: bool) -> None:  # fmt: skip
    """Write synthetic exports with known true effects, and truth.json beside them."""
    from dataclasses import replace

    from pilot_analysis.synthetic import SCENARIOS
    from pilot_analysis.synthetic.export import simulate as write
    from pilot_analysis.synthetic.mess import make_messy

    chosen = SCENARIOS[scenario].scaled(scale)
    if seed is not None:
        chosen = replace(chosen, seed=seed)
    if off:
        try:
            chosen = chosen.without(*(() if "all" in off else off))
        except ValueError as error:
            fail(str(error), 2)
    _refuse_real(out)
    begun = time.monotonic()
    truth = write(replace(chosen, effect_scale=effect_scale), out)
    if messy:
        make_messy(out, out)
    rows: Any = truth["rows"]
    click.echo(
        f"{rows['franvaro']:,} absence reports of {scenario} in {out} "
        f"({time.monotonic() - begun:.1f} s). {truth['notice']}"
    )


def _refuse_real(folder: Path) -> None:
    """Never write synthetic exports over files the generator did not write."""
    from pilot_analysis.ingest import IngestError, synthetic_truth

    if not any(folder.glob("*.csv")):
        return
    try:
        if synthetic_truth(folder) is not None:
            return
    except IngestError:
        pass
    fail(f"{folder} holds exports that are not synthetic; name an empty folder with --out", 2)


@main.command(name="ingest", epilog=_example("  pilot ingest --raw data/raw --out data/processed"))
@click.option(
    "--raw", type=click.Path(path_type=Path), required=True, help="Folder with the exports."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the processed tables.",
)
def ingest_command(raw: Path, out: Path) -> None:
    """Turn raw exports into processed tables and quality.json; all problems are told at once."""
    with mistakes_explained():
        from pilot_analysis.ingest import ingest

        report = ingest(raw, out)
        read = sum(entry["rows_read"] for entry in report["files"])
        kept = sum(entry["rows_kept"] for entry in report["files"])
        click.echo(f"{read:,} rows read, {kept:,} kept, {read - kept:,} dropped by rule; see "
                   f"{out / 'quality.json'}")  # fmt: skip


@main.command(epilog=_example("  pilot check data/raw\n  pilot check exports --json"))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check(folder: Path, as_json: bool) -> None:
    """Check raw exports against the contract and tell all problems; nothing is written."""
    import tempfile

    from pilot_analysis.ingest import IngestError, ingest

    with mistakes_explained(), tempfile.TemporaryDirectory() as scratch:
        try:
            ingest(folder, Path(scratch), key=b"only checking")
        except IngestError as error:
            if as_json:
                click.echo(json.dumps([p.as_dict() for p in error.problems], ensure_ascii=False))
            else:
                click.echo(str(error))
            sys.exit(1)
    click.echo("[]" if as_json else f"{folder}: no problems")


@main.command(epilog=_example(
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
        config = _configure(scenario, raw, out, values)
        sys.exit(_snakemake(config, cores or os.cpu_count() or 1))


def _configure(
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


def _snakemake(config: dict[str, Any], cores: int) -> int:
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


# --- Steps, called by the workflow -----------------------------------------------------------


@main.command(hidden=True)
@click.argument("name", type=click.Choice(["simulate", "ingest", "notebook", "report", "publish"]))
@click.option("--config", "config_file", type=click.Path(path_type=Path), required=True)
@click.option("--name", "notebook", default=None)
def step(name: str, config_file: Path, notebook: str | None) -> None:
    """Do one step of the workflow."""
    config = json.loads(config_file.read_text(encoding="utf-8"))
    begun = time.monotonic()
    with mistakes_explained():
        _STEPS[name](config, notebook)
    seconds = time.monotonic() - begun
    shown = notebook or name
    times = Path(config["work"]) / "times"
    times.mkdir(exist_ok=True)
    (times / shown).write_text(f"{seconds:.2f}")
    click.echo(f"pilot:   {shown:<20} {seconds:6.1f} s")


def _step_simulate(config: dict[str, Any], _: str | None) -> None:
    from pilot_analysis.synthetic import SCENARIOS
    from pilot_analysis.synthetic.export import simulate as write

    raw = Path(config["raw"])
    _refuse_real(raw)
    write(SCENARIOS["linkoping"], raw)
    (raw / ".simulated").touch()


def _step_ingest(config: dict[str, Any], _: str | None) -> None:
    from pilot_analysis.ingest import ingest

    ingest(Path(config["raw"]), Path(config["processed"]))
    (Path(config["processed"]) / ".ingested").touch()


def _step_notebook(config: dict[str, Any], name: str | None) -> None:
    from pilot_analysis import runs

    work = Path(config["work"])
    (work / "results").mkdir(exist_ok=True)
    values = json.loads((work / "parameters" / f"{name}.json").read_text(encoding="utf-8"))
    runs.execute_notebook(
        str(name), values, Path(config["processed"]), work / "results", work / "notebooks",
        Path(config["out"]) / "failed",
    )  # fmt: skip


def _step_report(config: dict[str, Any], _: str | None) -> None:
    from pilot_analysis import estimates
    from pilot_analysis.report import board

    work = Path(config["work"])
    parts = [work / "results" / "estimates" / f"{name}.parquet" for name in config["estimating"]]
    table = estimates.combine(estimates.read(path) for path in parts)
    estimates.write(table, work / "estimates.parquet")
    board.write(table, Path(config["processed"]), work / "results" / "figures", work / "report")
    (work / "report" / "done").touch()


def _step_publish(config: dict[str, Any], _: str | None) -> None:
    from pilot_analysis import parameters, runs

    work, out = Path(config["work"]), Path(config["out"])
    figures = Path(config["figures"]) if config["figures"] else None
    made = runs.publish(work, out, figures)
    seconds = {p.name: float(p.read_text()) for p in (work / "times").iterdir()}
    found = runs.manifest(
        raw=Path(config["raw"]), processed=Path(config["processed"]),
        parameters=parameters.Parameters.model_validate(config["parameters"]), made=made, out=out,
        seconds=seconds,
    )  # fmt: skip
    runs.write_if_changed(
        out / "manifest.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    )
    (work / "published").touch()


_STEPS: dict[str, Callable[[dict[str, Any], str | None], None]] = {
    "simulate": _step_simulate,
    "ingest": _step_ingest,
    "notebook": _step_notebook,
    "report": _step_report,
    "publish": _step_publish,
}

if __name__ == "__main__":
    main()
