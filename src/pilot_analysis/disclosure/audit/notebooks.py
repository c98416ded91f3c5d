"""Notebooks: every cell, output, attachment and piece of metadata."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fastjsonschema

from pilot_analysis import personal
from pilot_analysis.disclosure.audit import data as files
from pilot_analysis.disclosure.audit import markup, pictures
from pilot_analysis.disclosure.audit.found import NotUnderstoodError, Rules, Told

_NOTEBOOK_METADATA = {"kernelspec", "language_info", "papermill", "pilot"}
_CELL_METADATA = {"tags"}
_OUTPUT_METADATA = {"alt", "width", "height"}
_ID = re.compile(r"cell-\d{2,4}|[0-9a-f]{8}")


@cache
def _validator(minor: int) -> Callable[[Any], Any]:
    """Return a check against nbformat's own schema, which allows no keys but those of the format.

    The package itself is not imported: that takes longer than all that is looked at here.
    """
    spec = find_spec("nbformat")
    if spec is None or not spec.submodule_search_locations:
        raise NotUnderstoodError
    schema = Path(spec.submodule_search_locations[0]) / "v4" / f"nbformat.v4.{minor}.schema.json"
    check: Callable[[Any], Any] = fastjsonschema.compile(json.loads(schema.read_text()))
    return check


def look_notebook(data: bytes, rules: Rules) -> Told:
    """Look at a notebook as it is published."""
    notebook = json.loads(data.decode("utf-8"))
    if notebook["nbformat"] != 4:
        raise NotUnderstoodError
    _validator(int(notebook["nbformat_minor"]))(notebook)
    if strange := set(notebook["metadata"]) - _NOTEBOOK_METADATA:
        yield f"has metadata that no published notebook has ({len(strange)} kinds)", "Run it anew"
    yield from files.in_json(notebook["metadata"], rules)
    for number, cell in enumerate(notebook["cells"]):
        for what, advice in _cell(cell, rules):
            yield f"cell {number} {what}", advice


def _cell(cell: Mapping[str, Any], rules: Rules) -> Told:
    if cell.get("attachments"):
        yield "has an attachment", "Draw it in the notebook"
    if not _ID.fullmatch(cell.get("id", "cell-00")):
        yield "has an identifier of its own", "Publish it with pilot"
    if set(cell["metadata"]) - _CELL_METADATA:
        yield "has metadata that no published cell has", "Publish it with pilot"
    yield from files.in_json(cell["metadata"], rules)
    yield from personal.findings(cell.get("id", ""))
    source = joined(cell["source"])
    if cell["cell_type"] == "code":
        yield from personal.findings(source)
    else:
        yield from in_markdown(source, rules)
    for output in cell.get("outputs", []):
        yield from _output(output, rules)


def joined(text: Any) -> str:
    """Return a multi-line text of a notebook as one."""
    return "".join(text) if isinstance(text, list) else str(text)


def in_markdown(text: str, rules: Rules) -> Told:
    """Look at text that is shown as Markdown: its tables, and the HTML in it."""
    yield from files.in_plain_text(text, rules)
    if "<" in text:
        yield from markup.in_markup(text, rules)


def _output(output: Mapping[str, Any], rules: Rules) -> Told:
    if output["output_type"] == "error":
        yield "failed, and its traceback may quote data", "Publish whole runs"
        return
    if output["output_type"] == "stream":
        yield from files.in_plain_text(joined(output["text"]), rules, printed=True)
        return
    told = output.get("metadata", {})
    per_kind = [v for v in told.values() if isinstance(v, dict)]
    if (
        set(told) - set(output["data"])
        or any(set(v) - _OUTPUT_METADATA for v in per_kind)
        or len(per_kind) < len(told)
    ):
        yield "has an output with metadata of its own", "Publish it with pilot"
    yield from files.in_json(told, rules)
    for kind, content in output["data"].items():
        yield from _shown(kind, content, rules)


def _shown(kind: str, content: Any, rules: Rules) -> Told:
    text = joined(content)
    if kind == "image/png":
        yield from pictures.look_png(files.unpacked(text), rules)
    elif kind == "text/html":
        yield from markup.in_markup(text, rules)
    elif kind == "text/markdown":
        yield from in_markdown(text, rules)
    elif kind == "text/plain":
        yield from files.in_plain_text(text, rules, printed=True)
    elif kind == "image/svg+xml":
        yield from markup.look_svg(text.encode(), rules)
    else:
        yield f"has an output of a kind that is not let out ({kind})", "Show a table or a picture"
        yield from files.in_json(content, rules)
