"""Executed notebooks as pages that open from disk, with nothing fetched and nothing live in them."""

from pathlib import Path

# What may stand in a page. Everything else that data or free text could smuggle in becomes text.
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
_ATTRIBUTES = {"*": ["class", "id"], "a": ["href", "title"], "img": ["src", "alt"], "th": ["scope"]}
_PROTOCOLS = ["https", "data"]


def clean_html(element: str | bytes) -> str:
    """Return HTML with the allowed tags only; scripts, handlers and styles are escaped."""
    import bleach

    text = element.decode() if isinstance(element, bytes) else str(element)
    return str(bleach.clean(text, tags=_TAGS, attributes=_ATTRIBUTES, protocols=_PROTOCOLS))


def notebook_page(path: Path) -> str:
    """Return an executed notebook as one HTML page."""
    import nbformat
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="basic",
        embed_images=True,
        sanitize_html=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    # nbconvert's own filter knows neither headings nor table heads.
    exporter.register_filter("clean_html", clean_html)
    body, _ = exporter.from_notebook_node(nbformat.read(path, as_version=4))
    return _PAGE.replace("{title}", path.stem.replace("_", " ")).replace("{body}", body)


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
       color: #1a1a1a; background: #fff; }
img { max-width: 100%; height: auto; display: block; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 14px; margin: 1rem 0; display: block;
        overflow-x: auto; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd;
         vertical-align: top; }
th { background: #f4f4f4; }
pre { background: #f6f6f6; padding: .6rem; overflow-x: auto; font-size: 13px; }
blockquote { border-left: 4px solid #b34700; margin: 1rem 0; padding: .1rem 1rem;
             background: #fff4ec; }
.anchor-link, .jp-InputPrompt, .jp-OutputPrompt { display: none; }
</style>
</head>
<body><main>
{body}
</main></body>
</html>
"""
