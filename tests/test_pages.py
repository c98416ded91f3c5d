"""Rendered notebooks: readable as pages, and nothing in the data comes alive in them."""

import nbformat
import pytest
from conftest import ROOT

from pilot_analysis.report import pages

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe src='https://example.org'></iframe>",
    "<svg onload=alert(1)>",
    "<style>body{background:url(https://example.org)}</style>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_from_data_stays_harmless(attack, tmp_path):
    output = nbformat.v4.new_output(
        "display_data", {"text/html": f"<table><td>{attack}</td></table>"}
    )
    words = nbformat.v4.new_output("display_data", {"text/markdown": f"School {attack}"})
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(f"# Title\n\nText {attack}"),
            nbformat.v4.new_code_cell("x", outputs=[output, words]),
        ]
    )
    nbformat.write(notebook, tmp_path / "n.ipynb")
    page = pages.notebook_page(tmp_path / "n.ipynb")
    body = page.split("<body>")[1].lower()
    for live in ("<script", "<iframe", "<svg", "<style"):
        assert live not in body
    # As attributes of a tag; as text they are harmless.
    assert not [t for t in body.split("<")[1:] if "onerror" in t.split(">")[0]]
    assert not [t for t in body.split("<")[1:] if "javascript:" in t.split(">")[0]]


def test_pages_keep_headings_tables_and_pictures():
    page = (ROOT / "reports" / "synthetic" / "notebooks" / "03_attendance.html").read_text("utf-8")
    for tag in ("<h1", "<h2", "<thead>", "<th>", "<p>", "<li>", '<img alt="Synthetic data'):
        assert tag in page, tag
    assert "&lt;h1" not in page
    assert "&lt;Figure" not in page
    assert "default-src 'none'" in page
    assert "https://" not in page.split("<body>")[1]


def test_every_picture_of_a_page_has_alt_text():
    for path in (ROOT / "reports" / "synthetic" / "notebooks").glob("*.html"):
        for tag in path.read_text("utf-8").split("<img ")[1:]:
            assert 'alt="' in tag[:20000].split(">")[0], path.name
