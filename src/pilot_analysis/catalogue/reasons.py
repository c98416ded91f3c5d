"""Why something could not be estimated: codes, and their sentences in every language."""

import json
from collections.abc import Mapping
from typing import Any

from pilot_analysis.catalogue import language as languages
from pilot_analysis.errors import NotEstimable

_PREFIX = "reason_"
# Values that are numbers come as such, and are written as the language writes them.
_FEWEST_DIGITS = 2


def codes() -> list[str]:
    """Return every reason's code."""
    names = languages.message_names(languages.ENGLISH)
    return sorted(n.removeprefix(_PREFIX) for n in names if n.startswith(_PREFIX))


def columns(error: NotEstimable) -> dict[str, str]:
    """Return the columns of the estimates table that hold a reason."""
    return cells(error.code, **error.values)


def cells(code: str, **values: Any) -> dict[str, str]:
    """Return `reason` and `reason_values` (JSON) of the estimates table."""
    return {"reason": code, "reason_values": json.dumps(values, sort_keys=True) if values else ""}


def sentence(row: Mapping[str, Any], language: str) -> str:
    """Return why a row of the estimates table has no estimate; empty where nothing is wrong."""
    code = row.get("reason") or ""
    if not code:
        return ""
    values = json.loads(row.get("reason_values") or "{}")
    return languages.text(_PREFIX + code, language, values)
