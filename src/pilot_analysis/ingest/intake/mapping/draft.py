"""A first mapping for a folder of another system's exports: guesses, and questions left open."""

import difflib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from pilot_analysis.ingest.contracts import TABLES, Table, metadata
from pilot_analysis.ingest.intake import detect, exports, layout, workbook
from pilot_analysis.ingest.intake.folder import Entry, list_files
from pilot_analysis.ingest.intake.mapping import apply, model
from pilot_analysis.ingest.intake.names import folded
from pilot_analysis.ingest.intake.workplace import Workplace

# What registers call the contract's columns.
_SYNONYMS = {
    "elev_id": (
        "personnummer",
        "personnr",
        "pnr",
        "elevid",
        "elevpersonnummer",
        "elevnr",
        "student",
    ),
    "skolenhetskod": ("skolenhet", "enhetskod", "skol-enhetskod", "skolkod", "schoolunitcode"),
    "skolnamn": ("enhetsnamn", "skolenhetsnamn", "namn"),
    "skola": ("skolans namn", "skolnamn"),
    "termin": ("läsårstermin", "period"),
    "arskurs": ("åk", "skolår", "årskurs"),
    "klass": ("klassbeteckning", "grupp"),
    "kon": ("kön", "gender", "sex"),
    "fodelsear": ("födelseår",),
    "program": ("studievägskod", "studieväg", "programkod"),
    "inskriven": ("inskrivningsdatum", "startdatum", "fr.o.m."),
    "avslutad": ("avslutsdatum", "slutdatum", "t.o.m.", "utskriven"),
    "skyddad": ("sekretess", "skyddade personuppgifter", "sekretessmarkering"),
    "vecka": ("veckonr", "isovecka"),
    "schemalagda_minuter": ("schemalagd tid", "undervisningstid", "erbjuden tid", "lektionstid"),
    "rapporterade_minuter": ("rapporterad tid", "närvarorapporterad tid"),
    "datum": ("lektionsdatum", "dag", "betygsdatum", "registreringsdatum"),
    "lektion_start": ("starttid", "lektionsstart", "klockslag", "från"),
    "minuter": ("frånvarominuter", "frånvaro", "frånvaro (min)", "antal minuter", "längd"),
    "typ": ("frånvarotyp", "orsakstyp", "giltig/ogiltig", "status"),
    "registrerad": ("registrerad tid", "tidpunkt", "rapporterad", "ändrad"),
    "kurskod": ("ämne", "ämneskod", "kurs", "ämneskod/kurskod"),
    "poang": ("poäng", "kurspoäng"),
    "betyg": ("betygsvärde", "slutbetyg", "terminsbetyg"),
}
_CLOSE = 0.8


@dataclass(frozen=True)
class _Seen:
    """A table in a file that nothing claims: its name and header."""

    file: str
    columns: list[str]


def draft(folder: Path) -> str:
    """Return a mapping for the files of a folder that are not read without one."""
    seen = list(_unclaimed(folder))
    lines = [
        "# A first draft by pilot map. Every line with ??? is a question: answer it, or delete it.",
        "# How mappings work: docs/exports.md. Then: pilot check " + folder.name,
    ]
    if not seen:
        lines += ["# Every table here is read without a mapping.", "sources: {}", "tables: {}"]
        return "\n".join(lines) + "\n"
    by_table: dict[str, tuple[_Seen, dict[str, str]]] = {}
    for table in seen:
        stem, guesses = _best(table.columns)
        if stem not in by_table or len(guesses) > len(by_table[stem][1]):
            by_table[stem] = (table, guesses)
        else:
            lines.append(f"# ??? {_quoted(table.file)}: another file for {stem}, or for what?")
    lines += ["sources:"]
    for stem, (table, guesses) in by_table.items():
        told = [_quoted(own) for own in list(guesses.values())[:3] or table.columns[:2]]
        lines += [
            f"  {stem}_files:",
            f"    files: [{_quoted(_pattern(table.file))}]",
            f"    has: [{', '.join(told)}]",
        ]
    lines += ["tables:"]
    for stem, (table, guesses) in by_table.items():
        lines += _table_lines(TABLES[stem], table, guesses)
    return "\n".join(lines) + "\n"


