"""Commands on exports: simulate, ingest, check."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pilot_analysis.catalogue.language import languages
from pilot_analysis.cli.common import (
    Bilingual,
    Progress,
    evaluation_option,
    example,
    fail,
    language_of_locale,
    parameters_of,
    refuse_real,
)

if TYPE_CHECKING:
    from pilot_analysis.catalogue.words import Words
    from pilot_analysis.panel.answerable import Answerable
    from pilot_analysis.synthetic.scenario import Scenario


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
    "--municipality",
    default="linkoping",
    show_default=True,
    type=click.Choice(["linkoping", "neighbours", "small"]),
    help="The default pilot's schools, with more to compare with in neighbours, or few for a try.",
)
@click.option("--scenario", "before", hidden=True)  # what it was called
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
@click.option(
    "--public",
    is_flag=True,
    help="Write what is public of them instead: Skolverket's figures per school and year.",
)
def simulate(
    out: Path,
    municipality: str,
    before: str | None,
    off: tuple[str, ...],
    effect_scale: float,
    scale: int,
    seed: int | None,
    messy: bool,
    public: bool,
) -> None:
    """Write synthetic exports with known true effects, and truth.json beside them."""
    from dataclasses import replace

    from pilot_analysis.synthetic import SCENARIOS
    from pilot_analysis.synthetic.export import simulate as write
    from pilot_analysis.synthetic.mess import make_messy

    municipality = before or municipality
    if municipality not in SCENARIOS:
        fail(f"--scenario: there is no municipality {municipality!r}", 2)
    chosen = SCENARIOS[municipality]
    if seed is not None:
        chosen = replace(chosen, seed=seed)
    if off:
        try:
            chosen = chosen.without(*(() if "all" in off else off))
        except ValueError as error:
            fail(str(error), 2)
    begun = time.monotonic()
    refuse_real(out)
    chosen = replace(chosen, effect_scale=effect_scale)
    if public:
        _simulate_public(chosen, out)
        return
    truth = write(chosen, out, scale=scale, tell=Progress())
    if messy:
        make_messy(out, out)
    rows: Any = truth["rows"]
    click.echo(
        f"{rows['franvaro']:,} absence reports of {municipality} in {out} "
        f"({time.monotonic() - begun:.1f} s). {truth['notice']}"
    )


def _simulate_public(scenario: "Scenario", out: Path) -> None:
    import tempfile

    from pilot_analysis.evaluation.published_files import write_public_figures
    from pilot_analysis.synthetic.export import simulate as write

    with tempfile.TemporaryDirectory() as scratch:
        exports, between = Path(scratch) / "exports", Path(scratch) / "processed"
        truth = write(scenario, exports, tell=Progress())
        between.mkdir()
        made = write_public_figures(exports, between, out)
    click.echo(f"{len(made)} files of public figures in {out}. {truth['notice']}")


_scenario = click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    default=None,
)
_language = click.option(
    "--language",
    type=click.Choice(languages()),
    default=language_of_locale,
    is_eager=True,  # so that --language sv --help is in Swedish
)

_mapping = click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
)


@click.command(
    cls=Bilingual,
    name="ingest",
    epilog=example("  pilot ingest --raw data/raw --out data/processed"),
)
@click.option("--raw", type=click.Path(path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@evaluation_option
@_scenario
@_mapping
@_language
def ingest_command(
    raw: Path,
    out: Path,
    evaluation: Path | None,
    scenario: Path | None,
    mapping: Path | None,
    language: str,
) -> None:
    """Turn raw exports into processed tables and quality.json; all problems are told at once."""
    from pilot_analysis import description
    from pilot_analysis.ingest import IngestError, Rules, ingest

    described = evaluation or description.FOLDER
    how = parameters_of(evaluation, scenario).how_to_read()
    try:
        report = ingest(
            raw,
            out,
            aliases=how["aliases"],
            rules=Rules.among(how),
            tell=Progress(),
            mapping=mapping,
            described=description.load(described),
        )
    except IngestError as error:
        fail(error.told(language))
    description.put_beside_tables(described, out)
    read = sum(entry["rows_read"] for entry in report["files"])
    kept = sum(entry["rows_kept"] for entry in report["files"])
    click.echo(
        f"{read:,} rows read, {kept:,} kept, {read - kept:,} dropped by rule; see "
        f"{out / 'quality.json'}"
    )
    _tell_remarks(report["remarks"], language)


@click.command(
    cls=Bilingual, epilog=example("  pilot check data/raw\n  pilot check exports --json")
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@evaluation_option
@_scenario
@_mapping
@_language
def check(
    folder: Path,
    as_json: bool,
    evaluation: Path | None,
    scenario: Path | None,
    mapping: Path | None,
    language: str,
) -> None:
    """Check raw exports against the contract and tell all problems; nothing is written."""
    import tempfile

    from pilot_analysis import description
    from pilot_analysis.catalogue.language import text
    from pilot_analysis.catalogue.words import words_for
    from pilot_analysis.ingest import IngestError, Rules, ingest

    report: dict[str, Any] = {}
    problems: list[dict[str, Any]] = []
    files: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        from pilot_analysis.panel.answerable import answerable
        from pilot_analysis.panel.build import terms_lacking

        chosen = parameters_of(evaluation, scenario)
        described = description.load(evaluation or description.FOLDER)
        how = chosen.how_to_read()
        try:
            report = ingest(
                folder,
                Path(scratch),
                key=b"only checking",
                aliases=how["aliases"],
                rules=Rules.among(how),
                tell=Progress(),
                mapping=mapping,
                taken=lambda exports: files.extend(exports.lines(language)),
                described=described,
            )
            problems = report["remarks"]
            description.put_beside_tables(evaluation or description.FOLDER, Path(scratch))
            claims = answerable(Path(scratch), chosen)
            lacking = terms_lacking(Path(scratch), chosen)
        except IngestError as error:
            problems = [p.as_dict() for p in error.problems]
            if not as_json:
                click.echo("\n".join([*files, error.told(language)]))
    if as_json:
        click.echo(json.dumps(_plain(problems, language), ensure_ascii=False))
    elif report:
        click.echo("\n".join(files))
        if not problems:
            click.echo(text("export_fine", language, {"folder": str(folder)}))
        _tell_remarks(problems, language)
        _tell_coverage(report["coverage"], language)
        _tell_answerable(claims, lacking, words_for(language, chosen, described))
    sys.exit(0 if report else 1)


_TOLD = ("file", "row", "column", "rule", "count", "examples", "advice", "stops")


def _plain(problems: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Return problems as plain values in a language."""
    from pilot_analysis.ingest import Problem

    found = [Problem(**problem).in_language(language).as_dict() for problem in problems]
    return [{name: problem[name] for name in _TOLD} for problem in found]


