"""Imports that cost seconds and give nothing here."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_IRI_GRAMMAR = "rfc3987_syntax"


@contextmanager
def without_iri_grammar() -> Iterator[None]:
    """Leave out, inside this block, a grammar that every import of nbformat would compile.

    JupyterLab brings `rfc3987_syntax`, jsonschema loads it to check a format that notebooks do not
    use, and compiling it takes longer than all other imports of papermill together.
    """
    modules: dict[str, object] = sys.modules  # type: ignore[assignment]
    left_out = modules.setdefault(_IRI_GRAMMAR, None) is None
    try:
        yield
    finally:
        if left_out:
            modules.pop(_IRI_GRAMMAR, None)
