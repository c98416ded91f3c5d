"""The board's report: what it says follows the table, in both languages, and everyone can read it."""

import io
import itertools
import json
import math
import re
import shutil

import pikepdf
import pypdf
import pytest
from click.testing import CliRunner
from conftest import ROOT

from pilot_analysis import estimates, plan
from pilot_analysis.catalogue import reasons
from pilot_analysis.cli import main
from pilot_analysis.report import board, document
from pilot_analysis.report.sentences import SEVERAL, plain, told_as, unbounded
from pilot_analysis.report.texts import say
from pilot_analysis.words import LANGUAGES, number

COMMITTED = ROOT / "reports" / "synthetic"
PLAN = plan.load()
UNKNOWN = {"en": "cannot be determined", "sv": "går inte att avgöra"}


@pytest.fixture(scope="module")
def table():
    return estimates.read(COMMITTED / "estimates.parquet")


@pytest.fixture(scope="module")
def quality():
    return json.loads((COMMITTED / "quality.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def compose(table, quality):
    def make(language, changed=None, real=False):
        read = quality | {"synthetic": False, "notice": ""} if real else quality
        return board.compose(
            table if changed is None else changed, read, COMMITTED / "figures", language, PLAN
        )

    return make


@pytest.fixture(scope="module")
def pdfs(compose):
    return {
        language: document.pdf(compose(language), COMMITTED / "figures") for language in LANGUAGES
    }


# --- What it says ----------------------------------------------------------------------------


def with_changed(table, outcome, school_form, **columns):
    changed = table.copy()
    own = (
        (changed["outcome"] == outcome) & (changed["school_form"] == school_form)
        & (changed["population"] == "all_pupils") & (changed["specification"] == "primary")
    )  # fmt: skip
    assert own.sum() == 1
    for name, value in columns.items():
        changed.loc[own, name] = value
    return changed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_changed_estimate_changes_the_text(table, compose, language):
    changed = with_changed(table, "absence_share", "GR", estimate=-7.77, ci_low=-9.99,
                           ci_high=-5.55)  # fmt: skip
    before = board.html_page(compose(language))
    after = board.html_page(compose(language, changed))
    # 178 school days: -9.99 to -5.55 points are 17.8 to 9.9 days.
    for value in (7.8, 9.9, 17.8):
        assert number(value, language) in after
    to, fewer = {"en": ("to", "fewer days"), "sv": ("till", "färre frånvarodagar")}[language]
    told = f"{number(9.9, language)} {to} {number(17.8, language)} {fewer}"
    assert told in after
    assert told not in before
    untouched = with_changed(table, "absence_share", "GR")
    assert board.html_page(compose(language, untouched)) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_questions_are_not_forgotten_beside_an_interval_without_zero(
    table, compose, language
):
    """The interval excludes zero, but Holm's p-value over the main questions does not hold."""
    changed = with_changed(table, "absence_share", "GR", estimate=-7.77, ci_low=-9.99,
                           ci_high=-5.55)  # fmt: skip
    holm = (changed["model"] == "Holm") & (changed["outcome"] == "absence_share")
    holm &= (changed["school_form"] == "GR") & (changed["population"] == "all_pupils")
    assert (changed.loc[holm, "p_value"] > 0.05).all()
    words = SEVERAL[LANGUAGES.index(language)]
    before = board.html_page(compose(language)).count(words)
    assert board.html_page(compose(language, changed)).count(words) == before + 2
    changed.loc[holm, "p_value"] = 0.01
    assert board.html_page(compose(language, changed)).count(words) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_have_the_language_s_signs(compose, language):
    html = board.html_page(compose(language))
    shown = re.sub(r"<[^>]*>|SHA-256 \w+", " ", html.split("<main", 1)[1])
    assert not re.search(r"(?<![\w−])-\d", shown), "a hyphen stands for a minus sign"
    assert re.search(r"−\d", shown)
    if language == "sv":
        assert not re.search(r"\d\.\d", shown)
    else:
        assert not re.search(r"\d,\d(?!\d\d)", shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("real", [True, False])
def test_only_synthetic_data_carry_the_notice(compose, language, real):
    text = board.html_page(compose(language, real=real)) + document.typst_source(
        compose(language, real=real)
    )
    assert (say("synthetic", language) in text) != real


ROW = {
    "claim": "C1", "outcome": "absence_share", "school_form": "GR", "population": "all_pupils",
    "unit": "percentage points", "ci_level": 0.95, "n_schools": 11.0, "n_treated_schools": 4.0,
    "p_value_min": 1 / 330, "reason": "", "reason_values": "", "detectable_effect": 2.0,
}  # fmt: skip
GRID = [-3.0, -0.4, -0.04, 0.0, 0.04, 0.4, 3.0]
WAYS = {"en": (" fewer", " more", "lower", "higher"), "sv": (" färre", " fler", "lägre", "högre")}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", ["absence_share", "goals_all", "merit", "safety_index"])
@pytest.mark.parametrize(("low", "high"), list(itertools.combinations_with_replacement(GRID, 2)))
def test_an_answer_never_claims_more_than_its_interval(low, high, outcome, language):
    unit = {"merit": "merit points", "safety_index": "index points"}.get(outcome, ROW["unit"])
    row = ROW | {"outcome": outcome, "unit": unit, "estimate": (low + high) / 2, "ci_low": low,
                 "ci_high": high}  # fmt: skip
    open_ = low <= 0 <= high
    for grade in ("strong", "moderate", "weak", "cannot be determined", "no effect of interest"):
        text = plain(row, grade, language)
        claimed = any(word in text for word in ("than the comparison", "än vad utvecklingen"))
        assert claimed == (not open_ and grade in ("strong", "moderate", "weak")), text
        if not claimed and grade != "no effect of interest":
            assert text.startswith(UNKNOWN[language])
        told = told_as(outcome, unit)
        for bound in (low, high):
            if bound:
                assert told.size(told.factor * bound, language) in text
        if low < 0 < high:
            less, more = WAYS[language][2:] if told.measure else WAYS[language][:2]
            assert less in text
            assert more in text
        assert "nan" not in text
        assert "inf" not in text.replace("inference", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_effect_of_interest_is_not_told_as_not_determined(language):
    row = ROW | {"estimate": 0.1, "ci_low": -0.3, "ci_high": 0.4}
    assert UNKNOWN[language] not in plain(row, "no effect of interest", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_design_cannot_bound_is_told_once_for_all_outcomes(language):
    rows = [ROW | {"outcome": o, "estimate": 9.9, "ci_low": -math.inf, "ci_high": math.inf,
                   "n_treated_schools": 2.0, "n_schools": 5.0, "p_value_min": 0.1,
                   "school_form": "GY", "population": "all_pupils"}
            for o in ("absence_share", "persistent_absence")]  # fmt: skip
    (text,) = unbounded(rows, language)
    assert number(0.1, language, 2) in text
    assert "9.9" not in text
    assert "9,9" not in text
    assert "2" in plain(rows[0], "cannot be determined", language)


def test_every_reason_that_the_code_gives_has_its_sentence_in_every_language():
    given = set()
    for path in (ROOT / "src" / "pilot_analysis").rglob("*.py"):
        text = path.read_text("utf-8")
        given |= set(re.findall(r'NotEstimable\(\s*"(\w+)"', text))
        given |= set(re.findall(r'reasons\.cells\("(\w+)"', text))
    assert len(given) > 20
    values = {"least": 10, "group": "pilot", "period": "before", "term": "HT2018", "table": "x",
              "smallest_p": 0.1}  # fmt: skip
    for code in {*given, *reasons.codes()}:
        row = reasons.cells(code, **values)
        for language in LANGUAGES:
            told = reasons.sentence(row, language)
            assert told, code
            assert "'" not in told.replace("schools'", ""), code


# --- Its pages -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_answers_every_claim(pdfs, language):
    pages = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdfs[language])).pages]
    first, second = (re.sub(r"\s+", " ", text) for text in pages[:2])
    for claim in board.CLAIMS:
        assert say(claim, language) in first, claim
    assert say("limits", language) in first
    assert say("design", language) in second
    assert say("design", language) not in first
    for number_, text in enumerate(pages, 1):
        assert say("synthetic", language)[:40] in re.sub(r"\s+", " ", text), f"page {number_}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_can_be_read_by_a_screen_reader(pdfs, language):
    """What PDF/UA-1 asks for, as far as can be looked up without veraPDF."""
    with pikepdf.open(io.BytesIO(pdfs[language])) as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang).startswith(language)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == say("title", language)
        for page in pdf.pages:
            assert page.get("/Tabs") in (None, pikepdf.Name.S)
            assert "/StructParents" in page
        nodes = list(walk(root.StructTreeRoot))
        tags = [tag for tag, _ in nodes]
        figures = [node for tag, node in nodes if tag == "/Figure"]
        assert len(figures) > 5
        assert all(str(node.get("/Alt", "")).strip() for node in figures)
        assert tags.count("/Table") == 3
        assert tags.count("/TH") > 10
        levels = [int(tag[2]) for tag in tags if re.fullmatch(r"/H\d", tag)]
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
        for name, font in fonts(pdf):
            descriptor = font.get("/FontDescriptor") or font.DescendantFonts[0].FontDescriptor
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys()), name


