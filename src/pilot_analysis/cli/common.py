"""What every command shares: messages without tracebacks, examples, exit codes."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from pilot_analysis.errors import ParameterError, PilotError

# Steps run side by side, so each keeps to one thread; the last digits then do not depend on how
# many cores the machine has.
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
EPILOG_EXIT = "Exit codes: 0 done, 1 the data or results fail a check, 2 wrong use."


def fail(message: str, code: int = 1) -> None:
    """Print a message for the user and end without a traceback."""
    click.echo(f"pilot: {message}", err=True)
    sys.exit(code)


def language_of_locale() -> str:
    """Return the language that the user's locale names, of those the catalogue has."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if wanted := os.environ.get(name):
            return "sv" if wanted.lower().startswith("sv") else "en"
    return "en"


@contextmanager
def mistakes_explained() -> Iterator[None]:
    """Turn the errors that users cause into messages and exit codes."""
    try:
        yield
    except PilotError as error:
        fail(str(error), error.exit_code)
    except OSError as error:
        fail(str(error), 1)


class Progress:
    """Tells on the terminal how far long work is, and about how long it will still take.

    Silent for the first two seconds, then at most once a second.
    """

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._told = self._begun + 1.0

    def __call__(self, share: float, words: str) -> None:
        """Tell that `share` (0 to 1) of the work is done; `words` say what."""
        now = time.monotonic()
        if now - self._told < 1.0 or share <= 0:
            return
        self._told = now
        left = (now - self._begun) * (1 / share - 1)
        click.echo(f"{words}, about {left:.0f} s left", err=True)


def example(text: str) -> str:
    """Return a command's epilog: examples and exit codes."""
    return f"\b\nExamples:\n{text}\n\n{EPILOG_EXIT}"


def refuse_real(folder: Path) -> None:
    """Never write synthetic exports over files the generator did not write."""
    from pilot_analysis.ingest import IngestError, synthetic_truth
    from pilot_analysis.ingest.intake.folder import inputs

    if not inputs(folder):
        return
    try:
        if synthetic_truth(folder) is not None:
            return
    except IngestError:
        pass
    raise ParameterError(
        f"{folder} holds exports that are not synthetic; name an empty folder with --out"
    )
