"""A folder of exports to texts of the contract, with a line about every file in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import python_calamine as calamine

from pilot_analysis.ingest.contracts import Table
from pilot_analysis.ingest.files import Aliases, Source
from pilot_analysis.ingest.intake import archive, detect, layout, text, workbook
from pilot_analysis.ingest.intake.detect import Look
from pilot_analysis.ingest.intake.folder import MAPPING_FILE, Entry, list_files
from pilot_analysis.ingest.intake.mapping import apply
from pilot_analysis.ingest.intake.messages import ENGLISH, Words, problem
from pilot_analysis.ingest.intake.names import table_named
from pilot_analysis.ingest.intake.workplace import Workplace
from pilot_analysis.ingest.problems import Problem


@dataclass
class Exports:
    """What a folder of exports holds."""

    sources: dict[str, list[Source]] = field(default_factory=dict)
    taken_for: dict[str, list[Words]] = field(default_factory=dict)
    unread: dict[str, Words] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, source: Source, looks: Words, *more: Words) -> None:
        """Add a text for the contract's reader, and what its file was taken for."""
        self.sources.setdefault(source.table.stem, []).append(source)
        taken = Words("taken", {"table": source.table.stem, "looks": looks})
        self.taken_for[source.name] = [taken, *more]

    def add(self, mapped: apply.Mapped) -> None:
        """Add what mappings have made."""
        self.problems += mapped.problems
        self.taken_for |= {name: [words] for name, words in mapped.taken_for.items()}
        for source, words in mapped.made:
            self.sources.setdefault(source.table.stem, []).append(source)
            self.taken_for[source.name] = [words]

    def leave(self, name: str, looks: Words, *, holds_data: bool) -> None:
        """Add a file that nothing was read from; one that may hold data is a remark."""
        self.unread[name] = looks
        if holds_data:
            code = looks.code.removeprefix("looks_")
            self.problems.append(problem("unread", name, looks=code, stops=False, **looks.values))

    def lines(self, language: str = ENGLISH) -> list[str]:
        """Return one line a file: what it was taken for, or that it was not read."""
        lines = []
        for name, phrases in self.taken_for.items():
            words = "; ".join(phrase.told(language) for phrase in phrases)
            lines.append(Words("line", {"file": name, "words": words}).told(language))
        for name, looks in self.unread.items():
            lines.append(Words("line_unread", {"file": name, "words": looks}).told(language))
        return lines

    def record(self) -> dict[str, dict[str, str]]:
        """Return the same for the quality report, by file."""
        return {
            "taken_for": {n: "; ".join(w.told() for w in ws) for n, ws in self.taken_for.items()},
            "unread": {name: looks.told() for name, looks in self.unread.items()},
        }


def prepare(folder: Path, work: Path, aliases: Aliases, mapping: Path | None = None) -> Exports:
    """Look at every file of a folder and make what the contract's reader takes.

    Copies go into `work`. `mapping` describes other systems' files; `mapping.yml` beside the
    exports does by itself.
    """
    found = Exports()
    place = Workplace(work)
    entries, found.problems = list_files(folder)
    looked = [(e, look) for entry in entries for e, look in opened(entry, place, found)]
    if mapping is None and (folder / MAPPING_FILE).is_file():
        mapping = folder / MAPPING_FILE
    mapped = apply.apply(looked, apply.chosen(mapping), place, work)
    found.add(mapped)
    for entry, look in looked:
        if entry.name not in mapped.claimed:
            _read(entry, look, place, found, aliases)
    return found


def is_plain_folder(folder: Path) -> bool:
    """Say whether every export is a text of the contract, so that each can be read by itself."""
    if (folder / MAPPING_FILE).exists():
        return False
    entries, problems = list_files(folder)
    if problems or any("/" in entry.name for entry in entries):
        return False
    return all(
        (found := text.find(entry, look, {})) is not None
        and text.is_plain(entry, found)
        and _is_contract_name(entry)
        for entry in entries
        if (look := detect.look(entry.path)).holds_data
    )


def _is_contract_name(entry: Entry) -> bool:
    table = table_named(entry.name)
    last = entry.name.rsplit("/", 1)[-1]
    return table is not None and last.startswith(table.stem) and last.endswith(".csv")


