"""A report as blocks, rendered as accessible PDF (Typst) and as HTML from the same content."""

import html
import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typst

from pilot_analysis.words import Language


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (a section) or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `strong` ones are set in bold."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Items:
    """A list. An item may have a bold lead, told apart by a tab: 'lead<TAB>rest'."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Drawing:
    """A small vector drawing inside a table: what SVG draws it, its alt text, a line below it."""

    width: float
    height: float
    body: str
    alt: str
    caption: str

    def svg(self, attributes: str) -> str:
        """Return it as one SVG element with these attributes."""
        size = f"0 0 {self.width:g} {self.height:g}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" {attributes}>'
            f"{self.body}</svg>"
        )


Cell = str | Drawing


@dataclass(frozen=True)
class Table:
    """A table with a header row; `widths` are relative."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str
    widths: Sequence[float] = ()


@dataclass(frozen=True)
class Picture:
    """A figure file with its alt text and caption.

    In print it may stand at the top or foot of the next page, so that text fills this one.
    """

    path: Path
    alt: str
    caption: str


@dataclass(frozen=True)
class NewPage:
    """What follows starts on a new page in print."""


@dataclass(frozen=True)
class Contents:
    """The list of sections, under a title."""

    title: str


Block = Heading | Paragraph | Items | Table | Picture | NewPage | Contents


def numbered(blocks: Iterable[Block], table: str, figure: str) -> list[Block]:
    """Return blocks with their tables and figures numbered: 'Table 3. <caption>'."""
    made: list[Block] = []
    counts = {Table: itertools.count(1), Picture: itertools.count(1)}
    for block in blocks:
        if isinstance(block, Table | Picture):
            name = table if isinstance(block, Table) else figure
            number = next(counts[type(block)])
            block = replace(block, caption=f"{name} {number}. {block.caption}")
        made.append(block)
    return made


@dataclass(frozen=True)
class Document:
    """A report in one language. `notice` stands on every page; empty for real data."""

    language: Language
    title: str
    notice: str
    blocks: Sequence[Block]
    # Below the title: municipality, author, date, version.
    imprint: str = ""
    author: str = "pilot-analysis"


# The text's width on the page, what a picture takes of it at most, and of its own width.
_TEXT_POINTS, _PICTURE_SHARE, _MOST_ENLARGED = 476.2, 0.93, 0.832
_SVG_WIDTH = re.compile(r'<svg[^>]* width="([0-9.]+)pt"')
# A table of at most so many rows is never split over two pages.
_ROWS_KEPT_TOGETHER = 12
# A list of at most so many items neither; and what lies between two items.
_ITEMS_KEPT_TOGETHER, _ITEM_GAP = 3, "0.55em"

# --- Typst -----------------------------------------------------------------------------------


