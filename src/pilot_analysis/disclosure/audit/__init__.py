"""Reading a folder of outputs as a stranger would: tables, notebooks, pictures, pages, reports.

The last look before results are published, and `pilot check-outputs` for any folder. What may be
published is an allow-list of kinds of files (`READERS`), and within them of columns, documents and
parts (`schemas`); each is read by a parser of its kind, and what that does not understand is
refused. It knows nothing of how an output was made, so it finds what the rules upstream forgot.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path, PurePosixPath

import fastjsonschema
import pikepdf
import pyarrow
import pypdfium2
from lxml import etree
from PIL import Image

from pilot_analysis import forked, personal
from pilot_analysis.catalogue.language import without_ending
from pilot_analysis.disclosure.audit import data, markup, notebooks, pdf, pictures
from pilot_analysis.disclosure.audit.found import Finding, Told
from pilot_analysis.disclosure.rules import RULES, Rules

MAX_BYTES = 16 * 2**20
_WORTH_A_FORK = 2**20  # bytes
READERS: dict[str, Callable[[bytes, Rules], Told]] = {
    ".csv": data.look_csv,
    ".parquet": data.look_parquet,
    ".json": data.look_json,
    ".txt": data.look_text,
    ".md": lambda content, rules: notebooks.in_markdown(content.decode(), rules),
    ".html": markup.look_html,
    ".svg": markup.look_svg,
    ".png": pictures.look_png,
    ".ipynb": notebooks.look_notebook,
    ".pdf": pdf.look_pdf,
}
_UNREADABLE = (
    ValueError,
    KeyError,
    TypeError,
    OSError,
    AttributeError,
    IndexError,
    RecursionError,
    SyntaxError,
    struct.error,
    zlib.error,
    etree.LxmlError,
    pikepdf.PdfError,
    pypdfium2.PdfiumError,
    fastjsonschema.JsonSchemaException,
    pyarrow.ArrowException,
    Image.DecompressionBombError,
    NotImplementedError,
)


_Said = list[tuple[str, str]]  # what is wrong, and what to do about it


def audit(folder: Path, rules: Rules = RULES) -> list[Finding]:
    """Return everything in `folder` and below that may not leave; empty when it may.

    Hidden files are found too: what is handed over is the folder with all that is in it.
    """
    files = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir() or not any(path.iterdir())
    }
    return audit_files(files, rules)


def audit_files(files: Mapping[str, Path], rules: Rules = RULES) -> list[Finding]:
    """Return everything in files that may not leave, each told by its name in `files`.

    A figure needs the table it was drawn from among them.
    """
    found: list[Finding] = []
    unfit = {name: _unfit(name, path) for name, path in files.items()}
    said = _read_all({files[name] for name, told in unfit.items() if told is None}, rules)
    drawn_from = {path.stem for path in files.values() if path.suffix == ".csv"}
    for name, path in sorted(files.items()):
        add = partial(Finding, name)
        if any(list(personal.findings(part)) for part in _spelled(name)):
            # The name itself is what may not be told.
            add = partial(Finding, f"a file or folder in {_nameable(name)}")
            found.append(add("is named after a person or a number of one", "Rename it"))
        stem, _ = without_ending(path.stem)
        if path.suffix in (".png", ".svg") and stem not in drawn_from:
            found.append(
                add("is a figure without the table it was drawn from", f"Put {stem}.csv beside it")
            )
        told = unfit[name]
        found += [add(what, advice) for what, advice in (said[path] if told is None else told)]
    return found


def _read_all(paths: Iterable[Path], rules: Rules) -> dict[Path, _Said]:
    """Return what is said of the content of each file."""
    alike: dict[tuple[int, str], list[Path]] = {}
    for path in sorted(paths):
        alike.setdefault((path.stat().st_size, path.suffix), []).append(path)
    largest = [alike[key] for key in sorted(alike, reverse=True)]
    do = partial(_read_alike, rules)
    much = sum(size * len(same) for (size, _), same in alike.items()) > _WORTH_A_FORK
    read = forked.each(do, largest) if much else map(do, largest)
    return {path: told for some in read for path, told in some.items()}


def _read_alike(rules: Rules, paths: Iterable[Path]) -> dict[Path, _Said]:
    """Look at files of one kind and size: a site repeats a run's files, each is looked at once."""
    seen: dict[bytes, _Said] = {}
    told = {}
    for path in paths:
        try:
            held = path.read_bytes()
            content = hashlib.sha256(held).digest()
            if content not in seen:
                seen[content] = list(dict.fromkeys(READERS[path.suffix](held, rules)))
            told[path] = seen[content]
        except _UNREADABLE:
            told[path] = [("cannot be read, so nobody knows what it says", "Make it again")]
    return told


def _spelled(name: str) -> list[str]:
    """Return a path's parts, without endings too: numbers are joined to them by signs."""
    return [
        part for whole in PurePosixPath(name).parts for part in (whole, whole.partition(".")[0])
    ]


def _nameable(name: str) -> str:
    above = [p for p in PurePosixPath(name).parts[:-1] if not list(personal.findings(p))]
    return "/".join(above) or "this folder"


def _unfit(name: str, path: Path) -> _Said | None:
    """Say what is wrong with a file without its content; None where that is to be read."""
    if path.is_symlink():
        return [("is a symbolic link", "Put the file itself into the folder")]
    if not path.is_file():
        return [] if path.is_dir() else [("is no file", "Remove it")]
    size = path.stat().st_size
    if any(part.startswith((".", "~")) for part in PurePosixPath(name).parts):
        if path.name == ".gitkeep" and not size:
            return []
        return [
            (
                "is hidden, and nobody looks for it",
                "Remove it; `pilot publish` copies what may leave",
            )
        ]
    if path.suffix not in READERS:
        kind = path.suffix or "no ending"
        return [
            (
                f"is of a kind that is not let out ({kind})",
                f"Let out only {', '.join(sorted(READERS))}",
            )
        ]
    if size > MAX_BYTES:
        return [(f"is larger than {MAX_BYTES >> 20} MB", "Publish an aggregate")]
    return None


__all__ = ["MAX_BYTES", "READERS", "Finding", "audit", "audit_files"]
