"""Text to rows: nothing shifts, is lost or is counted wrongly, wherever a file is cut into parts."""

import datetime
import re

import duckdb
import pytest
from hand import HAND, write_hand
from hypothesis import given, settings
from hypothesis import strategies as st

from pilot_analysis.ingest import IngestError, ingest, loading, reading
from pilot_analysis.ingest.contracts import TABLES
from pilot_analysis.ingest.files import open_file
from pilot_analysis.ingest.keys import Keys

KEY = b"k" * 32
ABSENCE = TABLES["franvaro"]
HEADER = "elev_id;skolenhetskod;datum;lektion_start;minuter;typ;amne;registrerad"


def load(path, work):
    """Return the rows of one absence file as the rest of ingest sees them, and the problems."""
    raw, problems = open_file(path, ABSENCE, work, {})
    if raw is None:
        return [], problems
    with duckdb.connect() as database:
        keys = Keys(KEY)
        _, problems = loading.load(database, ABSENCE, [raw], {}, keys)
        if problems:
            return [], problems
        keys.write(database)
        rows = database.execute(
            """SELECT p.name, u.name, date, lesson_start, minutes, kind, registered, _row
            FROM raw_absence JOIN pupil_names p USING (pupil) JOIN unit_names u USING (unit)
            ORDER BY _row"""
        ).fetchall()
    return rows, []


reports = st.lists(
    st.tuples(
        st.sampled_from(["L1", "L2", "åäö", "200601012384", "060101-2384", "L" * 40]),
        st.sampled_from(["01234567", "01234568"]),
        st.dates(datetime.date(1950, 1, 1), datetime.date(2090, 1, 1)),
        st.integers(0, 1439),
        st.integers(0, 600),
        st.booleans(),
        st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2090, 1, 1)),
    ),
    min_size=1,
    max_size=60,
)


def line(report, spaces, stamp, quoted, subject):
    pupil, unit, date, start, minutes, invalid, registered = report
    clock = f"{start // 60:02d}:{start % 60:02d}"
    cells = [
        pupil,
        unit,
        f"{date}",
        clock,
        f"{minutes}",
        "ogiltig" if invalid else "giltig",
        subject,
        registered.strftime(stamp),
    ]
    if spaces:
        cells = [f" {cell} " for cell in cells]
    return ";".join(f'"{cell}"' for cell in cells) if quoted else ";".join(cells)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    rows=reports,
    spaces=st.sets(st.integers(0, 59), max_size=2),
    stamp=st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]),
    odd_stamp=st.sampled_from([None, "%Y-%m-%d %H:%M:%SZ", "%Y-%m-%d %H:%M:%S.%f"]),
    quoted=st.booleans(),
    ends=st.sampled_from(["\n", "\r\n"]),
    part=st.sampled_from([90, 400, 1 << 20]),
    blank=st.booleans(),
)
def test_rows_are_read_as_they_were_written_wherever_the_file_is_cut(
    tmp_path_factory, rows, spaces, stamp, odd_stamp, quoted, ends, part, blank
):
    folder = tmp_path_factory.mktemp("cut")
    subject = 'a; "b"'.replace('"', '""') + "\nc" if quoted else "MA"
    lines = [
        line(report, i in spaces, odd_stamp if odd_stamp and i == 7 else stamp, quoted, subject)
        for i, report in enumerate(rows)
    ]
    if blank:
        lines.append("")
    path = folder / "franvaro.csv"
    path.write_bytes((ends.join([HEADER, *lines]) + ends).encode())
    with pytest.MonkeyPatch.context() as small:
        small.setattr(reading, "_PART_BYTES", max(part, 4 * len(HEADER)))
        found, problems = load(path, folder)
    assert not problems, str(problems[0])
    numbers = Keys(KEY)["pupil"]
    for number, (row, report) in enumerate(zip(found, rows, strict=True)):
        pupil, unit, date, start, minutes, invalid, registered = report
        (place,) = numbers.of([pupil])
        wanted = datetime.datetime.strptime(
            registered.strftime(odd := odd_stamp if odd_stamp and number == 7 else stamp), odd
        )
        assert row == (
            numbers.names[place],
            unit,
            date,
            start,
            minutes,
            "ogiltig" if invalid else "giltig",
            wanted,
            number + 2,
        )