def _string(text: str) -> str:
    """Return a Typst string literal: content from data can then never be read as markup."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _text(text: str) -> str:
    return f"#text({_string(text)})"


def _typst_item(line: str) -> str:
    lead, tab, rest = line.partition("\t")
    return f"- #strong[{_text(lead)}] {_text(rest)}" if tab else f"- {_text(line)}"


def _typst_list(items: Sequence[str]) -> str:
    """Return a list of which no page holds a single item: the first two keep together, the last too."""
    if len(items) <= _ITEMS_KEPT_TOGETHER:
        return f"#block(breakable: false)[\n{_lines(items)}\n]"
    gap = f"below: {_ITEM_GAP}", f"above: {_ITEM_GAP}"
    parts = [f"#block(breakable: false, {gap[0]})[\n{_lines(items[:2])}\n]"]
    if middle := items[2:-2]:
        parts.append(f"#block({', '.join(gap)})[\n{_lines(middle)}\n]")
    parts.append(f"#block(breakable: false, {gap[1]})[\n{_lines(items[-2:])}\n]")
    return "\n".join(parts)


def _lines(items: Sequence[str]) -> str:
    return "\n".join(items)


def _typst_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return _text(cell)
    width, height = f"{cell.width:g}", f"{cell.height:g}"
    drawn = _string(cell.svg(f'width="{width}" height="{height}"'))
    return (
        f'#image(bytes({drawn}), format: "svg", width: 100%, alt: {_string(cell.alt)}) '
        f"#v(-5pt) {_text(cell.caption)}"
    )


def _typst_block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'=' * level} {_text(text)}"
        case Paragraph(text, strong):
            return f"#strong[{_text(text)}]" if strong else _text(text)
        case Items(lines):
            return _typst_list([_typst_item(line) for line in lines])
        case Table(header, rows, caption, widths):
            columns = ", ".join(f"{w}fr" for w in widths or [1] * len(header))
            heads = ", ".join(f"[{_text(cell)}]" for cell in header)
            cells = ",\n  ".join(f"[{_typst_cell(cell)}]" for row in rows for cell in row)
            made = (
                f"#figure(kind: table, supplement: none, caption: [{_text(caption)}], "
                f"table(columns: ({columns}), align: left, stroke: 0.4pt + luma(70%), inset: 4.5pt,\n"
                f"  table.header({heads}),\n  {cells}))"
            )
            whole = len(rows) <= _ROWS_KEPT_TOGETHER
            return f"#block(breakable: false)[{made}]" if whole else made
        case Picture(path, alt, caption):
            return (
                f"#figure(placement: auto, supplement: none, image({_string('/' + path.name)}, "
                f"width: {_picture_width(path)}, "
                f"alt: {_string(alt)}), caption: [{_text(caption)}])"
            )
        case NewPage():
            return "#pagebreak()"
        case Contents(title):
            return f"#outline(title: [{_text(title)}], depth: 1)"


def _picture_width(path: Path) -> str:
    """Return how wide a picture stands on the page: a narrow one is not blown up to fill it."""
    found = _SVG_WIDTH.search(path.read_text(encoding="utf-8")) if path.suffix == ".svg" else None
    own = _MOST_ENLARGED * float(found[1]) if found else _TEXT_POINTS
    return f"{min(_PICTURE_SHARE * _TEXT_POINTS, own):.1f}pt"


def _typst_blocks(blocks: Sequence[Block]) -> list[str]:
    """Return blocks as Typst; a paragraph that introduces a table, list or picture stays on its page."""
    made = [_typst_block(block) for block in blocks]
    for i, (block, after) in enumerate(itertools.pairwise(blocks)):
        if isinstance(block, Paragraph) and isinstance(after, Table | Picture | Items):
            made[i] = f"#block(sticky: true)[{made[i]}]"
    return made


def typst_source(document: Document) -> str:
    """Return the report as Typst source; pictures are named from the compiler's root."""
    notice = f'text(fill: rgb("#9a3b00"), weight: "bold", size: 9pt)[{_text(document.notice)}]'
    header = f"header: {notice}," if document.notice else ""
    body = "\n\n".join(_typst_blocks(document.blocks))
    imprint = f"#text(size: 8.5pt, {_text(document.imprint)[6:-1]})" if document.imprint else ""
    return f"""#set document(title: {_string(document.title)}, author: {_string(document.author)}, date: none)
#set text(lang: "{document.language}", size: 10pt, font: ("Libertinus Serif",))
#set page(paper: "a4", margin: (x: 2.1cm, top: 2.1cm, bottom: 1.9cm), {header} numbering: "1 / 1")
#set par(justify: false, leading: 0.58em, spacing: 0.85em)
#set list(spacing: {_ITEM_GAP})
#show heading.where(level: 1): set text(size: 15pt)
#show heading.where(level: 2): set text(size: 11.5pt)
#show heading.where(level: 2): set block(above: 0.95em, below: 0.5em)
#show title: set text(size: 16pt)
#show table: set text(size: 8.5pt)
#set table.cell(breakable: false)
#show outline: set text(size: 9pt)
#show outline.entry: set block(spacing: 0.5em)
#show table.cell.where(y: 0): set text(weight: "bold")
#show figure.where(kind: table): set block(breakable: true)
#show figure.caption: set text(size: 8.5pt)
#show figure.where(kind: table): set figure.caption(position: top)
#show figure.caption.where(kind: table): it => block(sticky: true, it)

#title()

{imprint}

{body}
"""


