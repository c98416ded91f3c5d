"""What every command shares: messages without tracebacks, examples, exit codes."""

import copy
import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pilot_analysis.errors import ParameterError, PilotError

if TYPE_CHECKING:
    from pilot_analysis.parameters import Parameters

# The language of help, in the `meta` of a context whose help is for the reference.
REFERENCE = "pilot.reference"
EPILOG_EXIT = "Exit codes: 0 done, 1 the data or results fail a check, 2 wrong use."


def fail(message: str, code: int = 1) -> None:
    """Print a message for the user and end without a traceback."""
    click.echo(f"pilot: {message}", err=True)
    sys.exit(code)


def language_of_locale() -> str:
    """Return the language that the user's locale names, of those the catalogue has."""
    from pilot_analysis.catalogue.language import of_locale

    return of_locale()


@contextmanager
def mistakes_explained() -> Iterator[None]:
    """Turn the errors that users cause into messages and exit codes."""
    try:
        yield
    except PilotError as error:
        fail(str(error) + _installed_alone(), error.exit_code)
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader of the output has seen enough: click's to end
            raise
        fail(_of_disk(error) + _installed_alone(), 1)


def open_standard_streams() -> None:
    """Open on nothing what this was started without (`<&-`): the next files would take their places."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


def tell_of_another_checkout() -> None:
    """Say where this program works, when it is called in another checkout: one that was copied.

    A copied environment's programs are the first checkout's.
    """
    file = Path(__file__).resolve()
    own = file.parents[3]
    cli = file.parent.relative_to(own)
    try:
        folder = Path.cwd()
        here = next((p for p in (folder, *folder.parents) if (p / cli).is_dir()), own)
    except OSError:  # a folder that is gone, or may not be looked into
        return
    if here.resolve() != own:
        click.echo(
            f"pilot: this is the program of {own}, and works there, not in {here}; "
            "run make install here first",
            err=True,
        )


def _installed_alone() -> str:
    """Return what else to say where the package has no notebooks and no plan beside it."""
    from pilot_analysis.description import FOLDER

    if FOLDER.is_dir():
        return ""
    return "\npilot: is installed alone here; runs, notebooks and plans are made from a checkout"


def _of_disk(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{error.filename or 'the disk'}: there is no room left to write"
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def parameters_of(
    evaluation: Path | None, scenario: Path | None, overrides: tuple[str, ...] = ()
) -> "Parameters":
    """Return a run's parameters: those planned, then a scenario's, then single values."""
    from pilot_analysis import description, parameters, plan, runs

    if evaluation is None:
        default = runs.ROOT / "params" / "default.yml"
        return parameters.load(scenario, overrides, default=default)
    planned = plan.load(evaluation / description.PLAN).parameters
    return parameters.load(scenario, overrides, base=planned)


class Progress:
    """Tells on the terminal how far long work is, and how long it has taken.

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
        click.echo(f"{words} ({now - self._begun:.0f} s)", err=True)


_Command = TypeVar("_Command", bound=Callable[..., Any])


def cluster_options(command: _Command) -> _Command:
    """Add `--cores` and `--profile` to a command that drives a workflow."""
    cores = click.option(
        "--cores", type=click.IntRange(1), default=None, help="Steps at once [default: all]."
    )
    profile = click.option(
        "--profile",
        type=click.Path(path_type=Path, file_okay=False),
        default=None,
        help="Run the steps on a cluster, by this Snakemake profile (see workflow/profiles).",
    )
    return cores(profile(command))


evaluation_option = click.option(
    "--evaluation",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    help="Folder that describes another pilot (see pilot new) [default: params].",
)


def example(text: str) -> str:
    """Return a command's epilog: examples and exit codes."""
    return f"\b\nExamples:\n{text}\n\n{EPILOG_EXIT}"


class Bilingual(click.Command):
    """A command for those who make exports: its help is in their language.

    Its words are the catalogue's `help_<command>`, and `help_<command>_<option>` or, where commands
    share it, `help_option_<option>`.
    """

    def get_help(self, context: click.Context) -> str:
        """Return the help in the language asked for before `--help`, or in the locale's.

        The reference asks for English, whatever the locale.
        """
        from pilot_analysis.catalogue.language import ENGLISH, message_names, text

        asked = context.meta.get(REFERENCE) or context.params.get("language")
        language = str(asked or language_of_locale())
        told = copy.copy(self)
        told.help = text(f"help_{self.name}", language)
        told.params = [copy.copy(param) for param in self.params]
        for param in told.params:
            if isinstance(param, click.Option):
                own = f"help_{self.name}_{param.name}"
                known = own in message_names(language)
                param.help = text(own if known else f"help_option_{param.name}", language)
        words = click.Command.get_help(told, context)
        # click's own words.
        for name in ("usage", "options", "examples", "show", "exit"):
            words = words.replace(text(f"help_{name}", ENGLISH), text(f"help_{name}", language))
        return words


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
