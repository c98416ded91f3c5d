"""Files to typed rows: each spelling is judged once, each broken rule counted and located."""

import re
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from pilot_analysis import terms
from pilot_analysis.ingest import reading, typed
from pilot_analysis.ingest.contracts import TERM_PATTERN, Table, metadata, rule_of
from pilot_analysis.ingest.files import RawFile, lines_of_another_shape
from pilot_analysis.ingest.intake.spellings import LOST_LETTER, THOUSANDS, WRONG_LETTERS
from pilot_analysis.ingest.keys import NUMBERED, Keys
from pilot_analysis.ingest.meanings import meaning
from pilot_analysis.ingest.problems import FoundCode, Problem, masked, problem
from pilot_analysis.ingest.pseudonyms import WITHOUT_ZEROS, with_zeros

# Row number as a spreadsheet shows it: the header is row 1.
_HEADER_ROWS = 1
MAX_EXAMPLES, MAX_CODES = 5, 20
# What is at most this long and stands in this many rows of a closed list is a code, and names
# nobody; a word or two must stand in more.
_CODE_LENGTH, _CODE_ROWS = 4, 10
_WORD_LENGTH, _WORD_ROWS = 40, 25
_DATE_ADVICE = {
    "'99999'": "date_of_excel",
    "'99999999'": "date_without_hyphens",
    "'99/99/9999'": "date_year_last",
}
_TERM = "termin"
# A query costs more than judging so many spellings of a column that has fewer.
_FEW_SPELLINGS = 2000

Columns = dict[str, pandera.Column]


@dataclass(frozen=True)
class _Judged:
    """A column's spellings: the typed value of each, whether it breaks the rule, the trimmed text."""

    values: pa.Array
    wrong: np.ndarray
    texts: pa.Array


@dataclass
class _Broken:
    """The cells of one column that break its rule, added up over the parts of a file."""

    count: int = 0
    row: int | None = None
    texts: list[str | None] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    first_terms: dict[str, int] = field(default_factory=dict)
    without_zeros: int = 0

    def add(
        self,
        spelt: np.ndarray,
        texts: pa.Array,
        wrong: np.ndarray,
        before: int,
        term: pa.DictionaryArray | None,
    ) -> None:
        """Add a part with `before` rows before it.

        `spelt` has the number of each row's spelling, `wrong` says which spellings break the rule
        and `texts` how they read, `term` has the term of each row where there is one.
        """
        rows = np.flatnonzero(wrong[spelt])
        self.count += len(rows)
        if self.row is None:
            self.row = before + int(rows[0]) + _HEADER_ROWS + 1
        examples = rows[: MAX_EXAMPLES - len(self.texts)]
        self.texts += [texts[int(spelt[row])].as_py() for row in examples]
        for spelling, n in Counter(spelt[rows].tolist()).items():
            text = texts[spelling].as_py()
            if text is None or len(text) > _WORD_LENGTH:
                continue
            self.codes[text] += n
            if term is not None:
                self._meet(text, term.filter(pa.array(spelt == spelling)).unique().to_pylist())

    def add_without_zeros(self, cells: pa.ChunkedArray, values: pa.Array) -> None:
        """Count the rows of a part whose identifier has lost its leading zeros."""
        short = np.flatnonzero(
            pc.match_substring_regex(values, f"^{WITHOUT_ZEROS}$").fill_null(False)
        )
        lost = [i for i in short if with_zeros(values[int(i)].as_py())]
        if lost:
            self.without_zeros += int(
                np.isin(cells.combine_chunks().indices.to_numpy(), lost).sum()
            )

    def _meet(self, code: str, found: list[str]) -> None:
        numbers = [terms.number(t.strip()) for t in found if re.fullmatch(TERM_PATTERN, t.strip())]
        if numbers:
            self.first_terms[code] = min([*numbers, self.first_terms.get(code, numbers[0])])

    def new_codes(self) -> list[FoundCode]:
        """Return codes that the contract does not know, each with its rows and first term.

        Only what is a code and no stray cell is named: short, or in very many rows.
        """
        often = [
            (c, n)
            for c, n in self.codes.items()
            if n >= (_CODE_ROWS if len(c) <= _CODE_LENGTH else _WORD_ROWS)
        ]
        often.sort(key=lambda pair: (-pair[1], pair[0]))
        return [(code, n, self._from(code)) for code, n in often[:MAX_CODES]]

    def _from(self, code: str) -> str:
        known = self.first_terms.get(code)
        return terms.label(known) if known is not None else ""


