"""What is wrong with the exports, said so that the person who made them can fix it.

Every sentence stands in the catalogue, in each language: `export_<code>` says what is wrong and
`export_<code>_advice` what to do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import duckdb

from pilot_analysis.catalogue import language as languages
from pilot_analysis.errors import PilotError

ENGLISH = "en"
_PREFIX = "export_"
_EMPTY = "(empty)"
# A message names at most so many, and counts the others.
MAX_NAMED = 5

# A code that the contract does not know, in how many rows it stands, and from which term on.
FoundCode = tuple[str, int, str]


# What a problem counts where it is not rows.
_COUNTED = {
    "absence_beyond_lessons": "pupil_weeks",
    "pupils_in_two_municipalities": "pupil_terms",
    "school_of_two_forms": "schools",
    "unlisted_unknown": "schools",
    "unlisted_untreated": "schools",
}


# Rules that an empty cell alone breaks: it is no example of anything.
_ONLY_EMPTY = frozenset({"rule_identifier", "rule_text"})


@dataclass(frozen=True)
class Problem:
    """One broken rule in one file.

    What `stops` must be fixed first; the rest is counted, dropped or capped by rule, and reported.
    `row` is the first row as a spreadsheet numbers it (the header is row 1). `examples` never
    hold a value that could identify somebody. `rule` and `advice` are in English; `code`,
    `advice_code` and `values` say the same in any language.
    """

    file: str
    rule: str
    advice: str
    column: str | None = None
    row: int | None = None
    count: int = 1
    examples: list[str] = field(default_factory=list)
    stops: bool = True
    code: str = ""
    advice_code: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    codes: list[FoundCode] = field(default_factory=list)

    def in_language(self, language: str) -> "Problem":
        """Return the problem with its rule, advice and examples in a language."""
        if not self.code:
            return self
        return replace(
            self,
            rule=_text(self.code, language, self.values),
            advice=_text(f"{self.advice_code}_advice", language, self.values),
            examples=self.shown_examples(language),
        )

    def shown_examples(self, language: str) -> list[str]:
        """Return the examples in a language: codes with their rows, or the shapes of cells."""
        if self.codes:
            return [
                _text(
                    "code_found",
                    language,
                    {"code": repr(code), "rows": str(n), "term": term or "no"},
                )
                for code, n, term in self.codes
            ]
        return [_text("empty", language) if e == _EMPTY else e for e in self.examples]

    def told(self, language: str = ENGLISH) -> str:
        """Return the whole problem as a sentence of a language."""
        own = self.in_language(language)
        where = own.file
        if own.row is not None:
            where += ", " + _text("row", language, {"row": str(own.row)})
        if own.column is not None:
            where += ", " + _text("column", language, {"column": own.column})
        counted = _text(_COUNTED.get(own.code, "rows"), language, {"rows": str(own.count)})
        more = f" {counted}" if own.count > 1 else ""
        examples = ""
        if own.examples and own.code not in _ONLY_EMPTY:
            examples = "; " + _text("such_as", language, {"examples": ", ".join(own.examples)})
        return f"{where}: {own.rule}{more}{examples}. {own.advice}"

    def __str__(self) -> str:
        return self.told()

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as plain values, for `--json` and the quality report."""
        return asdict(self)


def problem(
    code: str,
    file: str,
    *,
    column: str | None = None,
    row: int | None = None,
    count: int = 1,
    examples: list[str] | None = None,
    codes: list[FoundCode] | None = None,
    stops: bool = True,
    advice: str = "",
    **values: Any,
) -> Problem:
    """Return the problem with this code in the catalogue; `advice` is a code of its own where given."""
    advice = advice or code
    bare = Problem(
        file,
        _text(code, ENGLISH, values),
        _text(f"{advice}_advice", ENGLISH, values),
        column,
        row,
        count,
        examples or [],
        stops,
        code,
        advice,
        values,
        codes or [],
    )
    return replace(bare, examples=bare.shown_examples(ENGLISH)) if codes else bare


def _text(code: str, language: str, values: dict[str, Any] | None = None) -> str:
    return languages.text(_PREFIX + code, language, values)


class IngestError(PilotError):
    """The exports break the contract. `problems` lists every broken rule found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self.told())

    def told(self, language: str = ENGLISH) -> str:
        """Return the message in a language: a heading, then a line per problem."""
        head = _text("heading", language, {"problems": len(self.problems)})
        return "\n".join([head, *(f"  {problem.told(language)}" for problem in self.problems)])


def first_few(names: Sequence[str]) -> dict[str, Any]:
    """Return the values that name things in a message: the first few, and how many more.

    >>> first_few(["a 7", "b 7", "c 7", "d 7", "e 7", "f 7", "g 7"])
    {'names': 'a 7, b 7, c 7, d 7, e 7', 'more': 2}
    """
    return {"names": ", ".join(names[:MAX_NAMED]), "more": max(0, len(names) - MAX_NAMED)}


def masked(value: str) -> str:
    """Return the shape of a value: letters as a, digits as 9, at most 20 characters.

    Enough to see what is wrong with a date or a number, too little to recognise a person.
    """
    shape = "".join(
        "9" if c.isdigit() else "a" if c.isalpha() else c if c in " -+.,:;/~%" else "?"
        for c in value[:20]
    )
    return f"'{shape}{'…' if len(value) > 20 else ''}'"


def first_row(database: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int] | None:
    """Return (first row, count) of a query that gives `_row`; None when it gives nothing."""
    row = database.execute(f"SELECT min(_row), count(*) FROM ({query})").fetchone()
    return (int(row[0]), int(row[1])) if row and row[1] else None


def broken_rows(
    database: duckdb.DuckDBPyConnection,
    code: str,
    file: str,
    query: str,
    *,
    column: str | None = None,
    stops: bool = True,
) -> list[Problem]:
    """Return the problem with the rows that a query gives (as `_row`); none where it gives none."""
    found = first_row(database, query)
    if found is None:
        return []
    return [problem(code, file, column=column, row=found[0], count=found[1], stops=stops)]
