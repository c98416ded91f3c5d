"""Reading a folder of outputs as a stranger would: tables, notebooks, pictures, pages.

The last look before results are published, and `pilot check-outputs` for any folder. It knows
nothing of how an output was made, so it finds what the rules upstream forgot.
"""

import base64
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdf
from bs4 import BeautifulSoup
from PIL import Image

from pilot_analysis import estimates
from pilot_analysis.disclosure.rules import RULES, Rules, protect_estimates
from pilot_analysis.ingest.pseudonyms import has_wrong_check_digit

MAX_BYTES = 16 * 2**20
MAX_ROWS = 5_000
_PSEUDONYM = re.compile(r"(?<![0-9a-fA-F])[0-9a-f]{32}(?![0-9a-fA-F])")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE)
_IDENTITY = re.compile(r"(?<![\w.,+-])((?:19|20)?\d{6})[-+ \u00a0]?(\d{4})(?!\w|[.,-]\d)")
# A header that says one row is one person, or names one.
_PERSON = {
    "pupil", "elev_id", "mentor", "mentor_id", "personnummer", "svars_id", "namn", "epost",
    "fritext", "birth_year", "fodelsear", "class", "klass",
}  # fmt: skip
_COUNTS = {"n_pupils", "pupils", "n_pilot", "n_comparison", "answered", "n"}
_EXTREMES = re.compile(r"(min|max|minimum|maximum|median|p\d{1,2}|q\d{1,3}|\d{1,2} ?%)")
_PICTURE_TEXT = {"Title", "Description", "dpi"}


@dataclass(frozen=True)
class Finding:
    """Something in an output that may not leave. `what` never quotes it."""

    file: str
    what: str
    advice: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}. {self.advice}"


def audit(folder: Path, rules: Rules = RULES) -> list[Finding]:
    """Return everything in `folder` and below that may not leave; empty when it may.

    Files and folders whose names start with a dot are working files and not looked at.
    """
    files = {}
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_symlink() or not (path.is_dir() or any(p.startswith(".") for p in parts)):
            files["/".join(parts)] = path
    return audit_files(files, rules)


def audit_files(files: Mapping[str, Path], rules: Rules = RULES) -> list[Finding]:
    """Return everything in files that may not leave, each told by its name in `files`.

    A figure needs the table it was drawn from among them.
    """
    found: list[Finding] = []
    tables = {path.stem for path in files.values() if path.suffix == ".csv"}
    for name, path in sorted(files.items()):
        if path.suffix in (".png", ".svg") and path.stem.removesuffix("_sv") not in tables:
            found.append(Finding(name, "is a figure without the table it was drawn from", "Put "
                                 f"{path.stem.removesuffix('_sv')}.csv beside it"))  # fmt: skip
        found += [Finding(name, what, advice) for what, advice in _look(path, rules)]
    return found


_Told = Iterator[tuple[str, str]]
_UNREADABLE = (
    ValueError, KeyError, TypeError, OSError, AttributeError, IndexError, RecursionError,
    Image.DecompressionBombError, pypdf.errors.PyPdfError,
)  # fmt: skip


def _look(path: Path, rules: Rules) -> _Told:
    if path.is_symlink():
        yield "is a symbolic link", "Put the file itself into the folder"
        return
    reader = _READERS.get(path.suffix)
    if reader is None:
        yield f"is of a kind that is not let out ({path.suffix or 'no ending'})", _KINDS
        return
    if path.stat().st_size > MAX_BYTES:
        yield f"is larger than {MAX_BYTES >> 20} MB", "Publish an aggregate"
        return
    try:
        yield from reader(path, rules)
    except _UNREADABLE:
        yield "cannot be read, so nobody knows what it says", "Make it again"


def _text(text: str) -> _Told:
    """Look through any text for what names a person."""
    if any(_is_identity(match) for match in _IDENTITY.finditer(text)):
        yield (
            "holds what looks like a personal identity number",
            "Remove it, and find out how it got there",
        )
    if _EMAIL.search(text):
        yield "holds an e-mail address", "Remove it"
    if _PSEUDONYM.search(text):
        yield "holds a pupil's pseudonym", "Publish groups, not pupils"


def _is_identity(match: re.Match[str]) -> bool:
    """Say whether digits are a birth date and have the right check digit (or are coordinated)."""
    birth, last = match.groups()
    try:
        date(2000, int(birth[-4:-2]), int(birth[-2:]) % 60)  # a leap year: any leap day may be
    except ValueError:
        return False
    return not has_wrong_check_digit(birth + last)


def _table(table: pd.DataFrame, rules: Rules) -> _Told:
    """Look at a table with a header: who a row is, how many stand behind a figure."""
    names = {str(name).strip().lower(): name for name in table.columns}
    if persons := _PERSON & names.keys():
        yield (
            f"has a column that tells of one person ({', '.join(sorted(persons))})",
            "Publish groups",
        )
    if len(table) > MAX_ROWS:
        yield f"has more than {MAX_ROWS} rows", "Publish an aggregate"
    counts = sorted(_COUNTS & names.keys())
    if counts and any(_EXTREMES.fullmatch(name) for name in names):
        yield "tells a minimum, maximum or percentile of pupils", "Publish means and spreads"
    if set(estimates.COLUMNS) <= names.keys():
        yield from _estimates(table, rules)
        return
    several = pd.Series(np.inf, index=table.index)
    if "n_schools" in names:
        several = pd.to_numeric(table[names["n_schools"]], errors="coerce").fillna(np.inf)
    for name in counts:
        pupils = pd.to_numeric(table[names[name]], errors="coerce")
        few = [bool(rules.why_withheld(n, s)) for n, s in zip(pupils, several, strict=True)]
        if any(few):
            yield (
                f"tells of {sum(few)} groups of too few pupils or schools (column {name})",
                "Withhold them: pilot_analysis.disclosure.protect",
            )