def load(
    database: duckdb.DuckDBPyConnection,
    table: Table,
    files: list[RawFile],
    codes: typed.Codes,
    keys: Keys,
) -> tuple[dict[str, int], list[Problem]]:
    """Load the files as typed rows `raw_<english>`; return rows read a file, and problems.

    `codes` maps the exports' own codes to the contract's, by column. Columns carry English names,
    `_file` the position of the file and `_row` its row number as a spreadsheet shows it. What
    identifies somebody, and the school unit, is the number that `keys` gives it. The rows exist
    only when there are no problems.
    """
    columns = _kept_columns(table)
    target = f"raw_{table.english}"
    if not files:
        fields = [
            f"{typed.quote(metadata(column)['english'])} {_sql_type(column)}"
            for column in columns.values()
        ]
        database.execute(
            f"CREATE TABLE {target} ({', '.join(fields)}, _file SMALLINT, _row INTEGER)"
        )
        return {}, []
    problems: list[Problem] = []
    rows: dict[str, int] = {}
    for position, raw in enumerate(files):
        into = f"typed_{table.english}_{position}"
        rows[raw.name], found = _load_file(database, raw, columns, codes, keys, into)
        problems += found
    if not any(p.stops for p in problems):
        shown = ", ".join(_shown(column) for column in columns.values())
        selects = [
            f"SELECT {shown}, {position}::SMALLINT AS _file, "
            f"{raw.rows.sql(f'(rowid + {_HEADER_ROWS + 1})')}::INTEGER AS _row "
            f"FROM typed_{table.english}_{position}"
            for position, raw in enumerate(files)
        ]
        database.execute(f"CREATE TEMP VIEW {target} AS {' UNION ALL '.join(selects)}")
    return rows, problems


def _kept_columns(table: Table) -> Columns:
    """Return the columns of a table that are read."""
    return {n: c for n, c in table.schema.columns.items() if metadata(c)["kind"] != "ignored"}


def _load_file(
    database: duckdb.DuckDBPyConnection,
    raw: RawFile,
    columns: Columns,
    codes: typed.Codes,
    keys: Keys,
    into: str,
    *,
    each_stamp: bool = False,
) -> tuple[int, list[Problem]]:
    """Create the table `into` of a file's typed rows; return how many, and its problems.

    Time stamps, nearly all different, are read as such, and only where one is spelt in another way
    does the file go through again with `each_stamp` judged as all other cells are.
    """
    present = {n: c for n, c in columns.items() if n in raw.columns}
    stamps = [
        n for n, c in present.items() if metadata(c)["kind"] == "timestamp" and not each_stamp
    ]
    broken = {name: _Broken() for name in present}
    n = 0
    database.begin()
    try:
        for part in reading.parts(raw, list(present), stamps):
            if not part.num_rows:
                continue
            ready = {name: part.column(name) for name in present}
            cells = {name: ready[name] for name in present if name not in stamps}
            term = part.column(_TERM) if _TERM in present else None
            judged = _judged(database, columns, cells, codes)
            for name, found in judged.items():
                ready[name] = _typed_cells(
                    present[name], cells[name], found, keys, broken[name], n, term
                )
            with typed.registered(database, "part", pa.table(ready)):
                start = f"INSERT INTO {into}" if n else f"CREATE TEMP TABLE {into} AS"
                database.execute(f"{start} SELECT {_stored(columns, ready)} FROM part")
            n += part.num_rows
    except reading.UnusualStampError:
        database.rollback()
        return _load_file(database, raw, columns, codes, keys, into, each_stamp=True)
    except reading.UnreadableError:
        database.rollback()
        return 0, lines_of_another_shape(raw) or [_not_text(raw)]
    except BaseException:
        database.rollback()
        raise
    database.commit()
    pa.default_memory_pool().release_unused()
    if not n:
        fields = ", ".join(f"{name} {kind}" for name, kind in _fields(columns).items())
        database.execute(f"CREATE TEMP TABLE {into} ({fields})")
        return 0, [problem("header_only", raw.name, stops=False)]
    return n, [
        _problem(raw, name, column, broken[name])
        for name, column in present.items()
        if broken[name].count
    ] + [
        problem("zeros_lost", raw.name, column=name, count=found.without_zeros, stops=False)
        for name, found in broken.items()
        if found.without_zeros
    ]


