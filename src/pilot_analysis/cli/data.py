"""Commands on exports: simulate, ingest, check."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from pilot_analysis.cli.common import example, fail, mistakes_explained, refuse_real


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
    refuse_real(out)
    begun = time.monotonic()
    truth = write(replace(chosen, effect_scale=effect_scale), out)
    if messy:
        make_messy(out, out)
    rows: Any = truth["rows"]
    click.echo(
        f"{rows['franvaro']:,} absence reports of {scenario} in {out} "
        f"({time.monotonic() - begun:.1f} s). {truth['notice']}"
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
def ingest_command(raw: Path, out: Path) -> None:
    """Turn raw exports into processed tables and quality.json; all problems are told at once."""
    with mistakes_explained():
        from pilot_analysis.ingest import ingest

        report = ingest(raw, out)
        read = sum(entry["rows_read"] for entry in report["files"])
        kept = sum(entry["rows_kept"] for entry in report["files"])
        click.echo(f"{read:,} rows read, {kept:,} kept, {read - kept:,} dropped by rule; see "
                   f"{out / 'quality.json'}")  # fmt: skip


@click.command(epilog=example("  pilot check data/raw\n  pilot check exports --json"))
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
