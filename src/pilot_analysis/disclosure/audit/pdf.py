"""PDF reports: every object, not the pages alone."""

import io
import re

import pikepdf
import pypdfium2 as pdfium
from lxml import etree

from pilot_analysis import personal
from pilot_analysis.disclosure.audit import tables
from pilot_analysis.disclosure.audit.found import NotUnderstoodError, Rules, Told

_CATALOGUE = {
    "/Type",
    "/Pages",
    "/Metadata",
    "/Lang",
    "/MarkInfo",
    "/StructTreeRoot",
    "/ViewerPreferences",
    "/Outlines",
    "/PageLabels",
    "/Dests",
    "/Names",
    "/OutputIntents",
    "/Version",
    "/Extensions",
    "/PageMode",
}
_PAGE = {
    "/Type",
    "/Parent",
    "/Resources",
    "/MediaBox",
    "/CropBox",
    "/TrimBox",
    "/BleedBox",
    "/ArtBox",
    "/Contents",
    "/StructParents",
    "/Tabs",
    "/Group",
    "/Annots",
    "/Rotate",
    "/UserUnit",
}
_INFO = {
    "/Title",
    "/Author",
    "/Creator",
    "/Producer",
    "/Keywords",
    "/Subject",
    "/CreationDate",
    "/ModDate",
    "/Trapped",
}
_SUBTYPES = {"/Form", "/Image", "/XML", "/CIDFontType0C", "/Type1C", "/OpenType", "/CIDFontType2"}
_REFUSED = {
    "/EmbeddedFile",
    "/Filespec",
    "/EmbeddedFiles",
    "/JavaScript",
    "/JS",
    "/Launch",
    "/AcroForm",
    "/XFA",
    "/AA",
    "/RichMedia",
    "/PieceInfo",
    "/Collection",
    "/EF",
}
_PROPERTIES = {
    "title",
    "creator",
    "CreatorTool",
    "language",
    "part",
    "NPages",
    "format",
    "InstanceID",
    "DocumentID",
    "RenditionClass",
    "PDFVersion",
    "CreateDate",
    "ModifyDate",
    "MetadataDate",
    "description",
    "subject",
    "Producer",
    "Keywords",
    "conformance",
    "xmpmeta",
    "RDF",
    "Description",
    "Alt",
    "Seq",
    "Bag",
    "li",
    "rights",
}
_END = re.compile(rb"%%EOF\s*\Z")
_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
# Comments: the version, the sign that what follows is binary, and the end need one.
_COMMENT = re.compile(rb"(?m)^%(?!PDF-\d|%EOF\s*$|[\x80-\xff]{4})")


def look_pdf(data: bytes, rules: Rules) -> Told:
    """Look at a report's pages, metadata, outline, links, and all objects, used or not."""
    if not data.startswith(b"%PDF-") or not _END.search(data) or data.count(b"startxref") != 1:
        yield "has bytes before or behind it, or an earlier version inside", "Make it again"
    if _COMMENT.search(_STREAM.sub(b"", data)):
        yield "has comments between its parts", "Make it again"
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if pdf.is_encrypted:
            raise NotUnderstoodError
        links: set[str] = set()
        yield from _structure(pdf, links)
        texts: list[str] = []
        for thing in pdf.objects:
            yield from _object(thing, texts)
        texts += [str(value) for value in (pdf.trailer.get("/Info") or {}).values()]
    yield from personal.findings("\n".join(dict.fromkeys(texts)))
    document = pdfium.PdfDocument(data)
    try:
        shown = "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    yield from personal.findings(shown.replace("\r", ""))
    yield from _tables(shown, rules)
    if _words("\n".join(links)) - _words(shown) - _OF_CONTENTS:
        yield "has a link whose description is not on its pages", "Leave it out"


# What the typesetter says of each entry of the contents, besides its words and number.
_OF_CONTENTS = {"page", "sida"}


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _tables(shown: str, rules: Rules) -> Told:
    for table in tables.in_text(shown):
        yield from tables.look(table, rules)


