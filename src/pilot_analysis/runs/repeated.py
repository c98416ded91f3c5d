"""A second run on nearly the same data: the difference of two publications tells of a few pupils."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Exports that differ by no more than this share of their rows are nearly the same.
_NEARLY = 0.02


def much_the_same(run: Path, beside: Path) -> list[str]:
    """Return the names of the runs in `beside` made from nearly the same exports as `run`.

    Nearly the same: the same tables, of which at least one differs, and none by more than a
    fiftieth of its rows, as published. Runs that differ in parameters alone have the same pupils,
    and are not told.
    """
    mine = _quality(run)
    others = [p.parent for p in sorted(beside.glob("*/quality.json")) if p.parent != run]
    return [other.name for other in others if _nearly_same(mine, _quality(other))]


def _quality(run: Path) -> Mapping[str, Any]:
    try:
        found = json.loads((run / "quality.json").read_text(encoding="utf-8"))
        return {
            "synthetic": bool(found["synthetic"]),
            "files": {f["file"]: f for f in found["files"]},
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {"synthetic": True, "files": {}}  # another program's file


def _nearly_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one["synthetic"] or other["synthetic"]:
        return False  # nobody's data
    mine, theirs = one["files"], other["files"]
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
