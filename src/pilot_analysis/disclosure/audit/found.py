"""What a look at a file yields, and what looking needs."""

from collections.abc import Iterator
from dataclasses import dataclass

from pilot_analysis.disclosure.rules import Rules

# What may not leave, and what to do about it; never a quotation.
Told = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Finding:
    """Something in an output that may not leave. `what` never quotes it."""

    file: str
    what: str
    advice: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}. {self.advice}"


class NotUnderstoodError(ValueError):
    """A file has a part that no reader knows, so nobody can say what it holds."""


__all__ = ["Finding", "NotUnderstoodError", "Rules", "Told"]