def _structure(pdf: pikepdf.Pdf, told: set[str]) -> Told:
    """Look at what a PDF is made of; puts what links say of themselves into `told`.

    Readers of screens hear that text: a report that all can read has it with every link.
    """
    if strange := set(pdf.Root.keys()) - _CATALOGUE:
        yield (
            f"has parts that no report has ({len(strange)} in its catalogue)",
            "Make it with pilot",
        )
    if set(pdf.Root.get("/Names", {}).keys()) - {"/Dests"} or pdf.attachments:
        yield "has a file or script attached", "Publish it by itself"
    if set((pdf.trailer.get("/Info") or {}).keys()) - _INFO:
        yield "has properties that no report has", "Make it with pilot"
    pages = [page.obj for page in pdf.pages]
    if any(set(page.keys()) - _PAGE for page in pages):
        yield "has a page with parts that no report has", "Make it with pilot"
    marks = [mark for page in pages for mark in page.get("/Annots", [])]
    if any(mark.get("/Subtype") != "/Link" for mark in marks):
        yield "has an annotation that is no link", "Leave it out"
    told.update(str(mark["/Contents"]) for mark in marks if "/Contents" in mark)
    if "/Metadata" in pdf.Root:
        yield from _metadata(pdf.Root.Metadata.read_bytes())


def _metadata(xmp: bytes) -> Told:
    """Look at XMP: properties that a typesetter writes, and their text."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(xmp.strip(b"\0 \r\n\t"), parser)
    nodes = [n for n in root.iter() if isinstance(n.tag, str)]
    named = {etree.QName(n).localname for n in nodes} | {
        etree.QName(a).localname for n in nodes for a in n.attrib
    }
    if named - _PROPERTIES - {"about", "lang", "xmptk", "parseType", "resource"} or any(
        root.iter(etree.Comment)
    ):
        yield "has properties that no report has in its metadata", "Make it with pilot"
    texts = [n.text or "" for n in root.iter()] + [v for n in nodes for v in n.attrib.values()]
    yield from personal.findings("\n".join(texts))


def _object(thing: pikepdf.Object, texts: list[str], depth: int = 0) -> Told:
    """Look at one object: its texts are collected, and what only hides something is told."""
    if depth > 20:
        raise NotUnderstoodError
    if isinstance(thing, pikepdf.String):
        texts.append(str(thing))
        return
    if isinstance(thing, pikepdf.Array):
        for item in thing:
            if not getattr(item, "is_indirect", False):
                yield from _object(item, texts, depth + 1)
        return
    if isinstance(thing, pikepdf.Name):
        texts.append(str(thing))
        return
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return
    keys = set(thing.keys())
    kinds = {str(thing.get(key, "")) for key in ("/Type", "/Subtype", "/S")}
    if keys & _REFUSED or kinds & _REFUSED:
        yield "has a file, form or script inside", "Leave it out"
    texts += [key for key in keys if len(key) > 12]
    for _, item in thing.items():
        if not getattr(item, "is_indirect", False):
            yield from _object(item, texts, depth + 1)
    if isinstance(thing, pikepdf.Stream):
        yield from _stream(thing, keys, kinds, texts)


_STREAM_KEYS = {
    "/Length",
    "/Filter",
    "/DecodeParms",
    "/Type",
    "/Subtype",
    "/BBox",
    "/Matrix",
    "/Resources",
    "/Group",
    "/WMode",
    "/CMapName",
    "/CIDSystemInfo",
    "/N",
    "/Range",
    "/Alternate",
    "/PaintType",
    "/PatternType",
    "/TilingType",
    "/XStep",
    "/YStep",
    "/Width",
    "/Height",
    "/ColorSpace",
    "/BitsPerComponent",
    "/SMask",
    "/Interpolate",
    "/FormType",
    "/FunctionType",
    "/Domain",
    "/Size",
    "/BitsPerSample",
    "/ShadingType",
    "/Length1",
    "/Length2",
    "/Length3",
    "/Decode",
    "/StructParent",
    "/StructParents",
    "/UseCMap",
    "/ImageMask",
    "/Encode",
    "/Order",
}


def _stream(thing: pikepdf.Stream, keys: set[str], kinds: set[str], texts: list[str]) -> Told:
    if keys - _STREAM_KEYS:
        yield "has a part that no reader knows", "Make it with pilot"
    if (
        "/Image" in kinds
        or kinds & {"/CIDFontType0C", "/Type1C", "/OpenType"}
        or "/Length1" in keys
    ):
        return
    if "/N" in keys or "/Metadata" in kinds:
        return  # a colour profile; metadata are read as such
    content = thing.read_bytes()
    # Pages place glyphs by number, so that words in a page's own bytes are not those that are shown.
    words = re.findall(rb"[\x20-\x7e]{8,}", content)
    if words and not re.search(rb"\b(?:re|cm|Tj|TJ|Do|begincmap|gs|q|BT)\b", content):
        yield "has a part that draws nothing", "Make it with pilot"
    texts += [w.decode("ascii") for w in words if b"%" in w or b"(" in w]


__all__ = ["look_pdf"]