def _estimates(table: pd.DataFrame, rules: Rules) -> _Told:
    numbers = table.assign(
        **{
            n: pd.to_numeric(table[n], errors="coerce")
            for n, k in estimates.COLUMNS.items()
            if k == "float64"
        }
    )
    _, withheld = protect_estimates(numbers, "", rules)
    if withheld:
        yield (
            f"has {len(withheld)} estimates on too few pupils or degrees of freedom",
            "Withhold them: pilot_analysis.disclosure.protect_estimates",
        )


def _look_csv(path: Path, rules: Rules) -> _Told:
    text = path.read_text(encoding="utf-8")
    yield from _text(text)
    if text.strip('\n" ,'):
        yield from _table(pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=True), rules)


def _look_parquet(path: Path, rules: Rules) -> _Told:
    table = pd.read_parquet(path)
    if list(table.columns) != list(estimates.COLUMNS):
        yield "is a parquet file that is no estimates table", "Publish a CSV of the aggregate"
        return
    yield from _text(table.select_dtypes(include=["object", "string"]).to_csv(index=False))
    yield from _table(table, rules)


def _look_text(path: Path, rules: Rules) -> _Told:
    yield from _text(path.read_text(encoding="utf-8"))


def _look_json(path: Path, rules: Rules) -> _Told:
    text = path.read_text(encoding="utf-8")
    yield from _text(text)
    found = json.loads(text)
    if isinstance(found, dict) and "protected_pupils" in found:
        yield "tells how many pupils have protected identity", "Publish protect_quality's copy"


def _look_page(path: Path, rules: Rules) -> _Told:
    text = path.read_text(encoding="utf-8")
    yield from _packed(text)
    yield from _markup(text, rules)


def _markup(text: str, rules: Rules) -> _Told:
    """Look through what a page says between its tags, and its tables."""
    yield from _text(re.sub(r"<[^>]*>", " ", text))
    if "<table" not in text.lower():
        return
    for table in BeautifulSoup(text, "html.parser").find_all("table"):
        yield from _table(_html_rows(table), rules)


def _html_rows(table: Any) -> pd.DataFrame:
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
        for row in table.find_all("tr")
    ]
    if not rows:
        return pd.DataFrame()
    width = len(rows[0])
    even = [row for row in rows[1:] if len(row) == width]
    plain = [
        [cell.replace(",", "") if re.fullmatch(r"[\d,]+(\.\d+)?", cell) else cell for cell in row]
        for row in even
    ]
    found = pd.DataFrame(plain, columns=rows[0], dtype=str)
    return found.loc[:, ~found.columns.duplicated()]


def _packed(text: str) -> _Told:
    """Look into pictures that stand in a text."""
    for match in re.finditer(r"data:image/png;base64,([A-Za-z0-9+/=\s\\n]+)", text):
        yield from _picture(base64.b64decode(match.group(1).replace("\\n", "")))


def _picture(data: bytes) -> _Told:
    picture = Image.open(io.BytesIO(data))
    told = {str(k): str(v) for k, v in picture.info.items() if isinstance(v, str)}
    if strange := set(told) - _PICTURE_TEXT:
        yield f"has more than title and description inside ({len(strange)} texts)", "Save it again"
    if picture.getexif():
        yield "has camera data inside", "Save it again"
    yield from _text("\n".join(told.values()))


def _look_png(path: Path, rules: Rules) -> _Told:
    yield from _picture(path.read_bytes())


def _look_notebook(path: Path, rules: Rules) -> _Told:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    yield from _text(json.dumps(notebook["metadata"]))
    for number, cell in enumerate(notebook["cells"]):
        if cell.get("attachments"):
            yield f"cell {number} has an attachment", "Draw it in the notebook"
        yield from _text("".join(cell["source"]))
        for output in cell.get("outputs", []):
            for what, advice in _output(output, rules):
                yield f"cell {number} {what}", advice


def _output(output: dict[str, Any], rules: Rules) -> _Told:
    if output["output_type"] == "error":
        yield "failed, and its traceback may quote data", "Publish whole runs"
        return
    if output["output_type"] == "stream":
        yield from _text("".join(output["text"]))
        return
    for kind, content in output["data"].items():
        text = "".join(content) if isinstance(content, list) else str(content)
        if kind == "image/png":
            yield from _picture(base64.b64decode(text))
            continue
        yield from _markup(text, rules)


def _look_pdf(path: Path, rules: Rules) -> _Told:
    reader = pypdf.PdfReader(path)
    yield from _text("\n".join(page.extract_text() for page in reader.pages))
    yield from _text(" ".join(str(v) for v in (reader.metadata or {}).values()))
    if any(page.get("/Annots") for page in reader.pages) and reader.attachments:
        yield "has a file attached", "Publish it by itself"


_READERS: dict[str, Callable[[Path, Rules], _Told]] = {
    ".csv": _look_csv, ".parquet": _look_parquet, ".json": _look_json, ".txt": _look_text,
    ".md": _look_text, ".html": _look_page, ".svg": _look_page, ".png": _look_png,
    ".ipynb": _look_notebook, ".pdf": _look_pdf,
}  # fmt: skip
_KINDS = f"Let out only {', '.join(sorted(_READERS))}"
