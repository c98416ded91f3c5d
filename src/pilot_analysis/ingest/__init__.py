"""Raw exports to processed tables.

A file is looked through byte by byte (`files`), read as spellings (`reading`), each of which is
judged by its rule (`typed`) and kept as typed rows with numbers for identifiers (`loading`,
`keys`). Then rows are judged against each other (`clean`, `lessons`, `crosschecks`).
"""

import contextlib
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from pilot_analysis import description
from pilot_analysis.description import Description
from pilot_analysis.errors import ParameterError, PilotError
from pilot_analysis.files import alone, digest
from pilot_analysis.ingest import (
    clean,
    coverage,
    crosschecks,
    free_text,
    grades,
    lessons,
    loading,
    matching,
    memory,
    parts,
    silence,
    surveys,
    totals,
    typed,
)
from pilot_analysis.ingest import quality as quality_report
from pilot_analysis.ingest.contracts import Table, data_dictionary, for_evaluation
from pilot_analysis.ingest.files import Aliases, RawFile, open_all
from pilot_analysis.ingest.intake.exports import Exports, prepare
from pilot_analysis.ingest.intake.folder import inputs
from pilot_analysis.ingest.keys import Keys
from pilot_analysis.ingest.problems import IngestError, Problem, problem
from pilot_analysis.ingest.pseudonyms import SYNTHETIC_KEY, load_key
from pilot_analysis.ingest.rules import Rules
from pilot_analysis.ingest.truth import TRUTH, synthetic_truth

__all__ = ["IngestError", "Problem", "Rules", "data_dictionary", "ingest", "read_part"]

QUALITY_FILE = "quality.json"
_READING = 0.3  # of the whole, as measured
# Columns whose codes are mapped though their list is open, by table.
_OPEN_CODES = {"betyg": ("kurskod",)}
_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)

# Processed table -> its query.
_OUTPUTS = {
    "schools": clean.SCHOOLS,
    "exposure": clean.EXPOSURE,
    "calendar": clean.CALENDAR,
    "pupil_terms": clean.PUPIL_TERMS,
    "pupil_weeks": lessons.PUPIL_WEEKS,
    "grades": grades.GRADES,
    "mentors": surveys.MENTORS,
    "pupil_survey": surveys.PUPIL_SURVEY,
    "staff_survey": surveys.STAFF_SURVEY,
    "staff_asked": surveys.STAFF_ASKED,
    "themes": surveys.THEMES_COUNTED,
    "school_results": surveys.SCHOOL_RESULTS,
}


def _connect(work: Path) -> duckdb.DuckDBPyConnection:
    # What does not fit into memory goes to disk, into the same folder.
    database = duckdb.connect(str(work / "ingest.duckdb"))
    database.execute(f"SET temp_directory = {typed.literal(str(work))}")
    database.execute(f"SET memory_limit = {typed.literal(memory.limit())}")
    database.execute("SET preserve_insertion_order = true")
    database.execute("SET enable_progress_bar = false")
    return database


@contextlib.contextmanager
def _workplace(out: Path) -> Iterator[Path]:
    """Give an owner-only folder inside `out`, for one ingest at a time, and remove it.

    It holds what was read, under numbers; of exports in Windows-1252 also a copy as they are. What
    a killed ingest left is removed by the next.
    """
    with alone(out / ".ingest.lock", f"{out}: another ingest is writing here; wait for it"):
        try:
            for left in out.glob(".ingest-*"):
                shutil.rmtree(left, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix=".ingest-", dir=out) as folder:
                yield Path(folder)
        finally:
            (out / ".ingest.lock").unlink(missing_ok=True)


def _raise_if(problems: list[Problem]) -> None:
    """Raise what stops; remarks are told once everything has been read."""
    if stopping := [p for p in problems if p.stops]:
        raise IngestError(stopping)


def ingest(
    raw: Path,
    out: Path,
    *,
    key: bytes | None = None,
    aliases: Aliases | None = None,
    rules: Rules | None = None,
    tell: Callable[[float, str], None] = lambda share, words: None,
    by_parts: bool = False,
    mapping: Path | None = None,
    taken: Callable[[Exports], None] = lambda exports: None,
    described: Description | None = None,
) -> dict[str, Any]:
    """Read the exports in `raw`, write the processed tables and `quality.json` into `out`.

    `aliases` says what the exports call otherwise (see `Parameters.aliases`), `rules` what an
    evaluation may choose; `tell` is told the share done and what has been done. `by_parts` puts
    together what `read_part` made of each file. `mapping` describes other systems' files (by
    default `mapping.yml` in `raw`); `taken` is told what each file was taken for, before any of
    them is judged. `described` says which grades are evaluated and what the questionnaires asked;
    the default evaluation does where none is given.

    Nothing is written unless everything is right: tables are made beside `out` and moved into it
    one by one. `quality.json` goes first and comes last, so that no mixture of two ingests is
    ever read. Returns the quality report; its `remarks` are problems that
    do not stop: rows counted and dropped, or capped, by rule.

    Raises `IngestError` with every problem found, `KeyFileError` when the pseudonym key cannot be
    used, `PilotError` while another ingest writes into `out` or when disk or memory are too small.
    """
    with _room_explained(raw, out):
        return _ingest(
            raw,
            out,
            key,
            aliases or {},
            rules or Rules(),
            tell,
            by_parts,
            mapping,
            taken,
            described or description.load(),
        )


