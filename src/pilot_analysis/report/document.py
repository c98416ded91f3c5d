"""A report as blocks, rendered as accessible PDF (Typst) and as HTML from the same content."""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
class Table:
    """A table with a header row; `widths` are relative."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str
    widths: Sequence[float] = ()


@dataclass(frozen=True)
class Picture:
    """A figure file with its alt text and caption."""

    path: Path
    alt: str
    caption: str


@dataclass(frozen=True)
class NewPage:
    """What follows starts on a new page in print."""


Block = Heading | Paragraph | Items | Table | Picture | NewPage


@dataclass(frozen=True)
class Document:
    """A report in one language. `notice` stands on every page; empty for real data."""

    language: Language
    title: str
    notice: str
    blocks: Sequence[Block]


# --- Typst -----------------------------------------------------------------------------------


def _string(text: str) -> str:
    """Return a Typst string literal: content from data can then never be read as markup."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _text(text: str) -> str:
    return f"#text({_string(text)})"


def _typst_item(line: str) -> str:
    lead, tab, rest = line.partition("\t")
    return f"- #strong[{_text(lead)}] {_text(rest)}" if tab else f"- {_text(line)}"


def _typst_block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'=' * level} {_text(text)}"
        case Paragraph(text, strong):
            return f"#strong[{_text(text)}]" if strong else _text(text)
        case Items(lines):
            return "\n".join(_typst_item(line) for line in lines)
        case Table(header, rows, caption, widths):
            columns = ", ".join(f"{w}fr" for w in widths or [1] * len(header))
            heads = ", ".join(f"[{_text(cell)}]" for cell in header)
            cells = ",\n  ".join(f"[{_text(cell)}]" for row in rows for cell in row)
            return (
                f"#figure(kind: table, supplement: none, caption: [{_text(caption)}], "
                f"table(columns: ({columns}), align: left, stroke: 0.4pt + luma(70%), inset: 4.5pt,\n"
                f"  table.header({heads}),\n  {cells}))"
            )
        case Picture(path, alt, caption):
            return (
                f"#figure(supplement: none, image({_string('/' + path.name)}, width: 88%, "
                f"alt: {_string(alt)}), caption: [{_text(caption)}])"
            )
        case NewPage():
            return "#pagebreak()"


def typst_source(document: Document) -> str:
    """Return the report as Typst source; pictures are named from the compiler's root."""
    notice = f'text(fill: rgb("#9a3b00"), weight: "bold", size: 9pt)[{_text(document.notice)}]'
    header = f"header: {notice}," if document.notice else ""
    body = "\n\n".join(_typst_block(block) for block in document.blocks)
    return f"""#set document(title: {_string(document.title)}, author: "pilot-analysis", date: none)
#set text(lang: "{document.language}", size: 10pt, font: ("Libertinus Serif",))
#set page(paper: "a4", margin: (x: 2.1cm, top: 2.1cm, bottom: 1.9cm), {header} numbering: "1 / 1")
#set par(justify: false, leading: 0.58em, spacing: 0.85em)
#set list(spacing: 0.55em)
#show heading.where(level: 1): set text(size: 15pt)
#show heading.where(level: 2): set text(size: 11.5pt)
#show heading.where(level: 2): set block(above: 0.95em, below: 0.5em)
#show title: set text(size: 18pt)
#show table: set text(size: 8.5pt)
#show table.cell.where(y: 0): set text(weight: "bold")
#show figure.where(kind: table): set block(breakable: true)
#show figure.caption: set text(size: 8.5pt)
#show figure.where(kind: table): set figure.caption(position: top)

#title()

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


def html_table(header: Sequence[Any], rows: Sequence[Sequence[Any]], caption: str) -> str:
    """Return an escaped table that scrolls by itself, by keyboard too."""
    head = "".join(f'<th scope="col">{html.escape(str(cell))}</th>' for cell in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
        f"<table><caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _html_block(block: Block, source: Callable[[Path], str]) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level + 1}>{html.escape(text)}</h{level + 1}>"
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


def html_body(document: Document, source: Callable[[Path], str]) -> str:
    """Return the report as the body of a page; `source` names a picture's address."""
    blocks = "\n".join(_html_block(block, source) for block in document.blocks)
    return f"<h1>{html.escape(document.title)}</h1>\n{blocks}"
