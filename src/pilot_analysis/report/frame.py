"""The one HTML frame: every page opens from disk, fetches nothing, and runs only its own script."""

import base64
import hashlib
import html
from collections.abc import Sequence
from dataclasses import dataclass

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
    """A link of the navigation: where and what; the page itself is marked by its name."""

    target: str
    text: str


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


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
    told = f'<p class="notice" role="note">{html.escape(notice)}</p>' if notice else ""
    skip = text("page_skip", language)
    nav = _navigation(links, here, language) if links else ""
    # "<" as an escape, so that nothing in the data can close the element.
    held = data.replace("<", "\\u003c").replace("\u2028", " ").replace("\u2029", " ")
    inert = f'<script type="application/json" id="data">{held}</script>' if data else ""
    run = f"<script>{script}</script>" if script else ""
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{html.escape(title)}</title>
<style>{styles}</style>
</head>
<body>
<a class="skip" href="#content">{skip}</a>
{nav}
<main id="content"{f' class="{kind}"' if kind else ""}>
{told}
{body}
</main>
{inert}{run}
</body>
</html>
"""


def _navigation(links: Sequence[Link], here: str, language: Language) -> str:
    label = text("page_pages", language)
    items = ""
    for link in links:
        current = ' aria-current="page"' if link.target.rsplit("/", 1)[-1] == here else ""
        items += (
            f'<li><a href="{html.escape(link.target)}"{current}>{html.escape(link.text)}</a></li>'
        )
    return f'<nav aria-label="{label}"><ul>{items}</ul></nav>'