def opened(entry: Entry, place: Workplace, found: Exports) -> Iterator[tuple[Entry, Look]]:
    """Give a file and what it is; of an archive, the files in it."""
    look = detect.look(entry.path)
    if look.kind not in ("gzip", "zip"):
        yield entry, look
        return
    members, problems = archive.unpack(entry, look.kind, place.new_folder())
    found.problems += problems
    for member in members:
        inner = detect.look(member.path)
        if inner.kind in ("gzip", "zip"):
            found.leave(member.name, Words("looks_nested_archive"), holds_data=True)
        else:
            yield member, inner


def _read(entry: Entry, look: Look, place: Workplace, found: Exports, aliases: Aliases) -> None:
    """Add one file to what was found."""
    if look.kind in ("xlsx", "ods"):
        _read_workbook(entry, look, place, found, aliases)
        return
    table = text.find(entry, look, aliases) if look.kind == "text" else None
    if table is not None and table.layout.table is not None:
        if text.is_plain(entry, table):
            found.take(_as_it_is(entry, table.layout.table), table.words)
            return
        copy, whole = place.new_file(), text.settled(entry, table)
        written, problems = text.convert(entry, whole, copy)
        found.problems += problems
        if not problems:
            source = Source(
                entry.name, copy, entry.origin, table.layout.table, written.rows, whole.encoding
            )
            found.take(source, whole.words, *written.words(table.layout))
        return
    named = table_named(entry.name)
    if named is not None and _is_contract_name(entry) and look.kind != "json":
        # The contract's reader says what is wrong with it.
        found.take(_as_it_is(entry, named), look.words)
        return
    found.leave(entry.name, _described(look), holds_data=look.holds_data and _has_rows(look))


def _as_it_is(entry: Entry, table: Table) -> Source:
    return Source(entry.name, entry.path, entry.origin, table)


def _has_rows(look: Look) -> bool:
    """Say whether a text has columns: prose is left unread without a remark."""
    if look.kind != "text":
        return True
    rows = [row for row in _sample(look) if row]
    return len(rows) > 1 and sum(len(row) > 1 for row in rows) * 2 > len(rows)


def _sample(look: Look) -> list[list[str]]:
    marks = detect.separators(look.head)
    return detect.sample_rows(look.head, marks[0]) if marks else []


def _described(look: Look) -> Words:
    if look.kind == "text" and _has_rows(look):
        columns = max(len(row) for row in _sample(look))
        return Words("looks_foreign_table", {"columns": columns})
    return look.words


def _read_workbook(
    entry: Entry, look: Look, place: Workplace, found: Exports, aliases: Aliases
) -> None:
    """Add the sheets of one workbook to what was found."""
    try:
        workbook.guard(entry.path, look.kind)
        raw = list(workbook.sheets(entry.path))
        visible = [sheet for sheet in raw if not sheet.hidden]
        for sheet in raw:
            name = entry.name if len(raw) == 1 else f"{entry.name} [{sheet.name}]"
            if sheet.hidden:
                found.leave(name, Words("looks_hidden_sheet"), holds_data=True)
                continue
            table = workbook.find(entry, sheet, aliases, only_sheet=len(visible) == 1)
            if table is None:
                found.leave(name, Words("looks_foreign_sheet"), holds_data=True)
                continue
            _read_sheet(Entry(name, entry.path, entry.origin), table, look, place, found)
    except workbook.UnsafeError as error:
        found.problems.append(problem(f"workbook_{error}", entry.name))
    except (calamine.CalamineError, *workbook.DAMAGED):
        found.problems.append(problem("workbook_damaged", entry.name))


def _read_sheet(
    entry: Entry, sheet: workbook.Sheet, look: Look, place: Workplace, found: Exports
) -> None:
    copy = place.new_file()
    written = layout.write(sheet.texts(), sheet.layout, copy)
    problems = sheet.problems(entry.name)
    found.problems += problems
    if not problems and sheet.layout.table is not None:
        source = Source(entry.name, copy, entry.origin, sheet.layout.table, written.rows, look.kind)
        found.take(source, look.words, *written.words(sheet.layout))