def read_part(
    raw: Path,
    name: str,
    out: Path,
    *,
    key: bytes | None = None,
    aliases: Aliases | None = None,
    described: Description | None = None,
) -> Path:
    """Read the export `name` for an `ingest` by parts; returns the file that says how it went.

    Any number of files can be read at once, on any machines that see both folders. What is wrong
    with the file is told by the ingest, with all the others' problems. Raises as `ingest` does.
    """
    tables = for_evaluation(described or description.load())
    _check_aliases(aliases or {}, tables)
    known = parts.table_of(raw, name)
    if known is None:
        raise PilotError(f"{raw / name}: is not an export of the contract")
    table = tables[known.stem]
    # Whether the whole folder is synthetic is the ingest's to check; the key only has to agree.
    if key is None:
        key = SYNTHETIC_KEY if (raw / TRUTH).exists() else load_key()
    folder = out / parts.FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _room_explained(raw, out), tempfile.TemporaryDirectory(dir=folder) as scratch:
        work = Path(scratch)
        database = _connect(work)
        try:
            path = raw / name
            parts.write(
                database,
                path,
                "" if path.is_symlink() else digest(path),
                table,
                work,
                folder,
                key=key,
                aliases=aliases or {},
            )
        finally:
            database.close()
    return folder / f"{name}.json"


