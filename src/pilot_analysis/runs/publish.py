"""Publishing: everything is looked at once more, then copied to where readers find it, whole."""

import json
from collections.abc import Iterable
from pathlib import Path

from pilot_analysis.errors import PilotError
from pilot_analysis.files import replace_file, sweep
from pilot_analysis.runs.execute import TABLES, tables_digest
from pilot_analysis.runs.repeated import much_the_same

_FIGURES = "results/figures"
# From the working folder, to the run's folder, which files.
_PUBLISHED = (
    ("notebooks", "notebooks", ("*.ipynb",)),
    ("site", "site", ("*.html", "*.csv", "*.pdf")),
    ("site/notebooks", "site/notebooks", ("*.html",)),
    ("site/figures", "site/figures", ("*.svg",)),
    (_FIGURES, "figures", ("*.svg", "*.png", "*.csv", "*.txt")),
    ("report", ".", ("report_*.pdf", "report_*.html")),
    (".", ".", ("estimates.parquet", "estimates.csv", "quality.json", "disclosure.json")),
)


def _files(folder: Path, patterns: Iterable[str]) -> dict[str, Path]:
    """Return the files of a folder that patterns pick, by name; working files left out."""
    found = (path for pattern in patterns for path in folder.glob(pattern))
    return {path.name: path for path in sorted(found) if not path.name.startswith(".")}


def check_disclosure(work: Path) -> None:
    """Look at all that is about to be published; raises `PilotError` with what may not leave."""
    _refuse_findings(
        {
            (Path(target) / name).as_posix(): path
            for source, target, patterns in _PUBLISHED
            for name, path in _files(work / source, patterns).items()
        }
    )


def _refuse_findings(files: dict[str, Path]) -> None:
    """Raise `PilotError` with what in these files may not leave."""
    from pilot_analysis.disclosure.audit import audit_files

    if found := audit_files(files):
        told = "\n".join(f"  {finding}" for finding in found)
        raise PilotError(f"nothing was published, since this may not leave:\n{told}")


def remarks(run: Path, *, beside: Path) -> list[str]:
    """Return what to think of before a run is handed over, beside what else was published there."""
    return [
        f"  {name} was made from nearly the same exports: two published runs that differ by a few "
        "pupils can tell of these; hand over one of them"
        for name in much_the_same(run, beside)
    ]


def publish_again(made: Path, out: Path) -> None:
    """Put a report and site, written again in `made`, into a run's folder, past the same gate."""
    new = {p.relative_to(made).as_posix(): p for p in sorted(made.rglob("*")) if p.is_file()}
    # A figure is looked at with its table, which the run has.
    tables = {f"figures/{p.name}": p for p in sorted((out / "figures").glob("*.csv"))}
    _refuse_findings(new | tables)
    for name, path in new.items():
        replace_file(path, out / name)
    for path in (out / "site").rglob("*"):
        if path.is_file() and path.relative_to(out).as_posix() not in new:
            path.unlink()


def publish(work: Path, out: Path, figures: Path | None) -> list[Path]:
    """Copy a finished run's results from its working folder to where readers look.

    Every file appears whole; files of an earlier run that this one did not make are removed from
    the folders it owns. Returns what stands in `out`.
    """
    parts = [(work / source, out / target, patterns) for source, target, patterns in _PUBLISHED]
    if figures is not None:
        parts += [(work / s, figures, patterns) for s, _, patterns in _PUBLISHED if s == _FIGURES]
    made: list[Path] = []
    for source, target, patterns in parts:
        wanted = _files(source, patterns)
        sweep(target)
        for name, stale in _files(target, patterns).items():
            if name not in wanted:
                stale.unlink()
        for name, path in wanted.items():
            replace_file(path, target / name)
            made.append(target / name)
    return made


def check_one_set_of_tables(notebooks: Path, names: Iterable[str], processed: Path) -> None:
    """Raise `PilotError` unless every executed notebook has read the tables that stand there."""
    wanted = tables_digest(processed)
    for name in names:
        try:
            content = json.loads((notebooks / f"{name}.ipynb").read_text(encoding="utf-8"))
            found = content["metadata"]["pilot"].get(TABLES)
        except (OSError, ValueError, KeyError, AttributeError):
            found = None
        if found != wanted:
            raise PilotError(
                f"nothing was published: notebook {name} was not made from the tables in "
                f"{processed}; give the same command again"
            )