@pytest.mark.slow
def test_rows_keep_their_numbers_when_several_threads_read_a_file(tmp_path):
    """Row numbers are told from the order in which rows are kept."""
    n = 400_000  # two of the reader's blocks, four of the database's
    begun = datetime.datetime(2019, 8, 19)
    lines = (
        f"L{i % 977};01234567;2019-08-26;08:15;{i % 600};giltig;MA;"
        f"{begun + datetime.timedelta(seconds=i)}"
        for i in range(n)
    )
    path = tmp_path / "franvaro.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    raw, _ = open_file(path, ABSENCE, tmp_path, {})
    with duckdb.connect() as database:
        database.execute("SET threads = 4")
        loading.load(database, ABSENCE, [raw], {}, Keys(KEY))
        out_of_place = database.execute(
            """SELECT count(*) FROM raw_absence
            WHERE date_diff('second', TIMESTAMP '2019-08-19', registered) <> _row - 2
               OR minutes <> (_row - 2) % 600 OR pupil <> (_row - 2) % 977"""
        ).fetchone()
        assert out_of_place == (0,)
        assert database.execute("SELECT count(*) FROM raw_absence").fetchone() == (n,)


@pytest.mark.slow
def test_a_field_that_moved_to_the_next_line_is_found_though_the_sum_is_right(tmp_path):
    lines = HAND["franvaro"].splitlines()
    lines[3], lines[4] = lines[3] + ";extra", lines[4].rsplit(";", 1)[0]
    raw = write_hand(tmp_path / "raw", franvaro="\n".join(lines) + "\n")
    with pytest.raises(IngestError) as told:
        ingest(raw, tmp_path / "out", key=KEY)
    (problem,) = told.value.problems
    assert (problem.file, problem.row, problem.count) == ("franvaro.csv", 4, 2)
    assert "more fields than the 7 of the header" in problem.rule


@pytest.mark.slow
@pytest.mark.parametrize("part", [300, 1 << 20])
def test_a_broken_rule_has_its_count_and_first_row_wherever_the_file_is_cut(
    tmp_path, monkeypatch, part
):
    monkeypatch.setattr(reading, "_PART_BYTES", part)
    good = "L1;01234567;2019-08-26;08:15;60;giltig;MA;2019-08-26 09:00:00"
    lines = [HEADER] + [good] * 40
    for row, spoil in (
        (9, ("60", "0x1F")),
        (31, ("60", "1,5")),
        (12, ("giltig", "G")),
        (33, ("09:00:00", "9 o'clock")),
        (20, ("2019-08-26;", "26/08/2019;")),
    ):
        lines[row - 1] = lines[row - 1].replace(*spoil, 1)
    for row in range(14, 40, 2):
        lines[row - 1] = lines[row - 1].replace("giltig", "G")
    path = tmp_path / "franvaro.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _, problems = load(path, tmp_path)
    told = {p.column: (p.row, p.count) for p in problems}
    assert told == {"datum": (20, 1), "minuter": (9, 2), "typ": (12, 14), "registrerad": (33, 1)}
    by_column = {p.column: p for p in problems}
    assert by_column["minuter"].examples == ["'9a9a'", "'9,9'"]
    assert by_column["typ"].examples == ["the code 'G' (14 rows)"]


@pytest.mark.slow
def test_identifiers_never_reach_the_database(tmp_path, monkeypatch):
    raw = write_hand(tmp_path / "raw")
    spellings = set()
    for path in raw.glob("*.csv"):
        spellings |= set(re.findall(r"[0-9]{6}-?[0-9]{4}|L[0-9]\b", path.read_text("utf-8")))
    seen = []

    def look(database):
        tables = [name for (name,) in database.execute("SHOW TABLES").fetchall()]
        for name in tables:
            text = str(database.execute(f'FROM "{name}"').fetchall())
            assert not any(f"'{s}'" in text for s in spellings), name
            seen.append(name)
        return []

    monkeypatch.setattr("pilot_analysis.ingest.crosschecks.problems", look)
    ingest(raw, tmp_path / "out", key=KEY)
    assert {"raw_pupils", "raw_absence", "pupil_names"} <= set(seen)
    assert len(spellings) >= 5
