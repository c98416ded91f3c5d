"""Every word of a language from its one file, `<language>.ftl` (Project Fluent), and its numbers.

Fluent's files hold prose only: plural and choice belong to the language, not to the code. Numbers
follow Unicode's locale data (Babel).
"""

import functools
import os
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle

SUFFIX = ".ftl"
# The language of notebooks, of the site's own pages and of the command line; its figures have plain
# names, and a text that an evaluation lacks in another language is shown in it.
ENGLISH = "en"
_LONG = 1_000


@functools.cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages that have a file, English first."""
    files = resources.files("pilot_analysis.catalogue").iterdir()
    codes = sorted(f.name.removesuffix(SUFFIX) for f in files if f.name.endswith(SUFFIX))
    return tuple(sorted(codes, key=lambda code: code != ENGLISH))


def of_locale() -> str:
    """Return the language that the user's locale names, of those that have a file."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if wanted := os.environ.get(name):
            return next((code for code in languages() if wanted.lower().startswith(code)), ENGLISH)
    return ENGLISH


def ending(language: str) -> str:
    """Return what a figure's file name ends with in a language: nothing in English.

    >>> ending("en"), ending("sv")
    ('', '_sv')
    """
    return "" if language == ENGLISH else f"_{language}"


def without_ending(stem: str) -> tuple[str, str]:
    """Return a figure's plain name and its language.

    >>> without_ending("trends_merit_sv"), without_ending("trends_merit")
    (('trends_merit', 'sv'), ('trends_merit', 'en'))
    """
    for language in languages():
        if language != ENGLISH and stem.endswith(ending(language)):
            return stem.removesuffix(ending(language)), language
    return stem, ENGLISH


@functools.cache
def _bundle(language: str) -> "FluentBundle":
    # Here, since the command line lists the languages before it needs a word of them.
    from fluent.runtime import FluentBundle, FluentResource

    path = resources.files("pilot_analysis.catalogue").joinpath(language + SUFFIX)
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return bundle


def text(name: str, language: str, values: Mapping[str, Any] | None = None) -> str:
    """Return a message, or an attribute of one (`name.attribute`), its variables filled in.

    Raises `KeyError` naming what is missing: the message, or a variable that was not given.
    """
    bundle = _bundle(language)
    message, _, attribute = name.partition(".")
    found = bundle.get_message(message) if bundle.has_message(message) else None
    pattern = found and (found.attributes.get(attribute) if attribute else found.value)
    if not pattern:
        raise KeyError(f"{language}{SUFFIX} has no message {name!r}")
    # Fluent refuses long values, as those of the names of many schools.
    long = {key: v for key, v in (values or {}).items() if isinstance(v, str) and len(v) > _LONG}
    short = {key: f"\ue000{key}\ue001" for key in long}
    written, problems = bundle.format_pattern(pattern, {**(values or {}), **short})
    if problems:
        raise KeyError(f"{language}{SUFFIX}: {name}: {problems[0]}")
    whole = str(written)
    for key, value in long.items():
        whole = whole.replace(short[key], value)
    return whole


def message_names(language: str) -> frozenset[str]:
    """Return the names of all messages that a language's file has."""
    return frozenset(_bundle(language)._messages)


def attribute_names(language: str) -> frozenset[str]:
    """Return the names of all attributes that a language's file has: `message.attribute`."""
    messages = _bundle(language)._messages.items()
    return frozenset(
        f"{name}.{part.id.name}" for name, node in messages for part in node.attributes
    )