def pdf(document: Document, figures: Path) -> bytes:
    """Return the report as PDF/UA-1; `figures` is the folder its pictures are in."""
    source: Any = typst_source(document).encode()
    made: bytes = typst.compile(source, root=str(figures), pdf_standards=["ua-1"])
    return made


# --- HTML ------------------------------------------------------------------------------------


def _html_item(line: str) -> str:
    lead, tab, rest = line.partition("\t")
    if tab:
        return f"<li><strong>{html.escape(lead)}</strong> {html.escape(rest)}</li>"
    return f"<li>{html.escape(line)}</li>"


def _html_cell(cell: Any) -> str:
    if not isinstance(cell, Drawing):
        return html.escape(str(cell))
    drawn = cell.svg(f'role="img" aria-label="{html.escape(cell.alt)}" width="{cell.width:g}"')
    return f"{drawn}<br>{html.escape(cell.caption)}"


def html_table(header: Sequence[Any], rows: Sequence[Sequence[Any]], caption: str) -> str:
    """Return an escaped table that scrolls by itself, by keyboard too."""
    head = "".join(f'<th scope="col">{html.escape(str(cell))}</th>' for cell in header)
    # On a narrow screen a row with a drawing is a block, and its cells name their columns.
    drawn = any(isinstance(cell, Drawing) for row in rows for cell in row)
    names = [f' data-head="{html.escape(str(cell))}"' if drawn else "" for cell in header]
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{name}>{_html_cell(cell)}</td>" for name, cell in zip(names, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
        f"<table{' class=drawn' if drawn else ''}><caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _html_block(block: Block, source: Callable[[Path], str]) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level + 1}{_anchor(block)}>{html.escape(text)}</h{level + 1}>"
        case Paragraph(text, strong):
            inner = html.escape(text)
            return f"<p><strong>{inner}</strong></p>" if strong else f"<p>{inner}</p>"
        case Items(lines):
            return "<ul>" + "".join(_html_item(line) for line in lines) + "</ul>"
        case Table(header, rows, caption, _):
            return html_table(header, rows, caption)
        case Picture(path, alt, caption):
            return (
                f'<figure><img src="{html.escape(source(path))}" alt="{html.escape(alt)}">'
                f"<figcaption>{html.escape(caption)}</figcaption></figure>"
            )
        case NewPage():
            return '<hr class="page">'
        case Contents():
            raise TypeError("a list of contents needs the whole document")


def _anchor(heading: Heading) -> str:
    """Return a section's `id`, made from its words so that a link to it stays."""
    name = "-".join("".join(c if c.isalnum() else " " for c in heading.text.lower()).split())
    return f' id="{name}"' if heading.level == 1 else ""


def _html_contents(contents: Contents, blocks: Sequence[Block]) -> str:
    links = "".join(
        f'<li><a href="#{_anchor(b)[5:-1]}">{html.escape(b.text)}</a></li>'
        for b in blocks
        if isinstance(b, Heading) and b.level == 1
    )
    return f'<nav aria-label="{html.escape(contents.title)}"><ul>{links}</ul></nav>'


def html_body(document: Document, source: Callable[[Path], str]) -> str:
    """Return the report as the body of a page; `source` names a picture's address."""
    blocks = "\n".join(
        _html_contents(block, document.blocks)
        if isinstance(block, Contents)
        else _html_block(block, source)
        for block in document.blocks
    )
    imprint = f'<p class="imprint">{html.escape(document.imprint)}</p>' if document.imprint else ""
    return f"<h1>{html.escape(document.title)}</h1>\n{imprint}\n{blocks}"