def test_a_finished_run_s_report_is_written_again(tmp_path):
    """`pilot report RUN`: the same words from the run's own folder; nothing is estimated anew."""
    run = tmp_path / "run"
    shutil.copytree(COMMITTED, run, ignore=shutil.ignore_patterns(".work", "site", "report_*"))
    done = CliRunner().invoke(main, ["report", str(run)])
    assert done.exit_code == 0, done.output
    for language in LANGUAGES:
        name = f"report_{language}.html"
        assert (run / name).read_text("utf-8") == (COMMITTED / name).read_text("utf-8")
        assert (run / f"report_{language}.pdf").read_bytes().startswith(b"%PDF")
    assert (run / "site" / "index.html").exists()
    (run / "quality.json").unlink()
    failed = CliRunner().invoke(main, ["report", str(run)])
    assert failed.exit_code == 1
    assert "quality.json is missing" in failed.output


def walk(node):
    kids = node.get("/K")
    if kids is None:
        return
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield str(kid.S), kid
            yield from walk(kid)


def fonts(pdf):
    for page in pdf.pages:
        yield from page.Resources.get("/Font", {}).items()


def test_names_out_of_data_are_text_in_both_forms():
    attack = '#panic("x") $x$ *b* </script><script> \\ " @label'
    made = document.Document(
        "en", "T", "",
        [document.Heading(attack), document.Items([f"{attack}\t{attack}"]),
         document.Table(["a", attack], [[attack, "1"]], attack)],
    )  # fmt: skip
    pages = pypdf.PdfReader(io.BytesIO(document.pdf(made, COMMITTED / "figures"))).pages
    assert '#panic("x") $x$ *b*' in pages[0].extract_text()
    assert "<script>" not in document.html_body(made, str)
