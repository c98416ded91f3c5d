"""Names of files and columns, alike however they are capitalised, accented or punctuated."""

import functools
import unicodedata
from collections.abc import Iterable, Mapping

from pilot_analysis.ingest.contracts import TABLES, Table

Aliases = Mapping[str, Mapping[str, Mapping[str, str]]]


@functools.lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """Return a name as small letters and digits without accents: `Frånvaro-min` -> `franvaromin`."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isalnum())


def composed(name: str) -> str:
    """Return a name with composed letters: files made on a Mac have å as two characters."""
    return unicodedata.normalize("NFC", name)


def contract_columns(
    columns: Iterable[str], table: Table, renamed: Mapping[str, str] | None = None
) -> list[str]:
    """Return a header with the contract's names where a column is known by another spelling.

    `renamed` has the aliases of a scenario, which win.
    """
    aliases = {folded(own): meant for own, meant in (renamed or {}).items()}
    known = {folded(name): name for name in table.schema.columns}
    return [aliases.get(folded(c)) or known.get(folded(c)) or c.strip() for c in columns]


def table_named(file_name: str) -> Table | None:
    """Return the table a file's name begins with; None where it begins with none."""
    start = folded(file_name.rsplit("/", 1)[-1])
    fitting = [table for table in TABLES.values() if start.startswith(folded(table.stem))]
    return max(fitting, key=lambda table: len(table.stem), default=None)


def table_with(
    columns: Iterable[str], renamed: Aliases | None = None, file_name: str = ""
) -> Table | None:
    """Return the table all of whose required columns stand in a header; None where none fits.

    Of several, the one that the file's name begins with, then the one with most columns in the
    header. `renamed` has a scenario's aliases, by table.
    """
    named = table_named(file_name)
    header = list(columns)
    fitting = []
    for stem, table in TABLES.items():
        aliases = (renamed or {}).get(stem, {}).get("columns", {})
        found = set(contract_columns(header, table, aliases))
        required = {name for name, column in table.schema.columns.items() if column.required}
        if required <= found:
            fitting.append((table is named, len(found & set(table.schema.columns)), table))
    return max(fitting, key=lambda fit: fit[:2])[-1] if fitting else None
