"""The quality report: rows read = kept + dropped by rule, for every file."""

from pathlib import Path
from typing import Any

import duckdb

from pilot_analysis.files import digest
from pilot_analysis.ingest import clean, coverage
from pilot_analysis.ingest.contracts import TABLES
from pilot_analysis.ingest.files import RawFile

# Raw table -> the table with `_file` and `_status` that accounts for its rows.
ACCOUNTS = {
    "schools": "schools_status",
    "exposure": "exposure_rows",
    "calendar": "calendar_rows",
    "pupils": "pupils_status",
    "teaching_time": "teaching_time_status",
    "absence": "absence_counts",
    "attendance_totals": "totals_status",
    "grades": "grades_status",
    "mentors": "mentors_status",
    "pupil_survey": "pupil_survey_status",
    "staff_survey": "staff_survey_status",
    "staff_asked": "staff_asked_status",
    "themes": "themes_status",
}


def report(
    database: duckdb.DuckDBPyConnection,
    raw: Path,
    opened: dict[str, list[RawFile]],
    rows: dict[str, dict[str, int]],
    truth: dict[str, Any] | None,
    known: dict[str, str],
) -> dict[str, Any]:
    """Return what was read, kept, dropped and adjusted, by file and rule, and what it covers.

    `rows` counts the rows read of each file by stem, `known` has the digests known already.
    """
    files = []
    for stem, table in TABLES.items():
        account = ACCOUNTS.get(table.english)
        counts = clean.count_status(database, account) if account else {}
        for position, file in enumerate(opened[stem]):
            by_status = dict(counts.get(position, {}))
            read = rows[stem][file.name]
            kept = by_status.pop("kept", 0) if account else read
            files.append(
                {
                    "file": file.name,
                    "table": table.english,
                    "encoding": file.encoding,
                    "sha256": known.get(file.name) or digest(file.origin or raw / file.name),
                    "bytes": file.size,
                    "rows_read": read,
                    "rows_kept": kept,
                    "rows_dropped": by_status,
                    "extra_columns_dropped": file.extra_columns,
                    "optional_columns_missing": [
                        name for name in table.schema.columns if name not in file.columns
                    ],
                }
            )
            assert read == kept + sum(by_status.values()), (
                f"{file.name}: {read} read, {kept} kept, {by_status}"
            )
    capped = database.execute(
        """SELECT count(*) FILTER (raw_absent > scheduled), coalesce(sum(over_reported), 0),
                  count(*) FILTER (absent > reported), (SELECT count(*) FROM too_long WHERE NOT whole_day)
           FROM pupil_week"""
    ).fetchone()
    assert capped is not None
    return {
        "synthetic": truth is not None,
        "notice": truth["notice"] if truth else "",
        "files": files,
        "adjusted": {
            "reports_capped_at_the_next_lesson": int(capped[3]),
            "weeks_with_absence_capped_at_scheduled_time": int(capped[0]),
            "weeks_with_reported_time_capped_at_scheduled_time": int(capped[1]),
            "weeks_with_reported_time_raised_to_absence": int(capped[2]),
        },
        "coverage": coverage.table(database),
        "school_terms_missing_in_register": clean.missing_terms(database),
        # Read by the disclosure rules, and never published.
        "protected_pupils": database.execute("SELECT count(*) FROM protected").fetchall()[0][0],
        "processed": {},
    }
