"""Rendered notebooks: readable as pages, and nothing in the data comes alive in them."""

import re

import nbformat
import pytest
from conftest import ROOT

from pilot_analysis.report import equations, pages

pytestmark = pytest.mark.slow  # all of them look at a whole municipality or site

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
    body = pages.render_notebook(tmp_path / "n.ipynb").body.lower()
    for live in ("<script", "<iframe", "<svg", "<style"):
        assert live not in body
    # As attributes of a tag; as text they are harmless.
    assert not [t for t in body.split("<")[1:] if "onerror" in t.split(">")[0]]
    assert not [t for t in body.split("<")[1:] if "javascript:" in t.split(">")[0]]


@pytest.fixture(scope="module")
def rendered():
    folder = ROOT / "reports" / "synthetic" / "notebooks"
    return {path.stem: pages.render_notebook(path) for path in sorted(folder.glob("*.ipynb"))}


def test_pages_keep_headings_tables_and_pictures(rendered):
    page = rendered["03_attendance"]
    for tag in (
        "<h1",
        '<h2 id="section-1"',
        "<thead>",
        "<th>",
        "<p>",
        "<li>",
        'alt="Synthetic data',
    ):
        assert tag in page.body, tag
    assert "&lt;h1" not in page.body
    assert "&lt;Figure" not in page.body
    assert "https://" not in page.body
    assert page.title == "3. Attendance"
    assert page.sections[0][1] == "Answer"
    assert page.parameters["first_term"] == "HT2017"


def test_code_is_folded_and_every_picture_has_alt_text(rendered):
    for name, page in rendered.items():
        assert page.body.count("<details") == page.body.count('<div class="jp-Cell-input') or (
            "<details" in page.body
        ), name
        for tag in page.body.split("<img ")[1:]:
            assert 'alt="' in tag.split(">")[0], name


@pytest.mark.parametrize("alt", ["", "Absence by term"])
def test_a_picture_says_what_it_is_or_that_nobody_said(alt, tmp_path):
    picture = nbformat.v4.new_output(
        "display_data",
        {"image/png": "iVBORw0KGgo="},
        metadata={"image/png": {"alt": alt} if alt else {}},
    )
    cells = [nbformat.v4.new_code_cell("x", outputs=[picture])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "n.ipynb")
    (tag,) = re.findall(r"<img [^>]*>", pages.render_notebook(tmp_path / "n.ipynb").body)
    assert f'alt="{alt or pages._NO_TEXT}"' in tag


def written(tmp_path, text):
    """Return the page of a notebook that holds a title and a text."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# T\n\n{text}")])
    nbformat.write(notebook, tmp_path / "n.ipynb")
    return pages.render_notebook(tmp_path / "n.ipynb").body


def test_an_equation_is_a_picture_that_says_what_it_is(tmp_path):
    body = written(tmp_path, r"The mean $\bar y_{gt}$ and $$\frac{1}{G}\sum_g \Delta_g$$ here.")
    assert "$" not in body
    alts = re.findall(r'<svg [^>]*class="math" [^>]*aria-label="([^"]*)"', body)
    assert alts == [r"\bar y_{gt}", r"\frac{1}{G}\sum_g \Delta_g"]


@pytest.mark.parametrize("text", ["costs $5 and $6", "`$HOME` and `$x$`", r"a $\nosuchmacro{x}$"])
def test_what_is_no_equation_stays_as_it_is_written(tmp_path, text):
    body = written(tmp_path, text)
    assert "<svg" not in body
    assert body.count("$") == text.count("$")


def test_an_equation_has_the_same_bytes_every_time_and_nothing_live_in_it():
    picture = equations.draw("x < y")
    equations.draw.cache_clear()
    assert equations.draw("x < y") == picture
    assert 'aria-label="x &lt; y"' in picture


def test_no_latex_is_left_on_the_run_s_pages_and_tables_scroll_by_themselves(rendered):
    assert sum(page.body.count('class="math"') for page in rendered.values()) >= 4
    for name, page in rendered.items():
        text = re.sub(r'aria-label="[^"]*"|<pre.*?</pre>', "", page.body, flags=re.DOTALL)
        assert not re.findall(r"\$\\?\w", text), name
        assert page.body.count("<table") == page.body.count('<div class="wide"'), name