def _table_lines(table: Table, seen: _Seen, guesses: dict[str, str]) -> list[str]:
    lines = [
        f"  {table.stem}:  # guessed from {_quoted(seen.file)}",
        f"    from: {table.stem}_files",
        "    columns:",
    ]
    for column, about in table.schema.columns.items():
        if column in guesses:
            lines.append(f"      {column}: {_quoted(guesses[column])}{_hint(column, guesses)}")
        elif about.required:
            meaning = about.description
            lines.append(f'      {column}: "???"  # {meaning}: which column? Or {{value: ...}}')
    left = [c for c in seen.columns if c not in guesses.values() and c]
    if left:
        lines.append(f"    # not used: {', '.join(map(_quoted, left[:30]))}")
    return lines


def _hint(column: str, guesses: dict[str, str]) -> str:
    """Return a question about units where a name speaks of hours."""
    if "minuter" in column and (
        "tim" in folded(guesses[column]) or "hour" in folded(guesses[column])
    ):
        return "  # ??? hours: write {from: ..., convert: hours_to_minutes}"
    return ""


def _best(columns: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the table that a header fits best, and which column is which of the contract's."""
    ranked = []
    for stem, table in TABLES.items():
        guesses = _guesses(columns, table)
        needed = [c for c, about in table.schema.columns.items() if about.required]
        ranked.append((len(set(guesses) & set(needed)) / len(needed), len(guesses), stem, guesses))
    _, _, stem, guesses = max(ranked, key=lambda r: r[:2])
    return stem, guesses


def _guesses(columns: Sequence[str], table: Table) -> dict[str, str]:
    found: dict[str, str] = {}
    free = {folded(c): c for c in columns if c}
    for column, about in table.schema.columns.items():
        if metadata(about)["kind"] == "ignored":
            continue
        names = [folded(column), *(folded(s) for s in _SYNONYMS.get(column, ()))]
        own = next((free[n] for n in names if n in free), None)
        if own is None:
            near = difflib.get_close_matches(names[0], free, n=1, cutoff=_CLOSE)
            own = free[near[0]] if near else None
        if own is not None:
            found[column] = own
            free.pop(folded(own), None)
    return found


def _unclaimed(folder: Path) -> Iterator[_Seen]:
    """Give the header of every table that neither the contract nor a shipped mapping reads."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Workplace(Path(scratch) / "copies")
        entries, _ = list_files(folder)
        found = exports.Exports()
        looked = [pair for entry in entries for pair in exports.opened(entry, place, found)]
        automatic = [model.shipped(name) for name in model.AUTOMATIC]
        claimed = apply.claims(looked, automatic)
        for entry, look in looked:
            if entry.name in claimed:
                continue
            for name, sample in _samples(entry, look):
                header = _header(sample)
                if header and layout.find(sample, name) is None:
                    yield _Seen(entry.name, header)


def _samples(entry: Entry, look: detect.Look) -> Iterator[tuple[str, list[layout.Row]]]:
    if look.kind == "text" and (marks := detect.separators(look.head)):
        yield entry.name, detect.sample_rows(look.head, marks[0])
    if look.kind in ("xlsx", "ods"):
        try:
            workbook.guard(entry.path, look.kind)
            yield from ((s.name, s.sample()) for s in workbook.sheets(entry.path) if not s.hidden)
        except (workbook.UnsafeError, calamine.CalamineError, *workbook.DAMAGED):
            return


def _header(sample: Sequence[layout.Row]) -> list[str]:
    """Return the first row that is as wide as most rows are."""
    widths = [sum(bool(c.strip()) for c in row) for row in sample]
    usual = max(set(widths), key=widths.count, default=0)
    wide = [row for row, n in zip(sample, widths, strict=True) if n >= max(2, usual)]
    # A cell of digits is a value: such a row has no header above it.
    if not wide or any(any(ch.isdigit() for ch in c) and len(c) > 5 for c in wide[0]):
        return []
    return [c.strip() for c in wide[0]]


def _pattern(name: str) -> str:
    """Return a pattern for a file's name in which years and numbers may differ."""
    last = name.rsplit("/", 1)[-1]
    plain = "".join("?" if c.isdigit() else c for c in last)
    while "??" in plain:
        plain = plain.replace("??", "?")
    return plain.replace("?", "*")


def _quoted(name: str) -> str:
    """Return a name as a YAML text."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
