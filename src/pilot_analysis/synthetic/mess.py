"""The same exports as messy as the data contract allows; ingest must make the same tables.

Each kind of mess keeps the meaning of the data. Tests compare the processed tables of a messy
folder with those of its clean twin.
"""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pilot_analysis.synthetic.export import TRUTH_FILE, seal

Rows = list[list[str]]
_EXTRA = "systemkolumn"
# Optional columns a real export may lack; the generator fills them with what ingest assumes.
DROPPABLE = {
    "exponering": ("mentorer_heltid", "elever_per_mentor", "kostnad_kr", "kalla"),
    "elever": ("inskriven", "avslutad"),
    "franvaro": ("amne",),
    "betyg": ("datum",),
    "elevenkat": ("fritext",),
    "personalenkat": ("fritext",),
}


def _read(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def _write(path: Path, rows: Rows, encoding: str) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))


def duplicate_lines(rows: Rows, rng: np.random.Generator) -> Rows:
    """Repeat one line in fifty, to the letter, anywhere in the file."""
    body = rows[1:]
    again = [body[i] for i in rng.integers(0, len(body), max(1, len(body) // 50))]
    mixed = body + again
    return [rows[0], *(mixed[i] for i in rng.permutation(len(mixed)))]


def extra_column(rows: Rows, rng: np.random.Generator) -> Rows:
    """Add a column the contract does not know."""
    return [[*rows[0], _EXTRA], *([*row, str(i)] for i, row in enumerate(rows[1:]))]


def shuffled_columns(rows: Rows, rng: np.random.Generator) -> Rows:
    """Put the columns in another order."""
    order = rng.permutation(len(rows[0]))
    return [[row[i] for i in order] for row in rows]


def padded_cells(rows: Rows, rng: np.random.Generator) -> Rows:
    """Put a space around one cell in ten."""
    return [
        rows[0],
        *([f" {c} " if c and rng.random() < 0.1 else c for c in row] for row in rows[1:]),
    ]


def identity_number_forms(rows: Rows, rng: np.random.Generator) -> Rows:
    """Write personal identity numbers in all their spellings."""
    if "elev_id" not in rows[0]:
        return rows
    column = rows[0].index("elev_id")
    spellings = rng.integers(0, 4, len(rows))
    changed = [rows[0]]
    for row, spelling in zip(rows[1:], spellings[1:], strict=True):
        value = row[column]
        if len(value) == 12 and value.isdigit():
            value = (value, f"{value[:8]}-{value[8:]}", value[2:], f"{value[2:8]}-{value[8:]}")[
                spelling
            ]
        changed.append([*row[:column], value, *row[column + 1 :]])
    return changed


def missing_optional(stem: str) -> Callable[[Rows, np.random.Generator], Rows]:
    """Return a mess that leaves out the table's optional columns."""

    def drop(rows: Rows, rng: np.random.Generator) -> Rows:
        keep = [i for i, name in enumerate(rows[0]) if name not in DROPPABLE.get(stem, ())]
        return [[row[i] for i in keep] for row in rows]

    return drop


KINDS = (
    "encodings",
    "several files",
    "duplicate lines",
    "extra columns",
    "column order",
    "padded cells",
    "identity numbers",
    "missing optional columns",
)


def make_messy(source: Path, out: Path, kinds: tuple[str, ...] = KINDS, seed: int = 1) -> None:
    """Write the exports in `source` into `out` with the given kinds of mess, and seal them."""
    unknown = set(kinds) - set(KINDS)
    if unknown:
        raise ValueError(f"unknown kinds of mess {sorted(unknown)}; choose among {KINDS}")
    truth = json.loads((source / TRUTH_FILE).read_text(encoding="utf-8"))
    tables = {path.name: _read(path) for path in sorted(source.glob("*.csv"))}
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.csv"):
        old.unlink()
    rng = np.random.default_rng(seed)
    for number, (name, rows) in enumerate(tables.items()):
        stem = name.split("_")[0].removesuffix(".csv")
        if "missing optional columns" in kinds:
            rows = missing_optional(stem)(rows, rng)
        if "identity numbers" in kinds:
            rows = identity_number_forms(rows, rng)
        if "duplicate lines" in kinds:
            rows = duplicate_lines(rows, rng)
        if "padded cells" in kinds:
            rows = padded_cells(rows, rng)
        if "extra columns" in kinds:
            rows = extra_column(rows, rng)
        if "column order" in kinds:
            rows = shuffled_columns(rows, rng)
        parts = [rows]
        if "several files" in kinds and len(rows) > 20:
            middle = len(rows) // 2
            parts = [rows[:middle], [rows[0], *rows[middle:]]]
        for i, part in enumerate(parts):
            suffix = "" if len(parts) == 1 else f"_del{i + 1}"
            encodings = ("cp1252", "utf-8-sig", "utf-8")
            encoding = encodings[(number + i) % 3] if "encodings" in kinds else "utf-8"
            _write(out / f"{Path(name).stem}{suffix}.csv", part, encoding)
    truth["messy"] = list(kinds)
    seal(out, truth)