def _typed_cells(
    column: pandera.Column,
    cells: pa.ChunkedArray,
    judged: _Judged,
    keys: Keys,
    broken: _Broken,
    before: int,
    term: pa.ChunkedArray | None,
) -> pa.ChunkedArray:
    """Return a column's typed values; what breaks its rule is added to `broken`."""
    values, wrong, texts = judged.values, judged.wrong, judged.texts
    if wrong.any():
        terms_ = term.combine_chunks() if term is not None else None
        spelt = cells.combine_chunks().indices.to_numpy()
        if wrong[spelt].any():
            broken.add(spelt, texts, wrong, before, terms_)
    if (english := metadata(column)["english"]) in NUMBERED:
        if metadata(column)["kind"] == "identifier":
            broken.add_without_zeros(cells, values)
        values = pa.array(keys[english].of(values.to_pylist()))
    elif (choices := typed.codes_of(column)) is not None:
        values = pc.index_in(values, value_set=pa.array(choices)).cast(pa.uint8())
    elif metadata(column)["kind"] == "integer":
        values = values.cast(_narrow(column))
    return reading.with_values(cells, values)


def _judged(
    database: duckdb.DuckDBPyConnection,
    columns: Columns,
    cells: Mapping[str, pa.ChunkedArray],
    codes: typed.Codes,
) -> dict[str, _Judged]:
    """Return for each column what its spellings are.

    Columns of few spellings are judged by one query, which costs as much as one column's does.
    """
    spelt = {name: cell.chunk(0).dictionary for name, cell in cells.items()}
    few = [name for name in spelt if len(spelt[name]) <= _FEW_SPELLINGS]
    together = [few] if few else []
    found: dict[str, _Judged] = {}
    for names in (*together, *([name] for name in spelt if name not in few)):
        asked = {name: (columns[name], spelt[name], codes.get(name, {})) for name in names}
        found |= _judge(database, asked)
    return {name: found[name] for name in cells}


