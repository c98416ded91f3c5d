"""Executed notebooks as pages that open from disk, with nothing fetched and nothing live in them."""

import functools
import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilot_analysis.imports import without_iri_grammar
from pilot_analysis.report import equations

# What may stand in a page. Nothing else that data or free text could smuggle in does.
_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_OF_EVERY_TAG = {"class", "id"}
_OWN = {"a": {"href", "title"}, "img": {"src", "alt"}, "th": {"scope"}}
_ATTRIBUTES = {tag: _OF_EVERY_TAG | _OWN.get(tag, set()) for tag in _TAGS}
_PROTOCOLS = {"https", "data"}


def clean_html(element: str | bytes) -> str:
    """Return HTML with the allowed tags only; scripts, handlers and styles are left out."""
    import nh3

    text = element.decode() if isinstance(element, bytes) else str(element)
    return nh3.clean(
        text, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_PROTOCOLS, link_rel=None
    )


# Code is folded: reviewers read the answers first.
_FOLDED = """{%- extends 'basic/index.html.j2' -%}
{% block input %}<details class="code"><summary>Code</summary>{{ super() }}</details>{% endblock %}
"""


_NO_TEXT = "No description has been provided for this picture"


@dataclass(frozen=True)
class Rendered:
    """An executed notebook as HTML: its title, its sections (id, text) and its body."""

    title: str
    sections: list[tuple[str, str]]
    body: str
    parameters: dict[str, Any]


@functools.cache
def _exporter() -> Any:
    """Return nbconvert's exporter: one for all notebooks, since each would compile its templates."""
    from jinja2 import DictLoader

    with without_iri_grammar():
        from nbconvert import HTMLExporter, TemplateExporter
    from nbconvert.filters import Highlight2HTML

    class Exporter(HTMLExporter):
        def from_notebook_node(self, nb: Any, resources: Any = None, **given: Any) -> Any:
            """Fill in the template; `super` reads the page once more, for pictures without text."""
            resources = self._init_resources(resources)
            return TemplateExporter.from_notebook_node(self, nb, resources, **given)

    exporter = Exporter(
        extra_loaders=[DictLoader({"folded.html.j2": _FOLDED})],
        template_name="basic",
        template_file="folded.html.j2",
        embed_images=True,
        sanitize_html=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    # nbconvert's own filter knows neither headings nor table heads.
    exporter.register_filter("clean_html", clean_html)
    exporter.register_filter("highlight_code", Highlight2HTML("python"))
    return exporter


def render_notebook(path: Path) -> Rendered:
    """Return an executed notebook as sanitised HTML, with its code folded."""
    exporter = _exporter()
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    drawn: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = equations.take_out(cell.source, drawn)
    body, _ = exporter.from_notebook_node(notebook)
    body = re.sub(r"<img (?![^>]*\balt=)", f'<img alt="{_NO_TEXT}" ', body)
    body = _scroll_wide_tables(equations.put_back(body, drawn))
    title = re.search(r"<h1>(.*?)</h1>", body, re.DOTALL)
    sections: list[tuple[str, str]] = []

    def linked(heading: re.Match[str]) -> str:
        sections.append((f"section-{len(sections) + 1}", _plain(heading[1])))
        return f'<h2 id="{sections[-1][0]}">{heading[1]}</h2>'

    body = re.sub(r"<h2>(.*?)</h2>", linked, body, flags=re.DOTALL)
    parameters = dict(notebook.metadata.get("papermill", {}).get("parameters", {}))
    return Rendered(_plain(title[1]) if title else path.stem, sections, body, parameters)


def _scroll_wide_tables(body: str) -> str:
    """Return HTML in which every table scrolls by itself, by keyboard too, as the site's others."""
    begun = '<div class="wide" tabindex="0" role="region" aria-label="Table">'
    return re.sub(r"<table\b.*?</table>", lambda t: f"{begun}{t[0]}</div>", body, flags=re.DOTALL)


def _plain(fragment: str) -> str:
    """Return a heading's text without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", fragment)).strip()
