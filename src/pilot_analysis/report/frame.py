"""The one HTML frame: every page opens from disk, fetches nothing, and runs only its own script."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pilot_analysis.catalogue.language import ENGLISH, text
from pilot_analysis.words import Language

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0; color: #1a1a1a; background: #fff; }
main { max-width: 62rem; margin: 1.5rem auto 4rem; padding: 0 1rem; overflow-wrap: anywhere; }
main.text { max-width: 46rem; font-family: Georgia, serif; font-size: 17px; }
main.wide-page { max-width: 90rem; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: .5rem; top: .5rem; background: #fff; padding: .5rem; }
nav { background: #f4f4f4; border-bottom: 1px solid #ccc; padding: .4rem 1rem; font-size: 15px; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; list-style: none; margin: 0; padding: 0; }
nav a[aria-current] { font-weight: bold; color: #1a1a1a; text-decoration: none; }
a { color: #00539b; } a:focus-visible, button:focus-visible, select:focus-visible,
input:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid #b34700; }
.notice { border-left: 4px solid #b34700; background: #fff4ec; padding: .5rem 1rem; margin: 1rem 0; }
img, svg { max-width: 100%; height: auto; }
svg.math { fill: currentColor; vertical-align: middle; }
figure { margin: 1.5rem 0; } figcaption { font-size: 14px; color: #444; }
.wide { overflow-x: auto; } .imprint { font-size: 14px; color: #444; }
table { border-collapse: collapse; font-size: 14px; margin: 1rem 0; font-family: system-ui, sans-serif; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { text-align: left; overflow-wrap: normal; padding: .3rem .6rem; border-bottom: 1px solid #ccc; vertical-align: top; }
th { background: #f4f4f4; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: #f6f6f6; padding: .6rem; overflow-x: auto; font-size: 13px; }
blockquote { border-left: 4px solid #b34700; margin: 1rem 0; padding: .1rem 1rem; background: #fff4ec; }
details.code > summary { font-size: 13px; color: #444; cursor: pointer; }
hr.page { display: none; }
.drawn td svg { min-width: 12rem; }
@media screen and (max-width: 40rem) {
  .drawn thead { position: absolute; left: -100rem; }
  .drawn, .drawn caption, .drawn tbody, .drawn tr, .drawn td { display: block; }
  .drawn tr { border-top: 2px solid #ccc; padding: .5rem 0; }
  .drawn td { border: 0; padding: .1rem 0; } .drawn td:first-child { font-weight: bold; }
  .drawn td:not(:first-child)::before { content: attr(data-head) ": "; color: #444; }
  .drawn td svg { display: block; width: 100%; min-width: 0; max-width: 20rem; }
}
@media print {
  nav, .skip, .controls, button { display: none; }
  main { max-width: none; margin: 0; } .wide { overflow: visible; }
  hr.page { display: block; break-after: page; border: 0; }
  figure, tr { break-inside: avoid; }
}
"""


@dataclass(frozen=True)
class Link:
    """A link of the navigation: where and what; the page itself is marked by its name.

    `leads_to` is the language of the page it leads to, `language` that of its own words; each where
    it is another than the page's.
    """

    target: str
    text: str
    leads_to: str = ""
    language: str = ""


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def rendered(template: str, **values: Any) -> Markup:
    """Return one of the templates beside this module filled in; every value is escaped."""
    return Markup(_environment().get_template(template).render(**values))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def page(
    body: str,
    *,
    title: str,
    notice: str = "",
    language: Language = ENGLISH,
    kind: str = "",
    links: Sequence[Link] = (),
    here: str = "",
    style: str = "",
    script: str = "",
    data: str = "",
) -> str:
    """Return a page whose security policy names the digest of its own style and script.

    `body` is HTML already escaped; `notice` stands on top; `kind` is the class of the main part;
    `data` is JSON that the script reads, inert in itself.
    """
    styles = _STYLE + style
    policy = f"default-src 'none'; img-src 'self' data: file:; style-src {_hash(styles)}"
    policy += f"; script-src {_hash(script)}" if script else ""
    policy += "; base-uri 'none'; form-action 'none'"
    # "<" as an escape, so that nothing in the data can close the element.
    held = data.replace("<", "\\u003c").replace("\u2028", " ").replace("\u2029", " ")
    return rendered(
        "page.html",
        language=language,
        policy=policy,
        title=title,
        styles=styles,
        skip=text("page_skip", language),
        pages=text("page_pages", language),
        links=links,
        here=here,
        kind=kind,
        notice=notice,
        body=body,
        data=held,
        script=script,
    )
