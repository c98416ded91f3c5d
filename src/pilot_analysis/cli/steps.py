"""The steps of a run, called by the workflow; not meant for users."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pilot_analysis import atomic
from pilot_analysis.cli import study
from pilot_analysis.cli.common import ONE_THREAD, language_of_locale, refuse_real
from pilot_analysis.cli.workflow import tell
from pilot_analysis.errors import PilotError


def _step_simulate(config: dict[str, Any], _: str | None) -> None:
    from pilot_analysis.synthetic import SCENARIOS
    from pilot_analysis.synthetic.export import simulate as write

    raw = Path(config["raw"])
    refuse_real(raw)
    write(SCENARIOS["linkoping"], raw)


def _step_read(config: dict[str, Any], name: str | None) -> None:
    from pilot_analysis.ingest import read_part

    read_part(
        Path(config["raw"]), str(name), Path(config["processed"]),
        aliases=config["parameters"]["aliases"],
    )  # fmt: skip


def _step_ingest(config: dict[str, Any], how: str | None) -> list[str]:
    from pilot_analysis.ingest import Rules, ingest

    parameters = config["parameters"]
    quality = ingest(
        Path(config["raw"]), Path(config["processed"]), aliases=parameters["aliases"],
        rules=Rules.among(parameters), by_parts=how == "by_parts",
    )  # fmt: skip
    n = len(quality["remarks"])
    return [f"{n} remark{'s' * (n > 1)} on the exports: see notebook 01, pilot check"] if n else []


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
    from pilot_analysis import disclosure, estimates, parameters, plan
    from pilot_analysis.report import board

    work = Path(config["work"])
    parts = [work / "results" / "estimates" / f"{name}.parquet" for name in config["estimating"]]
    exact = estimates.combine(estimates.read(path) for path in parts)
    # All digits stay in the working folder: `private` is never published.
    estimates.write(exact, work / "private" / "estimates.parquet")
    table, few = disclosure.published(exact)
    estimates.write(table, work / "estimates.parquet")
    quality, withheld = disclosure.protect_quality(_quality(Path(config["processed"])))
    _write_json(work / "quality.json", quality)
    _write_json(
        work / "disclosure.json",
        disclosure.record(work / "results" / "withheld", [*few, *withheld]),
    )
    (work / "report").mkdir(exist_ok=True)
    if config["board"]:
        values = parameters.Parameters.model_validate(config["parameters"])
        figures = work / "results" / "figures"
        board.write(board.Material(table, quality, figures, plan.load(), values), work / "report")


def _step_site(config: dict[str, Any], _: str | None) -> None:
    from pilot_analysis import parameters, runs
    from pilot_analysis.cli.report import write_site

    work = Path(config["work"])
    values = parameters.Parameters.model_validate(config["parameters"])
    quality = _quality(work)
    write_site(
        work, quality, runs.provenance(quality, values), notebooks=work / "notebooks",
        figures=work / "results" / "figures", report=work / "report", out=work,
    )  # fmt: skip


def _write_json(path: Path, content: dict[str, Any]) -> None:
    atomic.write_if_changed(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _quality(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
    return found


def _step_publish(config: dict[str, Any], _: str | None) -> None:
    from pilot_analysis import parameters, runs

    work, out = Path(config["work"]), Path(config["out"])
    figures = Path(config["figures"]) if config["figures"] else None
    runs.check_disclosure(work)
    made = runs.publish(work, out, figures)
    seconds = {p.name: float(p.read_text()) for p in (work / "times").iterdir()}
    found = runs.manifest(
        raw=Path(config["raw"]), processed=Path(config["processed"]),
        parameters=parameters.Parameters.model_validate(config["parameters"]), made=made, out=out,
        seconds=seconds,
    )  # fmt: skip
    _write_json(out / "manifest.json", found)


def _step_collect(config: dict[str, Any], _: str | None) -> None:
    from pilot_analysis.runs.sweep import collect

    collect(Path(config["sweep"]))


_STEPS: dict[str, Callable[[dict[str, Any], str | None], list[str] | None]] = {
    "simulate": _step_simulate,
    "read": _step_read,
    "ingest": _step_ingest,
    "notebook": _step_notebook,
    "report": _step_report,
    "site": _step_site,
    "publish": _step_publish,
    "collect": _step_collect,
    "block": study.make_block,
    "gather": study.gather,
}


_STAMPED = ("simulate", "ingest", "notebook", "report", "site", "publish")


def _stamped(name: str, config: dict[str, Any], part: str | None) -> list[str] | None:
    """Do a step and stamp it with what it was made from."""
    if name not in _STAMPED:
        return _STEPS[name](config, part)
    from pilot_analysis.runs.freshness import Freshness

    step = str(part) if name == "notebook" else name
    before = Freshness(config)
    key = before.key(step)
    if name == "publish" and (left := [s for s in before.stale() if s != "publish"]):
        raise PilotError(
            f"not published: {', '.join(left)} was not made from the same inputs as the rest; "
            "give the same command again"
        )
    remarks = _STEPS[name](config, part)
    Freshness(config).write(step, key)
    return remarks


@click.command(hidden=True)
@click.argument("name", type=click.Choice(list(_STEPS)))
@click.option("--config", "config_file", type=click.Path(path_type=Path), required=True)
@click.option("--name", "part", default=None)
def step(name: str, config_file: Path, part: str | None) -> None:
    """Do one step of a workflow; `--name` is the notebook, file or block it is done for."""
    os.environ.update(ONE_THREAD)  # before anything loads numpy; kernels inherit it
    config = json.loads(config_file.read_text(encoding="utf-8"))
    work, shown = Path(config["work"]), part or name
    begun = time.monotonic()
    try:
        remarks = _stamped(name, config, part)
    except (PilotError, OSError) as error:
        told = getattr(error, "told", None)  # problems of the exports, in the reader's language
        tell(work, shown, told(language_of_locale()) if told else str(error), failed=True)
        sys.exit(1)
    seconds = time.monotonic() - begun
    times = work / "times"
    times.mkdir(exist_ok=True)
    (times / shown).write_text(f"{seconds:.2f}")
    lines = [f"  {line}" for line in remarks or ()]
    tell(work, shown, "\n".join([*lines, f"  {shown:<20} {seconds:6.1f} s"]))