def _judge(
    database: duckdb.DuckDBPyConnection,
    asked: Mapping[str, tuple[pandera.Column, pa.Array, Mapping[str, str]]],
) -> dict[str, _Judged]:
    """Judge columns by their spellings and own codes; a shorter column ends in cells without any."""
    longest = max(len(spellings) for _, spellings, _ in asked.values())
    padded, texts, values, judged = {}, [], [], []
    for i, (column, spellings, codes) in enumerate(asked.values()):
        lacking = pa.nulls(longest - len(spellings), spellings.type)
        padded[f"cell{i}"] = pa.concat_arrays([spellings, lacking])
        text = typed.mapped(typed.trimmed(f"cell{i}", metadata(column)["kind"]), codes)
        texts.append(f"{text} AS text{i}")
        values.append(f"{typed.value_expression(column, f'text{i}')} AS value{i}")
        wrong = f"text{i} IS NOT NULL" if column.nullable else "true"
        judged.append(f"value{i}, value{i} IS NULL AND {wrong} AS wrong{i}, text{i}")
    # Not by `sql`, which reads its text anew in Python: for small files that takes longer than all
    # else here. It would spare a copy of the rows, which are spellings, so few.
    with typed.registered(database, "spelt", pa.table(padded)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Arrow output on a DB-API result")
        told = database.execute(
            f"SELECT {', '.join(judged)} FROM (SELECT *, {', '.join(values)} "
            f"FROM (SELECT {', '.join(texts)} FROM spelt))"
        ).to_arrow_table()
    return {
        name: _Judged(
            told.column(f"value{i}").combine_chunks().slice(0, len(spellings)),
            told.column(f"wrong{i}").to_numpy()[: len(spellings)],
            told.column(f"text{i}").combine_chunks().slice(0, len(spellings)),
        )
        for i, (name, (_, spellings, _)) in enumerate(asked.items())
    }


def _narrow(column: pandera.Column) -> pa.DataType:
    """Return the smallest type that holds a column's whole numbers."""
    bounds = typed.bounds_of(column)
    small = bounds is not None and max(abs(b) for b in bounds) < 2**15
    return pa.int16() if small else pa.int64()


def _sql_type(column: pandera.Column) -> str:
    if metadata(column)["english"] in NUMBERED:
        return "INTEGER"
    sql = {
        "integer": "BIGINT",
        "decimal": "DOUBLE",
        "date": "DATE",
        "time": "INTEGER",
        "timestamp": "TIMESTAMP",
    }
    return sql.get(metadata(column)["kind"], "VARCHAR")


def _fields(columns: Columns) -> dict[str, str]:
    """Return the names and types under which a table's columns are kept."""
    return {
        typed.quote(metadata(c)["english"]): "UTINYINT" if typed.codes_of(c) else _sql_type(c)
        for c in columns.values()
    }


def _stored(columns: Columns, ready: dict[str, pa.ChunkedArray]) -> str:
    """Return SQL for a part's columns as they are kept: the contract's, with English names."""
    found = []
    for name, column in columns.items():
        cell = typed.quote(name)
        if name not in ready:
            cell = f"NULL::{'UTINYINT' if typed.codes_of(column) else _sql_type(column)}"
        found.append(f"{cell} AS {typed.quote(metadata(column)['english'])}")
    return ", ".join(found)


def _shown(column: pandera.Column) -> str:
    """Return SQL for a kept column as the contract has it: codes as text, numbers of one type."""
    name = typed.quote(metadata(column)["english"])
    if (choices := typed.codes_of(column)) is not None:
        cases = " ".join(f"WHEN {i} THEN {typed.literal(c)}" for i, c in enumerate(choices))
        return f"CASE {name} {cases} END AS {name}"
    return f"{name}::{_sql_type(column)} AS {name}"


def _problem(raw: RawFile, name: str, column: pandera.Column, broken: _Broken) -> Problem:
    # Codes in a closed list identify nobody, so they may be shown when short.
    shapes = list(dict.fromkeys(masked(t) if t is not None else "(empty)" for t in broken.texts))
    kind = metadata(column)["kind"]
    rule, values = rule_of(column)
    advice = rule
    codes: list[FoundCode] = []
    if kind == "date":
        advice = _DATE_ADVICE.get(shapes[0], rule)
    elif (
        kind in ("choice", "answer")
        and not _letters(broken.texts)
        and (codes := broken.new_codes())
    ):
        advice, values = "alias", values | {"alias": advised(raw.table.stem, name, column, codes)}
    elif kind == "identifier" and any(t is not None for t in broken.texts):
        rule = advice = "identifier_rounded"
    elif kind == "decimal" and re.fullmatch(THOUSANDS, _first(broken.texts)):
        rule = advice = "two_readings"
    elif found := _letters(broken.texts):
        rule = advice = found
    return problem(
        rule,
        raw.name,
        column=name,
        row=raw.rows.original(broken.row or 1),
        count=broken.count,
        examples=None if codes else shapes,
        codes=codes,
        advice=advice,
        **values,
    )


def _first(texts: list[str | None]) -> str:
    return next((t for t in texts if t is not None), "")


def _letters(texts: list[str | None]) -> str:
    """Return the problem of texts that came in a wrong encoding; nothing where they did not."""
    first = _first(texts)
    if re.search(WRONG_LETTERS, first):
        return "wrong_letters"
    return "lost_letters" if LOST_LETTER in first else ""


def advised(stem: str, name: str, column: pandera.Column, codes: list[FoundCode]) -> str:
    """Return the alias that would map new codes: by their meaning, or as a question."""
    mapped = {code: meaning(code, typed.codes_of(column) or []) for code, *_ in codes}
    pairs = ", ".join(
        f"{code!r}: {repr(meant) if meant else '???'}" for code, meant in mapped.items()
    )
    return f"aliases: {{{stem}: {{{name}: {{{pairs}}}}}}}"


def _not_text(raw: RawFile) -> Problem:
    return problem("not_semicolons", raw.name)
