"""Errors that users cause, and the one that says why something cannot be estimated."""

from typing import Any


class PilotError(ValueError):
    """An error the user can fix; it ends a command with a message and no traceback. `exit_code` is what the command line returns."""

    exit_code = 1


class ParameterError(PilotError):
    """A scenario or an argument that cannot be used; the message lists every problem at once."""

    exit_code = 2


class KeyFileError(PilotError):
    """The key file cannot be used; the message says what to do."""


class NotebookError(PilotError):
    """A notebook failed; the message names notebook, cell and error in one line."""


class NotEstimable(ValueError):
    """The data cannot answer what was asked: the only error that may become "cannot be determined".

    `code` names a reason of the catalogue, which has its sentence in every language, and `values`
    fill it. The message is for those who call a function themselves: it names column and rule.
    Every other exception is a fault of the code and stops the run.
    """

    def __init__(self, code: str, message: str, **values: Any) -> None:
        super().__init__(message)
        self.code = code
        self.values = values