def _tell_remarks(remarks: list[dict[str, Any]], language: str) -> None:
    """Print the problems that do not stop ingest."""
    from pilot_analysis.catalogue.language import text
    from pilot_analysis.ingest import Problem

    if not remarks:
        return
    click.echo(text("export_remarks", language, {"remarks": len(remarks)}))
    for remark in remarks:
        click.echo(f"  {Problem(**remark).told(language)}")


def _tell_coverage(coverage: list[dict[str, Any]], language: str) -> None:
    """Print what the exports cover: a letter each for lesson time, absence and grades."""
    from pilot_analysis.catalogue.language import text
    from pilot_analysis.words import coverage_marks

    if not coverage:
        return
    names, rows = coverage_marks(coverage, language)
    width = max(len(row[0]) for row in rows)
    click.echo(text("export_coverage", language))
    for school, *marks in [["", *names], *rows]:
        cells = [mark.ljust(len(name)) for mark, name in zip(marks, names, strict=True)]
        click.echo("  ".join(["", school.ljust(width), *cells]).rstrip())


def _tell_answerable(claims: "list[Answerable]", lacking: str, words: "Words") -> None:
    """Print terms without pupils, which questions can be answered, and what each other one lacks."""
    if lacking:
        click.echo(words("terms_lacking", terms=lacking))
    click.echo(words("export_answerable"))
    for asked in claims:
        lacks = "; ".join(words(f"lacks_{code}") for code in asked.lacks)
        said = words("answerable_no", lacks=lacks) if lacks else words("answerable_yes")
        form = f" ({words.form(asked.school_form)})" if asked.school_form else ""
        click.echo(f"  {asked.claim} {words(f'question_{asked.claim}')}{form}: {said}")


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
