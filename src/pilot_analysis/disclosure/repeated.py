"""A second run on nearly the same data: the difference of two publications tells of a few pupils."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Exports that differ by no more than this share of their rows are nearly the same.
_NEARLY = 0.02


def much_the_same(quality: Mapping[str, Any], out: Path) -> list[str]:
    """Return the names of published runs beside `out`, or in it, made from nearly the same exports.

    `quality` is the report that is about to be published. Nearly the same: the same tables, of
    which at least one differs, and none by more than a fiftieth of its rows, as published. Runs
    that differ in parameters alone have the same pupils, and are not told.
    """
    found = []
    for path in sorted({*out.parent.glob("*/quality.json"), out / "quality.json"}):
        try:
            other = json.loads(path.read_text(encoding="utf-8"))
            if _nearly_same(quality, other):
                found.append(path.parent.name)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # another program's file
    return found


def _nearly_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one["synthetic"] or other["synthetic"]:
        return False  # nobody's data
    mine, theirs = ({f["file"]: f for f in quality["files"]} for quality in (one, other))
    if mine.keys() != theirs.keys():
        return False
    changed = [n for n in mine if mine[n].get("sha256") != theirs[n].get("sha256")]
    return bool(changed) and all(
        _close(mine[n].get("rows_read"), theirs[n].get("rows_read")) for n in changed
    )


def _close(n: int | None, m: int | None) -> bool:
    if n is None or m is None:
        return n is m
    return abs(n - m) <= max(_NEARLY * max(n, m), 0)
