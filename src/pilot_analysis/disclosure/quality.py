"""Ingest's report as it may be published: only what is known, and counts that hide one pupil."""

import math
from collections.abc import Mapping
from typing import Any

from pilot_analysis.disclosure import schemas
from pilot_analysis.disclosure.rules import RULES, Rules, Withheld, round_step

# How many rows of a table one person can have in a file, all years together; 0 where rows are no
# persons'. What one pupil adds to a count is hidden by a step of at least that.
_ROWS_OF_ONE = {
    "schools": 0,
    "exposure": 0,
    "calendar": 0,
    "school_results": 0,
    "asked": 0,
    "staff_asked": 0,
    "themes": 0,
    "pupils": 10,
    "pupil_terms": 10,
    "teaching_time": 200,
    "pupil_weeks": 200,
    "absence": 2_000,
    "grades": 200,
    "mentors": 10,
    "pupil_survey": 5,
    "staff_survey": 5,
}
_MOST = 2_000
# A remark is told with few rows, whatever file it is on: its readers need to know that it is there.
_OF_A_REMARK = 5
_PERSONAL_NAMES = {"protected_pupils"}


def protect_quality(
    quality: Mapping[str, Any], rules: Rules = RULES
) -> tuple[dict[str, Any], list[Withheld]]:
    """Return ingest's report as it may be published, and what was withheld.

    Parts that the allow-list does not name are left out. Counts of rows are rounded to a step of
    what one person can add to them, so that two reports that differ by a pupil do not tell how
    much that pupil was absent; up to a step they are missing. Read is kept plus dropped, in what is
    shown. How many pupils have protected identity is left out.
    """
    _, allowed = schemas.DOCUMENTS["quality.json"]
    safe = {key: value for key, value in quality.items() if key in allowed}
    withheld = [
        Withheld("quality.json", key, "no part of the published report")
        for key in quality
        if key not in allowed | _PERSONAL_NAMES
    ]
    safe["files"] = [_file(entry, withheld, rules) for entry in quality.get("files", ())]
    for key in ("processed", "adjusted"):
        if key in safe:
            safe[key] = {
                name: _rows(n, _ROWS_OF_ONE.get(name, _MOST if key == "processed" else 200), rules)
                for name, n in quality[key].items()
            }
    if "remarks" in safe:
        safe["remarks"] = [
            dict(r) | {"count": _rows(r["count"], _OF_A_REMARK, rules)} for r in quality["remarks"]
        ]
    for key in allowed & {"coverage"} & safe.keys():
        safe[key] = _coarse_shares(safe[key], rules)
    return safe, withheld


def _file(entry: Mapping[str, Any], withheld: list[Withheld], rules: Rules) -> dict[str, Any]:
    one = _ROWS_OF_ONE.get(str(entry.get("table")), _MOST)
    safe = dict(entry)
    dropped = {name: _rows(n, one, rules) for name, n in entry.get("rows_dropped", {}).items()}
    hidden = [name for name, n in dropped.items() if n is None]
    read = _rows(entry.get("rows_read"), one, rules)
    safe["rows_read"], safe["rows_dropped"] = read, dropped
    # What is kept is the rest of what is shown, so that it gives nothing back.
    known = sum(n for n in dropped.values() if n is not None)
    safe["rows_kept"] = None if read is None or (hidden and not one) else max(0, read - known)
    if one and "bytes" in safe:
        safe["bytes"] = _rows(safe["bytes"], 100 * one, rules)
    withheld += [
        Withheld("quality.json", f"{entry.get('file')}, {name}", "as few rows as one person has")
        for name in hidden
    ]
    return safe


def _rows(n: Any, one: int, rules: Rules) -> int | None:
    """Return a count of rows of which one person can have `one`."""
    if n is None:
        return None
    if not one:
        return int(n)
    step = max(rules.count_step, round_step(one))
    if 0 < n <= max(rules.redact_at_most, step // 2):
        return None
    return int(math.floor(n / step + 0.5) * step)


def _coarse_shares(value: Any, rules: Rules) -> Any:
    """Return nested tables with shares in whole percent, and counts of persons rounded."""
    if isinstance(value, list):
        return [_coarse_shares(v, rules) for v in value]
    if isinstance(value, Mapping):
        return {
            k: _rows(v, _MOST if "row" in k else 1, rules)
            if isinstance(v, int)
            and not isinstance(v, bool)
            and k not in ("term_number", "n_schools")
            else _coarse_shares(v, rules)
            for k, v in value.items()
        }
    return round(value, 2) if isinstance(value, float) else value
