"""What is wrong with the exports, said so that the person who made them can mend it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from pilot_analysis.errors import PilotError


@dataclass(frozen=True)
class Problem:
    """One broken rule in one file.

    What `stops` must be mended first; the rest is counted, dropped or capped by rule, and told.
    `row` is the first row as a spreadsheet numbers it (the header is row 1). `examples` never
    hold a value that could identify somebody.
    """

    file: str
    rule: str
    advice: str
    column: str | None = None
    row: int | None = None
    count: int = 1
    examples: list[str] = field(default_factory=list)
    stops: bool = True

    def __str__(self) -> str:
        where = self.file
        if self.row is not None:
            where += f", row {self.row}"
        if self.column is not None:
            where += f", column {self.column}"
        more = f" ({self.count} rows)" if self.count > 1 else ""
        examples = f"; for example {', '.join(self.examples)}" if self.examples else ""
        return f"{where}: {self.rule}{more}{examples}. {self.advice}"

    def as_dict(self) -> dict[str, object]:
        """Return the problem as plain values, for `--json`."""
        return asdict(self)


class IngestError(PilotError):
    """The exports break the contract. `problems` lists every broken rule found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the exports; nothing was written."
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


def masked(value: str) -> str:
    """Return the shape of a value: letters as a, digits as 9, at most 20 characters.

    Enough to see what is wrong with a date or a number, too little to recognise a person.
    """
    shape = "".join(
        "9" if c.isdigit() else "a" if c.isalpha() else c if c in " -+.,:;/~%" else "?"
        for c in value[:20]
    )
    return f"'{shape}{'…' if len(value) > 20 else ''}'"
