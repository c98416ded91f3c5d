"""Pages and drawings: what stands between tags, in attributes, comments and embedded pictures."""

import json
import re
from collections.abc import Iterator

from lxml import etree

from pilot_analysis import personal
from pilot_analysis.disclosure.audit import data as files
from pilot_analysis.disclosure.audit import pictures, tables
from pilot_analysis.disclosure.audit.found import NotUnderstoodError, Rules, Told

# What Matplotlib draws with, and what holds a drawing's title.
_DRAWN = {
    "svg",
    "g",
    "path",
    "use",
    "defs",
    "style",
    "title",
    "desc",
    "metadata",
    "rect",
    "clipPath",
    "image",
    "pattern",
    "line",
    "circle",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "marker",
    "linearGradient",
    "stop",
    "RDF",
    "Work",
    "type",
    "format",
    "description",
    "date",
    "creator",
    "Agent",
}
_FIGURES_ONLY = {
    "d",
    "transform",
    "points",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "cx",
    "cy",
    "r",
    "width",
    "height",
    "viewBox",
    "clip-path",
    "style",
}
_GEOMETRY = re.compile(r"[MmLlHhVvCcSsQqTtAaZzEe\d\s,.()+-]*")
_FUNCTION = re.compile(r"matrix|translate|scale|rotate")
# Coordinates are below 100,000: no number of a person is.
_LONG_NUMBER = re.compile(r"\d{6}[\d -]*-?\d|\d{2}[-/]\d{2}[-/]\d{2}")
# Names that Matplotlib makes out of a digest, and of a font's glyphs.
_MADE_ID = re.compile(
    r"#?(?:[a-z][0-9a-f]{10}|(?:DejaVu|Liberation)[\w-]*-[0-9a-f]+|url\(#[a-z][0-9a-f]{10}\))"
)
_TEXT_OF = etree.XPath("string()")
_DATA_URI = re.compile(r"data:([\w/+.-]*)((?:;[\w=-]+)*),(.*)", re.DOTALL)


def look_svg(data: bytes, rules: Rules) -> Told:
    """Look at a drawing: its elements are those that draw, and each text, attribute and comment."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    root = etree.fromstring(data, parser)
    document = root.getroottree()
    if document.docinfo.internalDTD is not None and len(
        list(document.docinfo.internalDTD.iterentities())
    ):
        raise NotUnderstoodError
    around = [*root.itersiblings(preceding=True), *root.itersiblings()]
    texts: list[str] = []
    for node in (*around, *root.iter()):
        if isinstance(node.tag, str) and etree.QName(node).localname not in _DRAWN:
            yield "has a part that no figure has", "Draw it with pilot_analysis.figures"
        texts += [node.text or "", node.tail or ""]
        yield from _attributes(node, texts, rules, drawing=True)
    yield from personal.findings("\n".join(t for t in texts if t and not t.isspace()))


def _attributes(node: etree._Element, texts: list[str], rules: Rules, *, drawing: bool) -> Told:
    if not isinstance(node.tag, str):
        return
    for name, value in node.attrib.items():
        local = name.rpartition("}")[2]
        if local in ("href", "src", "srcset", "poster") and value.lstrip()[:5].lower() == "data:":
            yield from _embedded(value.strip(), rules)
        elif drawing and local in _FIGURES_ONLY and _is_geometry(value):
            continue
        elif not (local in ("id", "href", "clip-path", "fill") and _MADE_ID.fullmatch(value)):
            texts.append(value)
            texts.append(local)


def _is_geometry(value: str) -> bool:
    bare = _FUNCTION.sub("", value) if "(" in value else value
    return bool(_GEOMETRY.fullmatch(bare)) and not _LONG_NUMBER.search(value)


def _embedded(uri: str, rules: Rules) -> Told:
    """Look into a picture that stands in an attribute; nothing else may."""
    match = _DATA_URI.fullmatch(uri)
    if match is None or match[1] != "image/png" or ";base64" not in match[2]:
        yield "has a file inside that is no PNG picture", "Leave it out"
        return
    yield from pictures.look_png(files.unpacked(match[3]), rules)


def look_html(data: bytes, rules: Rules) -> Told:
    """Look at a page."""
    yield from in_markup(data.decode("utf-8-sig"), rules)


def in_markup(text: str, rules: Rules) -> Told:
    """Look at everything that markup holds: text, attributes, comments, scripts, tables."""
    if not text.strip():
        return
    # Not `lxml.html`, which makes an object of a class of its own of every element.
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=False, remove_pis=False
    )
    whole = "<html" in text[:2000].lower()
    root = etree.fromstring((text if whole else f"<div>{text}</div>").encode(), parser)
    around = [*root.itersiblings(preceding=True), *root.itersiblings()]
    texts: list[str] = []
    for node in (*around, *root.iter()):
        texts += [node.text or "", node.tail or ""]
        if node.tag == "script":
            yield from _script(node, rules)
        elif node.tag is etree.Comment:
            yield from files.in_plain_text(node.text or "", rules, printed=True)
        elif node.tag in ("pre", "code", "textarea", "template", "noscript"):
            yield from files.in_plain_text(str(_TEXT_OF(node)), rules, printed=True)
        elif node.tag in ("iframe", "object", "embed", "audio", "video"):
            yield "has something embedded that is no picture", "Leave it out"
        yield from _attributes(node, texts, rules, drawing=False)
    yield from personal.findings("\n".join(t for t in texts if t and not t.isspace()))
    # A number of which a part is bold stands in two texts.
    for block in root.iter("p", "td", "th", "li", "span", "caption"):
        if len(block):
            yield from personal.findings(str(_TEXT_OF(block)))
    for table in root.iter("table"):
        yield from tables.look(_table(table), rules)


def _script(node: etree._Element, rules: Rules) -> Told:
    if "json" in (node.get("type") or ""):
        yield from files.in_json(json.loads(node.text or "null"), rules)


def _table(table: etree._Element) -> tables.Table:
    rows = [tuple(_cells(row)) for row in table.iter("tr")]
    rows = [row for row in rows if row]
    if not rows:
        return tables.Table((), ())
    return tables.Table(rows[0], tuple(rows[1:]))


def _cells(row: etree._Element) -> Iterator[str]:
    for cell in row.iter("td", "th"):
        yield " ".join(str(_TEXT_OF(cell)).split())
        for _ in range(min(int(cell.get("colspan") or 1), 50) - 1):
            yield ""