@contextlib.contextmanager
def _room_explained(raw: Path, out: Path) -> Iterator[None]:
    """Turn the errors of a full disk or memory into a message."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise PilotError(
            f"{raw}: needs more memory or disk than there is; memory was {memory.limit()} (set "
            f"PILOT_MEMORY), disk in {out}"
        ) from None
    except (*typed.NO_ROOM, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_ROOM:
            raise
        raise PilotError(
            f"{out}: cannot be written, is the disk full? Earlier tables there are as they were"
        ) from None


def _ingest(
    raw: Path,
    out: Path,
    key: bytes | None,
    aliases: Aliases,
    rules: Rules,
    tell: Callable[[float, str], None],
    by_parts: bool,
    mapping: Path | None,
    taken: Callable[[Exports], None],
    described: Description,
) -> dict[str, Any]:
    if not raw.is_dir():
        raise IngestError([problem("not_a_folder", str(raw))])
    truth = synthetic_truth(raw)
    tables = for_evaluation(described)
    _check_aliases(aliases, tables)
    if key is None and not by_parts:
        key = SYNTHETIC_KEY if truth is not None else load_key()
    size = sum(path.stat().st_size for path in inputs(raw))
    with _workplace(out) as work:
        known = dict(truth["files"]) if truth else {}
        exports = prepare(raw, work / "copies", aliases, mapping)
        taken(exports)
        opened, problems = (
            ({}, []) if by_parts else open_all(exports.sources, work, aliases, tables)
        )
        problems += [p for p in exports.problems if p.stops]
        database = _connect(work)
        try:
            keys = Keys(None if by_parts else key)
            rows: dict[str, dict[str, int]] = {}
            read = 0
            for stem, table in tables.items():
                if by_parts:
                    opened[stem], rows[stem], digests, found = parts.load(
                        database, raw, table, out / parts.FOLDER, keys
                    )
                    known |= digests
                else:
                    rows[stem], found = loading.load(
                        database, table, opened.get(stem, []), aliases.get(stem, {}), keys
                    )
                problems += found
                read += sum(file.size for file in opened.get(stem, []))
                total = sum(n for counts in rows.values() for n in counts.values())
                tell(_READING * read / max(1, size), f"{total:,} rows read")
            _raise_if(problems)
            keys.write(database)
            clean.wrong_digits(database)
            if by_parts and (found_wrong := parts.wrong_digits(raw, out / parts.FOLDER)):
                database.executemany("INSERT INTO wrong_digits VALUES (?, ?)", found_wrong)
            if opened["narvarosummor"]:
                problems = [p for p in problems if p.code not in totals.SPARED]
            problems += [p for p in exports.problems if not p.stops]
            problems += _judge(
                database,
                opened,
                keys,
                rules,
                described,
                lambda done, what: tell(done, f"{total:,} rows read, {what}"),
            )
            quality = quality_report.report(database, raw, opened, rows, truth, known)
            quality |= exports.record()
            quality["remarks"] = [p.as_dict() for p in problems]
            quality["aliases"] = {k: {c: dict(m) for c, m in v.items()} for k, v in aliases.items()}
            quality["rules"] = asdict(rules) | {"grade_codes": grades.code_list(database, rules)}
            ready = work / "ready"
            ready.mkdir()
            for name, query in _OUTPUTS.items():
                count = typed.write_parquet(database, query, ready / f"{name}.parquet")
                quality["processed"][name] = count
        finally:
            database.close()
        _publish(ready, out, quality, truth)
    if by_parts:
        shutil.rmtree(out / parts.FOLDER, ignore_errors=True)
    return quality


def _judge(
    database: duckdb.DuckDBPyConnection,
    opened: dict[str, list[RawFile]],
    keys: Keys,
    rules: Rules,
    described: Description,
    tell: Callable[[float, str], None],
) -> list[Problem]:
    """Judge all rows against each other; return the remarks, raise `IngestError` for the rest."""
    files = {stem: [file.name for file in found] for stem, found in opened.items()}
    _raise_if(clean.schools(database, described.evaluated_grades))
    silent = {
        i: file.name for i, file in enumerate(opened["kalender"]) if "distans" not in file.columns
    }
    problems = clean.exposure(database)
    problems += clean.calendar(database, described.evaluated_grades, silent)
    problems += free_text.told(database, files)
    problems += surveys.unlisted(database, described, files)
    if rules.protected_identities == "column":
        lacking = [f.name for f in opened["elever"] if "skyddad" not in f.columns]
        problems += matching.protection_unknown(database, files, lacking)
    clean.pupil_stays(database, described.evaluated_grades)
    problems += clean.unlisted_schools(database, rules)
    problems += clean.shared_identifiers(database, rules)
    problems += matching.birth_years(database, files, rules)
    _raise_if(problems + lessons.weeks(database, rules.unmatched_share))
    tell(0.36, "lesson time judged")
    lessons.absence(database)
    lessons.pupil_weeks(database)
    lessons.term_minutes(database)
    problems += totals.totals(database)
    _raise_if(problems)
    tell(0.5, "absence judged")
    grades.statuses(database, rules)
    surveys.mentors(database)
    surveys.surveys(database, described.instruments, described.evaluated_grades)
    problems += matching.problems(database, quality_report.ACCOUNTS, files, keys, rules)
    problems += matching.not_enrolled(database, files, rules)
    problems += matching.reversed_periods(database, files, rules)
    problems += matching.no_pupils(database, files["elever"])
    _raise_if(problems)
    with ThreadPoolExecutor(1) as beside:  # cross-checks read grades, and not what is made of them
        outcomes = beside.submit(grades.outcomes, database.cursor())
        problems += crosschecks.problems(database)
        outcomes.result()
    coverage.measure(database)
    problems += coverage.problems(database)
    problems += silence.problems(database)
    _raise_if(problems)
    tell(0.8, "everything judged")
    return problems


def _publish(ready: Path, out: Path, quality: dict[str, Any], truth: dict[str, Any] | None) -> None:
    """Move the tables into `out` one by one; `quality.json` goes first and comes last."""
    (ready / QUALITY_FILE).write_text(
        json.dumps(quality, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    names = [f"{table}.parquet" for table in _OUTPUTS]
    if truth is not None:
        (ready / TRUTH).write_text(json.dumps(truth, ensure_ascii=False), "utf-8")
        names.append(TRUTH)
    else:
        (out / TRUTH).unlink(missing_ok=True)
    (out / QUALITY_FILE).unlink(missing_ok=True)
    for name in [*names, QUALITY_FILE]:
        os.replace(ready / name, out / name)


def _check_aliases(aliases: Aliases, tables: Mapping[str, Table]) -> None:
    """Raise `ParameterError` for tables, columns or codes that the contract does not have."""
    told = []
    for stem, mappings in aliases.items():
        if stem not in tables:
            told.append(f"aliases: there is no table {stem!r}; tables are {', '.join(tables)}")
            continue
        columns = tables[stem].schema.columns
        for name, mapping in mappings.items():
            if name in _OPEN_CODES.get(stem, ()):
                continue
            allowed = list(columns) if name == "columns" else typed.codes_of(columns.get(name))
            if allowed is None:
                told.append(f"aliases: {stem} has no column {name!r} with a closed list of codes")
                continue
            told += [
                f"aliases: {stem}: {name}: {meant!r} is none of {', '.join(allowed)}"
                for meant in mapping.values()
                if meant not in allowed
            ]
    if told:
        raise ParameterError("\n".join(told))
