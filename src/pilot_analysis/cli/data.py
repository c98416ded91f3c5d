"""Commands on exports: simulate, ingest, check."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from pilot_analysis.cli.common import Progress, example, fail, mistakes_explained, refuse_real


@click.command(
    epilog=example(
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
    "--scale",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Times as many schools, made block by block.",
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

    chosen = SCENARIOS[scenario]
    if seed is not None:
        chosen = replace(chosen, seed=seed)
    if off:
        try:
            chosen = chosen.without(*(() if "all" in off else off))
        except ValueError as error:
            fail(str(error), 2)
    with mistakes_explained():
        refuse_real(out)
    begun = time.monotonic()
    truth = write(replace(chosen, effect_scale=effect_scale), out, scale=scale, tell=Progress())
    if messy:
        make_messy(out, out)
    rows: Any = truth["rows"]
    click.echo(
        f"{rows['franvaro']:,} absence reports of {scenario} in {out} "
        f"({time.monotonic() - begun:.1f} s). {truth['notice']}"
    )


_scenario = click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    default=None,
    help="Scenario whose `aliases` say what the exports call otherwise.",
)


@click.command(name="ingest", epilog=example("  pilot ingest --raw data/raw --out data/processed"))
@click.option(
    "--raw", type=click.Path(path_type=Path), required=True, help="Folder with the exports."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the processed tables.",
)
@_scenario
def ingest_command(raw: Path, out: Path, scenario: Path | None) -> None:
    """Turn raw exports into processed tables and quality.json; all problems are told at once."""
    with mistakes_explained():
        from pilot_analysis import parameters
        from pilot_analysis.ingest import ingest

        report = ingest(raw, out, aliases=parameters.load(scenario).aliases, tell=Progress())
        read = sum(entry["rows_read"] for entry in report["files"])
        kept = sum(entry["rows_kept"] for entry in report["files"])
        click.echo(f"{read:,} rows read, {kept:,} kept, {read - kept:,} dropped by rule; see "
                   f"{out / 'quality.json'}")  # fmt: skip
        _tell_remarks(report["remarks"])


@click.command(epilog=example("  pilot check data/raw\n  pilot check exports --json"))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@_scenario
def check(folder: Path, as_json: bool, scenario: Path | None) -> None:
    """Check raw exports against the contract and tell all problems; nothing is written.

    Problems that stop ingest come first; remarks are counted, dropped or capped by rule. Exit code
    1 with either, 0 without.
    """
    import tempfile

    from pilot_analysis.ingest import IngestError, ingest

    problems: list[dict[str, Any]] = []
    with mistakes_explained(), tempfile.TemporaryDirectory() as scratch:
        from pilot_analysis import parameters

        aliases = parameters.load(scenario).aliases
        try:
            problems = ingest(
                folder, Path(scratch), key=b"only checking", aliases=aliases, tell=Progress()
            )["remarks"]
        except IngestError as error:
            problems = [p.as_dict() for p in error.problems]
            if not as_json:
                click.echo(str(error))
                sys.exit(1)
    if as_json:
        click.echo(json.dumps(problems, ensure_ascii=False))
    elif problems:
        _tell_remarks(problems)
    else:
        click.echo(f"{folder}: no problems")
    sys.exit(1 if problems else 0)


def _tell_remarks(remarks: list[dict[str, Any]]) -> None:
    """Print the problems that do not stop ingest."""
    from pilot_analysis.ingest import Problem

    if not remarks:
        return
    n = len(remarks)
    click.echo(f"{n} remark{'s' * (n > 1)} on the exports; ingest goes on without these rows.")
    for remark in remarks:
        click.echo(f"  {Problem(**remark)}")


@click.command(
    name="check-outputs",
    epilog=example("  pilot check-outputs reports/synthetic\n  pilot check-outputs figures --json"),
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check_outputs(folder: Path, as_json: bool) -> None:
    """Look for what may not leave: small groups, pupils, identifiers, in any folder of outputs.

    Tables, notebooks with their outputs, pages, reports and pictures with their metadata are read.
    Exit code 1 with findings, 0 without.
    """
    from dataclasses import asdict

    from pilot_analysis.disclosure.audit import audit

    found = audit(folder)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False))
    else:
        for finding in found:
            click.echo(str(finding))
        click.echo(f"{folder}: {len(found) or 'no'} finding{'s' * (len(found) != 1)}")
    sys.exit(1 if found else 0)
