"""Tables wherever they stand: who a row is, how many persons are behind a figure."""

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pilot_analysis.disclosure import schemas
from pilot_analysis.disclosure.audit.found import NotUnderstoodError, Rules, Told

MAX_ROWS = 5_000
_DELIMITERS = ",;\t|"
_MISSING = {"", "nan", "na", "none", "null", "-", "withheld", "<na>"}
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:[ ,\u00a0\u202f']\d{3})+(?:[.,]\d+)?")
_PLAIN_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Table:
    """A heading and its rows, all text, as a reader of the file sees them."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, position: int) -> Iterator[float]:
        """Return a column's numbers, NaN where there is none."""
        return (number(row[position]) if position < len(row) else math.nan for row in self.rows)


def number(cell: str) -> float:
    """Return a cell as a number, thousands and decimals as either language writes them."""
    text = cell.strip()
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[ ,\u00a0\u202f'](?=\d{3}(?:\D|$))", "", text)
    if not _PLAIN_NUMBER.fullmatch(text):
        return math.nan
    return float(text.replace(",", "."))


def look(table: Table, rules: Rules, *, closed: bool = False) -> Told:
    """Look at a table; a `closed` one may have no column that the allow-list does not name."""
    headers = [h.strip() for h in table.headers]
    if named := schemas.persons(headers):
        yield f"has a column that tells of one person ({', '.join(named)})", "Publish groups"
    if named := schemas.small_by_division(headers):
        yield f"tells how many pupils a school's mentors have ({', '.join(named)})", "Leave it out"
    if closed and (strange := [h for h in headers if h not in schemas.COLUMNS]):
        yield (
            f"has {len(strange)} columns that no published table has",
            "Leave them out, or name them in pilot_analysis.disclosure.schemas",
        )
    if closed and len(set(headers)) < len(headers):
        yield "has two columns of one name", "Name them apart"
    if len(table.rows) > MAX_ROWS:
        yield f"has more than {MAX_ROWS} rows", "Publish an aggregate"
    counts = [i for i, h in enumerate(headers) if schemas.is_count(h)]
    if counts and any(schemas.is_extreme(h) for h in headers):
        yield "tells a minimum, maximum or percentile of pupils", "Publish means and spreads"
    if _is_estimates(headers):
        yield from _estimates(table, headers, rules)
    yield from _small_groups(table, headers, counts, rules)


def _is_estimates(headers: Sequence[str]) -> bool:
    return {"estimate", "model", "outcome"} <= set(headers)


def _small_groups(table: Table, headers: list[str], counts: list[int], rules: Rules) -> Told:
    named = [i for i, h in enumerate(headers) if schemas.is_school_count(h)]
    schools = next((i for i in named if headers[i] == "n_schools"), named[0] if named else None)
    for position in counts:
        few = 0
        behind = (
            table.column(schools) if schools is not None else iter([math.inf] * len(table.rows))
        )
        for pupils, several in zip(table.column(position), behind, strict=True):
            few += bool(rules.why_withheld(pupils, several if several == several else math.inf))
        if few:
            yield (
                f"tells of {few} groups of too few pupils or schools (column {headers[position]})",
                "Withhold them: pilot_analysis.disclosure.protect",
            )


def _estimates(table: Table, headers: list[str], rules: Rules) -> Told:
    """Tell of estimates on too few; without pupils (teachers, sheets) observations are counted."""
    at = {h: i for i, h in enumerate(headers)}
    columns = {
        name: list(table.column(at[name])) if name in at else [math.nan] * len(table.rows)
        for name in ("estimate", "n_obs", "n_pupils", "n_schools")
    }
    few = sum(
        bool(
            rules.why_estimate_withheld(
                *(columns[c][i] for c in ("n_obs", "n_pupils", "n_schools"))
            )
        )
        for i, known in enumerate(columns["estimate"])
        if math.isfinite(known)
    )
    if few:
        yield (
            f"has {few} estimates on too few pupils or degrees of freedom",
            "Withhold them: pilot_analysis.disclosure.published",
        )


# --- Tables in text --------------------------------------------------------------------------


def read_csv(text: str) -> Table:
    """Read a CSV of any delimiter; raises `NotUnderstoodError` where its rows are of uneven length."""
    first = next(iter(text.splitlines()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    rows = [
        tuple(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True) if row
    ]
    if not rows:
        return Table((), ())
    if any(len(row) != len(rows[0]) for row in rows):
        raise NotUnderstoodError
    return Table(rows[0], tuple(rows[1:]))


_CELLS = re.compile(r"\s*[\t;|,]\s*|\s{2,}")
_WORDS = re.compile(r"\s+")
_RULE = re.compile(r"[-=+|: ]+")


def in_text(text: str, *, printed: bool = False) -> Iterator[Table]:
    """Yield what looks like a table in plain text: a heading, and lines with as many cells.

    A `printed` data frame has columns a single space apart, and an index: its heading has a cell
    less than its rows.
    """
    lines = [line.strip().strip("|").strip() for line in text.splitlines()]
    lines = [line for line in lines if not line or not _RULE.fullmatch(line)]
    for split in (_CELLS, _WORDS) if printed else (_CELLS,):
        block: list[tuple[str, ...]] = []
        for cells in [*(tuple(split.split(line)) for line in lines), ()]:
            if len(cells) > 1 and _continues(block, cells):
                block.append(cells)
                continue
            if _is_table(block):
                extra = len(block[1]) - len(block[0])
                yield Table(("",) * extra + block[0], tuple(block[1:]))
            block = [cells] if len(cells) > 1 else []


def _continues(block: list[tuple[str, ...]], cells: tuple[str, ...]) -> bool:
    if len(block) < 2:
        return not block or len(cells) - len(block[0]) in (0, 1)
    return len(cells) == len(block[1])


def _is_table(block: list[tuple[str, ...]]) -> bool:
    """Say whether lines are a heading with a column that the rules ask for, and rows of numbers."""
    if len(block) < 2 or any(not c or len(c) > 40 or not math.isnan(number(c)) for c in block[0]):
        return False
    told = any(schemas.is_count(c) for c in block[0]) or bool(schemas.persons(block[0]))
    return told and all(any(not math.isnan(number(c)) for c in row) for row in block[1:])
