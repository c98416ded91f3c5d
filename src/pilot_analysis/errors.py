"""The errors that users cause; each ends a command with a message and no traceback."""


class PilotError(ValueError):
    """A mistake somebody can mend. `exit_code` is what the command line returns."""

    exit_code = 1


class ParameterError(PilotError):
    """A scenario or an argument that cannot be used; the message lists every problem at once."""

    exit_code = 2


class KeyFileError(PilotError):
    """The key file cannot be used; the message says what to do."""


class NotebookError(PilotError):
    """A notebook failed; the message names notebook, cell and error in one line."""
