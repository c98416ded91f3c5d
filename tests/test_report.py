"""The board's report: what it says follows the table, in every language, and everyone can read it."""

import io
import itertools
import math
import re
import shutil
from dataclasses import replace

import pandas as pd
import pikepdf
import pypdf
import pypdfium2
import pytest
from click.testing import CliRunner
from conftest import QUOTED, ROOT
from run_rows import QUALITY, hand_table, hand_table_of

from pilot_analysis import estimates, plan
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.language import message_names
from pilot_analysis.catalogue.outcomes import find_outcome
from pilot_analysis.cli import main
from pilot_analysis.evaluation import evidence
from pilot_analysis.inference import two_sample
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import (
    appendix,
    board,
    claimed,
    decisions,
    document,
    first_page,
    holds,
    means,
    research,
    results,
    school_changes,
    studied,
)
from pilot_analysis.report.answers import CLAIMS, Findings
from pilot_analysis.report.sentences import finding
from pilot_analysis.words import LANGUAGES

COMMITTED = ROOT / "reports" / "synthetic"
PLAN = plan.load()
PLANNED = Parameters.model_validate(PLAN.parameters)


def material(changed=None, *, real=False, **parameters):
    quality = QUALITY | {"synthetic": not real}
    table = hand_table() if changed is None else changed
    values = PLANNED.model_copy(update=parameters)
    return board.Material(table, quality, COMMITTED / "figures", PLAN, values)


def page(language, changed=None, **options):
    return board.html_page(board.compose(material(changed, **options), language))


def with_changed(outcome, population, form="GR", model=None, **columns):
    """Return the table with other values in one primary row (and its Holm row, `holm=`)."""
    table = hand_table()
    holm = columns.pop("holm", None)
    own = (
        (table["outcome"] == outcome)
        & (table["population"] == population)
        & (table["school_form"] == form)
    )
    primary = own & (table["specification"] == "primary")
    assert primary.sum() == 1
    for name, value in columns.items():
        table.loc[primary, name] = value
    if holm is not None:
        table.loc[own & (table["model"] == "Holm"), "p_value"] = holm
    return table


@pytest.fixture(scope="module")
def pdfs():
    return {
        language: document.pdf(board.compose(material(), language), COMMITTED / "figures")
        for language in LANGUAGES
    }


@pytest.fixture(scope="module")
def pages(pdfs):
    return {
        language: [
            re.sub(r"\s+", " ", p.get_textpage().get_text_range())
            for p in pypdfium2.PdfDocument(made)
        ]
        for language, made in pdfs.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_is_half_empty_but_the_last(pdfs, language):
    for number, page in enumerate(list(pypdfium2.PdfDocument(pdfs[language]))[:-1], start=1):
        grey = page.render(scale=0.4, grayscale=True).to_numpy().squeeze()
        height = len(grey)
        body = grey[int(0.05 * height) : int(0.93 * height)]
        filled = (body < 200).any(axis=1).nonzero()[0].max() / len(body)
        assert filled > 0.5, number


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_and_tables_stand_in_the_order_of_their_numbers(pages, language):
    words = Findings(material(), language).words
    text = " ".join(pages[language])
    for name in ("number_figure", "number_table"):
        found = [int(n) for n in re.findall(rf"\b{words(name)} (\d+)\. ", text)]
        assert found == list(range(1, len(found) + 1)), name


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_holds_a_single_item_of_a_longer_list(pages, language):
    def bare(text):  # as it may be broken over lines
        return re.sub(r"\W", "", text)

    at, told = 0, [bare(text) for text in pages[language]]
    for block in board.compose(material(), language).blocks:
        if not isinstance(block, document.Items):
            continue
        held = []
        for line in block.lines:
            at = next(i for i in range(at, len(told)) if bare(line)[:60] in told[i])
            held.append(at)
        alone = {n for n in set(held) if held.count(n) == 1}
        assert len(held) == 1 or not alone, (block.lines[0], held)


@pytest.mark.slow
@pytest.mark.parametrize("items", [2, 3, 4, 5, 7])
def test_a_list_breaks_so_that_each_page_has_two_items_of_it(items, tmp_path):
    lines = [
        f"Item{n} takes more than a line of the page, " + "as many do. " * 12 for n in range(items)
    ]
    broken = set()
    for before in range(40, 54):  # lines above it, so that it meets the page's end anywhere
        above = [document.Paragraph("Above.") for _ in range(before)]
        made = document.Document("en", "T", "", [*above, document.Items(lines)], "", "")
        found = pypdf.PdfReader(io.BytesIO(document.pdf(made, tmp_path))).pages
        held = [text.count("Item") for text in (page.extract_text() for page in found)]
        assert sum(held) == items
        assert 1 not in held, (before, held)
        broken.add(sum(n > 0 for n in held))
    assert broken == ({1, 2} if items > 3 else {1})


# --- What it says ----------------------------------------------------------------------------


def test_every_language_has_the_same_messages():
    names = {language: message_names(language) for language in LANGUAGES}
    assert len(set(names.values())) == 1, names


@pytest.mark.slow
@pytest.mark.parametrize("language", QUOTED)
def test_a_changed_estimate_changes_the_text(language):
    changed = with_changed(
        "absence_share", "all_pupils", estimate=-7.77, ci_low=-9.99, ci_high=-5.55, holm=0.01
    )
    after, before = page(language, changed), page(language)
    # 178 school days: -9.99 to -5.55 points are 17.8 to 9.9 days.
    told = {"en": "9.9 to 17.8 fewer days", "sv": "9,9 till 17,8 färre"}[language]
    assert told in after
    assert told not in before
    assert page(language, hand_table()) == before


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_interval_without_zero_among_several_questions_only_points(language):
    """Holm's p-value over the main questions does not hold: a direction, but no answer."""
    words = Findings(material(), language).words
    sure = with_changed("goals_all", "all_pupils", holm=0.01)
    assert words("sentence_several") in page(language)
    answers = Findings(material(), language).to("C2")
    assert answers[0].short(words) == words("answer_points_better")
    assert Findings(material(sure), language).to("C2")[0].state == "better"


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_have_at_most_five_words_and_say_no_more_than_their_state(language):
    words = Findings(material(), language).words
    names = [n for n in message_names(language) if n.startswith("answer_")]
    assert len(names) == 11
    assert all(len(words(n).split()) <= 5 for n in names)


GRID = [-9.0, -0.5, 0.0, 0.5, 9.0]


@pytest.mark.parametrize(("low", "high"), list(itertools.combinations_with_replacement(GRID, 2)))
@pytest.mark.parametrize("holm", [0.01, 0.2])
def test_an_answer_never_claims_more_than_its_interval(low, high, holm):
    table = with_changed(
        "absence_share",
        "all_pupils",
        estimate=(low + high) / 2,
        ci_low=low,
        ci_high=high,
        holm=holm,
    )
    answer = Findings(material(table), "en").to("C1")[0]
    if max(abs(low), abs(high)) < 1:  # the smallest effect of interest, but three warnings
        assert answer.state in ("open", "points_better", "points_worse")
    elif low <= 0 <= high:
        assert answer.state == "open"
    else:
        way = "worse" if low > 0 else "better"
        assert answer.state == (way if holm <= 0.05 else f"points_{way}")
    assert answer.state in ("better", "worse", "none") or answer.grade == "cannot be determined"


def test_a_warning_about_overturning_needs_an_answer_to_overturn():
    found = Findings(material(), "en")
    open_, pointing = found.to("C1")[0], found.to("C3")[0]
    name = "a_small_drift_would_overturn_it"
    assert name not in [w.name for w in open_.raised]
    assert name in [w.name for w in pointing.raised]
    told = results.weakened_by(pointing, found)
    assert any("which does not exclude zero even without any drift" in line for line in told)
    # A figure beyond its limit is never told as the limit.
    assert any("0.252 standard deviations (limit 0.250)" in line for line in told)
    assert any("5.3 percentage points" in line and "limit 3.0" in line for line in told)
    assert told[-1] == "The data do not tell whether pupils left unevenly."


@pytest.mark.parametrize(("low", "high"), [(-5.1, 0.9), (-0.4, 0.9), (-5.1, -0.4), (0.1, 0.9)])
def test_an_answer_prints_the_warnings_that_its_grade_counts(low, high):
    table = with_changed("absence_share", "all_pupils", ci_low=low, ci_high=high)
    table.loc[table["estimand"] == "one_school_decides", "specification"] = "raised"
    answer = Findings(material(table), "en").to("C1")[0]
    raised = [w.name for w in answer.warnings if w.state == "raised"]
    counted = [name for name in raised if evidence.weakens(name, answer.row)]
    assert [w.name for w in answer.raised] == counted
    assert ("one_school_decides" in counted) == (not low <= 0 <= high)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_how_well_absence_was_recorded_gets_no_grade(language):
    found = Findings(material(), language)
    text = page(language)
    assert found.words("reporting_text") in text
    assert "reporting_rate" not in {a.row["outcome"] for a in found.claimed("C1")}
    assert all(not a.graded for a in found.of("reporting_rate", "all_pupils"))


@pytest.mark.slow
@pytest.mark.parametrize("language", QUOTED)
def test_law_populations_and_p_values_are_told(language, pages):
    words = Findings(material(), language).words
    text = " ".join(pages[language])
    law = {"en": "chapter 15, section 19 a", "sv": "15 kap. 19 a §"}[language]
    assert law in text
    assert {"en": "among the teachers", "sv": "bland lärarna"}[language] not in text
    rule = {
        "en": "absence of 15 % or more of lesson time, 2 terms before",
        "sv": "minst 15 % av lektionstiden, 2 terminer innan",
    }[language]
    assert rule in text.replace("\u00a0", " ")
    assert words.count(7260).replace("\u00a0", " ") in text.replace("\u00a0", " ")
    p = {
        "en": "The p-value is 0.033; without assumptions the smallest possible is 0.10.",
        "sv": "P-värdet är 0,033; utan antaganden är det lägsta möjliga 0,10.",
    }[language]
    assert p in text
    assert words("column_smallest") in text


def test_upper_secondary_law_is_not_told_where_there_is_none():
    table = hand_table()
    lower = page("sv", table[table["school_form"] == "GR"].reset_index(drop=True))
    assert "skollagen" not in lower
    assert "gymnasiet" not in lower.split("<main")[1].split("Så läses")[0]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_only_synthetic_data_carry_the_notice(language):
    notice = Findings(material(), language).words("report_synthetic")
    for real in (False, True):
        assert (notice in page(language, real=real)) != real


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_departure_from_the_plan_is_told_on_page_one_and_listed(language):
    words = Findings(material(), language).words
    text = page(language, absence_coding="present")
    assert text.index(words("report_exploratory")) < text.index(words("report_key"))
    assert (
        words("method_departs", parameter="absence_coding", planned="dropped", used="present")
        in text
    )
    assert words("report_exploratory") not in page(language)


def test_a_pilot_with_one_kind_of_mentors_does_not_ask_which_kind_does_more():
    table = hand_table()
    own = table["estimand"] == decisions.DIFFERENCE
    table.loc[own, ["estimate", "ci_low", "ci_high", "p_value"]] = math.nan
    table.loc[own, "reason"] = "no_treated"
    asked = Findings(material(), "en").words("decision_organisation")
    assert asked in page("en")
    assert asked not in page("en", table)


def test_organisation_is_not_decided_where_the_design_bounds_nothing():
    text = page("en")
    assert "It cannot be determined which kind of mentor does more" in text
    assert "−2.4 (not bounded)" in text
    assert "0.33 (0.33)" in text


@pytest.mark.parametrize(
    ("p_values", "differs"), [((0.03, 0.4, 0.6), False), ((0.004, 0.4, 0.6), True)]
)
def test_kinds_of_mentors_differ_only_once_all_comparisons_are_counted_together(p_values, differs):
    found = Findings(material(), "en")
    template = found.material.table.query("estimand == 'targeted_minus_class'").iloc[0].to_dict()
    outside = {"ci_low": -7.9, "ci_high": -1.0, "ci_level": 0.95, "bound": 2.0}
    rows = [template | outside | {"p_value": p, "p_value_min": 1 / 3} for p in p_values]
    rows[1:] = [row | {"ci_high": 1.0} for row in rows[1:]]
    told = " ".join(decisions._decided(rows, found))
    assert ("cannot be determined" in told) != differs
    assert ("also once the comparisons are counted together" in told) == differs
    adjusted = f"{3 * p_values[0]:.2g}"
    assert adjusted in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_column_s_unit_stands_in_its_head_and_in_no_cell(language):
    found = Findings(material(), language)
    words = found.words
    unit = words.unit("percentage points")
    made = [b for b in results.blocks(found) if isinstance(b, document.Table)]
    made += [b for b in appendix.tables(found) if isinstance(b, document.Table)]
    with_differences = [t for t in made if any(unit in head for head in t.header)]
    assert len(with_differences) >= 4
    for table in made:
        assert not any(unit in cell for row in table.rows for cell in row), table.caption
    # Another unit than the head's is said where it stands.
    merit = words.unit("merit points")
    assert any(merit in cell for table in with_differences for row in table.rows for cell in row)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_column_has_one_rounding(language):
    table = studied._flow(studied.read_balance(COMMITTED / "figures"), committed_findings(language))
    rows = next(b for b in table if isinstance(b, document.Table)).rows
    for column in zip(*(row[3:] for row in rows), strict=True):  # who left, who joined
        assert {len(cell.replace(",", ".").partition(".")[2]) for cell in column} == {1}, column
        assert not any("%" in cell for cell in column)


def committed_findings(language):
    everything = estimates.read(COMMITTED / "estimates.parquet")
    return Findings(material(everything), language)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("(Holm)", "1 main questions", "amended never")),
        ("sv", ("(Holm)", "1 huvudfrågorna", "ändrats noll")),
    ],
)
def test_a_plan_of_one_question_adjusts_for_no_others(language, words):
    own = material()
    one = PLAN.model_copy(update={"primary": PLAN.primary[:1], "amendments": []})
    told = board.html_page(board.compose(replace(own, plan=one), language))
    assert not [word for word in words if word in told.replace("\u00a0", " ")]


def test_every_main_question_is_shown_school_by_school_and_no_school_is_named():
    found = committed_findings("en")
    shown = school_changes.plotted(found)
    for claim, answers in holds.asked(found):
        for answer in answers:
            own = shown[(shown["claim"] == claim) & (shown["school_form"] == answer.form)]
            assert len(own) == answer.row["n_schools"]
            pilot = own.loc[own["arm"] == "pilot", "value"]
            assert len(pilot) == answer.row["n_treated_schools"]
            assert pilot.mean() == pytest.approx(answer.row["estimate"])
    assert list(shown) == ["claim", "outcome", "school_form", "arm", "value"]


@pytest.mark.parametrize("language", QUOTED)
def test_a_main_question_s_p_value_stands_beside_the_adjusted_one(language):
    told = {
        "en": "The p-value is 0.033, and 0.10 adjusted for several questions (Holm)",
        "sv": "P-värdet är 0,033, och 0,10 justerat för flera frågor (Holm)",
    }
    assert page(language).count(told[language]) == 6  # three questions in two school forms


@pytest.mark.parametrize("language", QUOTED)
def test_hours_are_fewer_not_lower_and_their_unit_is_said_once(language):
    text = page(language)
    told = {"en": "came out 2.6 fewer at pilot schools", "sv": "blev 2,6 färre på pilotskolorna"}
    assert told[language] in text
    wrong = {"en": r"hours a week (lower|higher)", "sv": r"timmar i veckan (lägre|högre)"}
    assert not re.search(wrong[language], text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_of_pages_1_and_2_is_long(language):
    blocks = board.compose(material(), language).blocks
    breaks = [i for i, b in enumerate(blocks) if isinstance(b, document.Heading) and b.level == 1]
    told = []
    for block in blocks[: breaks[2]]:  # the answers, and what was done
        if isinstance(block, document.Paragraph):
            told.append(block.text)
        elif isinstance(block, document.Items):
            told += [line.partition("\t")[2] or line for line in block.lines]
        elif isinstance(block, document.Table):
            told.append(block.caption)
    for sentence in (s for text in told for s in re.split(r"(?<=[.;:])\s+(?=[A-ZÅÄÖ])", text)):
        assert len(sentence.split()) <= 25, sentence


def test_the_variant_that_moves_an_answer_most_is_named():
    told = "‘Unreported time read as absent’ moves the estimate most, from −2.1 to −6.4"
    assert told in page("en")


def test_contents_and_numbers_lead_through_the_report():
    report = board.compose(material(), "en")
    text = board.html_page(report)
    sections = [b.text for b in report.blocks if isinstance(b, document.Heading) and b.level == 1]
    targets = re.findall(r'<a href="#([^"]+)">', text.split('aria-label="Contents"')[1])
    assert len(targets) >= len(sections)
    assert all(f'id="{name}"' in text for name in targets[: len(sections)])
    for kind, name in ((document.Table, "Table"), (document.Picture, "Figure")):
        told = [b.caption.split(".")[0] for b in report.blocks if isinstance(b, kind)]
        assert told == [f"{name} {n}" for n in range(1, len(told) + 1)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_was_studied_tells_what_the_design_cannot_adjust_for(language):
    found = Findings(material(), language)
    balance = studied.read_balance(COMMITTED / "figures")
    tables = [b for b in studied.blocks(found) if isinstance(b, document.Table)]
    flow, *alike, _ = tables
    assert [row[1] for row in flow.rows] == ["4", "7", "2", "3"]
    assert len(alike) == 2
    rows = [row for table in alike for row in table.rows]
    assert (
        sum(row[-1].endswith("*") for row in rows) == (balance["band"] == "not satisfied").sum() > 0
    )
    # A share tells its own deviation; of whatever else pupils differ in it stands there.
    for row, before in zip(rows, balance.to_dict("records"), strict=True):
        known = find_outcome(before["covariate"])
        share_of_pupils = known is None or known.counts == "pupils"
        assert (row[3] == "–") == share_of_pupils, row
        assert "–" not in row[1:3], row


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_study_beside_the_pilot_has_design_result_uncertainty_and_source(language):
    words = Findings(material(), language).words
    table = next(b for b in research.blocks(words) if isinstance(b, document.Table))
    assert len(table.rows) == len(research.STUDIES)
    assert all(cell.strip() for row in table.rows for cell in row)
    listed = research.references(words)[1].lines
    assert all(study.reference in listed for study in research.STUDIES)


def test_every_article_says_where_its_pages_are():
    items = research.references(Findings(material(), "en").words)[1]
    articles = [line for line in items.lines if re.search(r"\d+\(\d+\)", line)]
    assert len(articles) >= 8
    for line in articles:
        assert re.search(r"\d+\(\d+\), \d+–\d+\.|doi:10\.", line), line
    # What the report calls by its authors can be looked up.
    for name in ("Callaway", "Rambachan", "Holm", "Fieller", "What Works Clearinghouse"):
        assert any(line.startswith(name) for line in items.lines), name


def test_break_even_is_the_cost_over_what_a_pupil_is_worth():
    found = Findings(material(), "en")
    caption = found.words("break_even_caption", **{"class": "25"})
    made = [b for b in decisions.blocks(found) if isinstance(b, document.Table)]
    table = next(b for b in made if b.caption == caption)
    # SEK 6,430 a pupil is 160,750 a class of 25: 3.2 pupils at 50,000 each.
    assert table.rows[0][1:] == ["3.2", "3.2"]
    assert table.rows[-1][1] == "0.2 to 3.2 more"  # of what stands in the caption
    text = page("en").replace("\u00a0", " ")
    assert "SEK 16,600 per mentored pupil per school year." in text


def test_the_cost_net_of_teachers_time_has_the_hours_interval():
    findings = committed_findings("en")
    table = next(
        b
        for b in decisions.blocks(findings)
        if isinstance(b, document.Table) and "teachers' time" in b.caption
    )
    rows = findings.material.table
    (cost,) = rows.query("outcome == 'cost_per_pupil' and school_form == 'GR'")["estimate"]
    (freed,) = rows.query("model == 'teachers\\' time' and school_form == 'GR'").to_dict("records")
    for line in table.rows:
        worth = float(line[0])
        told = [
            float(n.replace(",", "").replace("\u2212", "-"))
            for n in re.findall(r"[\u2212\d,]+", line[1])
        ]
        wanted = [cost - worth * freed[k] for k in ("estimate", "ci_high", "ci_low")]
        assert told == pytest.approx(wanted, abs=5.01)


@pytest.mark.parametrize(("outcome", "better"), [("absence_share", "fewer"), ("goals_all", "more")])
def test_what_could_have_been_found_is_an_improvement(outcome, better):
    own = material(estimates.read(COMMITTED / "estimates.parquet"))
    first = next(q for q in PLAN.primary if q.outcome == outcome)
    plan = PLAN.model_copy(update={"primary": [first]})
    told = decisions._detectable(Findings(replace(own, plan=plan), "en"))
    assert told
    assert all(better in line for line in told)


@pytest.mark.parametrize(("language", "trace"), [("en", "Difference, "), ("sv", "Skillnad, ")])
def test_a_column_of_differences_without_any_names_no_unit(language, trace):
    table = hand_table().assign(estimate=math.nan, ci_low=math.nan, ci_high=math.nan)
    found = Findings(material(table), language)
    assert trace not in results.difference_head(found.answers, found)
    known = Findings(material(), language)
    assert trace in results.difference_head(known.answers, known)


@pytest.mark.parametrize(("language", "lot"), [("en", "by lot"), ("sv", "lottas")])
def test_a_pilot_drawn_by_lot_is_not_told_to_draw_lots(language, lot):
    costless = hand_table().query("model != 'cost'").reset_index(drop=True)
    own = material(costless)
    for drawn in (False, True):
        described = own.description.model_copy(update={"drawn_by_lot": drawn})
        told = first_page.next_step(Findings(replace(own, description=described), language))
        assert (lot in told) != drawn


def test_the_next_pilot_s_table_says_how_many_schools_find_what():
    table = next(
        b
        for b in decisions.blocks(committed_findings("en"))
        if isinstance(b, document.Table) and "drawn by lot" in b.caption
    )
    found = [[float(cell.split()[0]) for cell in row] for row in table.rows]
    assert [row[0] for row in found] == [12, 20, 40, 80]
    for form in (1, 2):  # the more schools, the smaller the effect; a fourfold number halves it
        effects = [row[form] for row in found]
        assert effects == sorted(effects, reverse=True)
        assert effects[-1] == pytest.approx(effects[1] / 2, rel=0.1)
    # The pilot's own size, with its own spread, finds about what its row says.
    row = committed_findings("en").of("absence_share", "all_pupils")[0].row
    arms = two_sample.TwoArms.equal(1.0, 1.0, 4, 7)
    own = decisions._spread(row) * two_sample.detectable(arms, "least_favourable")
    assert own == pytest.approx(row["detectable_effect"], rel=0.1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_means_before_and_after_are_those_of_the_figures(language):
    (table,) = means.blocks(committed_findings(language))
    trend = pd.read_csv(COMMITTED / "figures" / "trends_absence_share.csv")
    own = trend[(trend["school_form"] == "GR") & trend["ever_treated"]]
    words = Findings(material(), language).words
    told = [
        words.number(own.loc[own["term"].isin(terms), "mean"].mean())
        for terms in (["HT2017", "VT2018", "HT2018", "VT2019"], ["HT2019", "VT2020", "HT2020"])
    ]
    assert [cell.removesuffix("\u00a0%") for cell in table.rows[0][2:4]] == told
    assert {len(row) for row in table.rows} == {6}


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_and_after_alone_stands_beside_what_it_shows_without_mentors(language):
    findings = committed_findings(language)
    made = claimed.blocks(findings)
    items = [b for b in made if isinstance(b, document.Items)]
    naive = findings.material.table.query(
        "model == 'before and after, no comparison' and estimand == 'naive_change_pilot' "
        "and outcome == 'absence_share'"
    )
    told = [findings.words.number(value) for value in naive["estimate"]]
    assert len(told) == 4
    assert all(any(value in line for line in items[-1].lines) for value in told)
    # What only points somewhere gives its reason, chance, once.
    cells = next(b for b in made if isinstance(b, document.Table)).rows
    chance = {"sv": "slumpen"}.get(language, "chance")
    assert all(row[2].count(chance) <= 1 for row in cells)


@pytest.mark.parametrize("language", LANGUAGES)
def test_mentors_and_their_pupils_are_told_by_term_where_more_than_one_school_had_them(language):
    findings = committed_findings(language)
    made = studied._posts(findings)
    (table,) = (b for b in made if isinstance(b, document.Table))
    lower = findings.words.form("GR").capitalize()
    assert table.rows and all(row[0].startswith(lower) for row in table.rows)
    assert all(int(row[2]) >= 2 for row in table.rows)
    # Upper secondary school has each kind of mentor at one school, and says that it has no figure.
    (upper,) = next(b for b in made if isinstance(b, document.Items)).lines
    assert upper.startswith(findings.words.form("GY").capitalize())
    assert not any(c.isdigit() for c in upper)


@pytest.mark.slow
@pytest.mark.parametrize("language", QUOTED)
def test_three_runs_side_by_side_say_what_they_differ_in(language):
    """A clear effect, no effect, and not enough schools: the first page tells them apart."""
    runs = {"clear": hand_table_of("clear"), "none": hand_table_of("none"), "open": hand_table()}
    found = {name: Findings(material(table), language) for name, table in runs.items()}
    words = found["open"].words
    primary = {n: [a for a in f.answers if a.primary] for n, f in found.items()}
    assert {a.short(words) for a in primary["clear"]} == {words("answer_better_strong")}
    assert {a.short(words) for a in primary["none"]} == {words("answer_none")}
    assert words("answer_open") in {a.short(words) for a in primary["open"]}
    known = {name: first_page.known(f) for name, f in found.items()}
    assert len(set(known.values())) == 3
    assert words("grade_strong") in known["clear"]
    assert words("known_C1", way="none").lower() in known["none"].lower()
    next_steps = {name: first_page.next_step(f) for name, f in found.items()}
    assert len(set(next_steps.values())) == 3
    assert first_page.unknown(found["clear"]) == words("unknown_nothing")
    chance = {"en": "chance could", "sv": "bero på slumpen"}[language]
    for name, table in runs.items():
        title = finding(table.iloc[0].to_dict(), words)
        assert (chance in title) == (name != "clear"), title


# What an editor struck out.
STRUCK = {
    "sv": (
        "försöksskol",
        "försöket",
        "avdrift",
        "exponeringsregist",
        "inget begränsat intervall",
        "vann elever",
        "ger skäl att vänta",
        "läge: ",
        "ämnen eller kurser i",
        "stöd: svag",
    ),
    "en": ("a pupil and", "merit value", "invalid absence", "drawn by lot that", "withheld"),
}


@pytest.mark.slow
@pytest.mark.parametrize("language", QUOTED)
def test_words_that_an_editor_struck_out_stay_out(language, pages):
    text = " ".join(pages[language]).lower()
    assert [word for word in STRUCK[language] if word in text] == []


def told_sentences(language):
    """Return the sentences of pages 1 and 2: all prose up to who was studied."""
    stop = Findings(material(), language).words("report_studied")
    texts = []
    for block in board.compose(material(), language).blocks:
        if isinstance(block, document.Heading) and block.text == stop:
            break
        if isinstance(block, document.Paragraph):
            texts.append(block.text)
        if isinstance(block, document.Items):
            texts += [line.rpartition("\t")[2] for line in block.lines]
        if isinstance(block, document.Table):
            texts += [cell for row in block.rows for cell in row if isinstance(cell, str)]
    # "15 kap. 19 a §" ends no sentence: a capital does.
    return [s for t in texts for s in re.split(r"(?<=[.?])\s+(?=[A-ZÅÄÖ])", t) if s]


def lix(sentences):
    """Return Björnsson's (1968) readability index: words per sentence and per cent long words."""
    words = [w for s in sentences for w in re.findall(r"\w+", s)]
    return len(words) / len(sentences) + 100 * sum(len(w) > 6 for w in words) / len(words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_two_pages_are_easy_to_read(language):
    sentences = told_sentences(language)
    assert {s: len(s.split()) for s in sentences if len(s.split()) > 25} == {}
    assert lix(sentences) < 45


def test_every_reason_that_the_code_gives_has_its_sentence_in_every_language():
    given = set()
    for path in (ROOT / "src" / "pilot_analysis").rglob("*.py"):
        text = path.read_text("utf-8")
        given |= set(re.findall(r'NotEstimable\(\s*"(\w+)"', text))
        given |= set(re.findall(r'reasons\.cells\("(\w+)"', text))
    assert len(given) > 20
    values = {
        "least": 10,
        "group": "pilot",
        "period": "before",
        "term": "HT2018",
        "table": "x",
        "smallest_p": 0.1,
    }
    for code in {*given, *reasons.codes()}:
        row = reasons.cells(code, **values)
        for language in LANGUAGES:
            told = reasons.sentence(row, language)
            assert told, code
            assert "'" not in told.replace("schools'", ""), code


# --- Its pages -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_answers_every_claim_and_nothing_else(pages, language):
    words = Findings(material(), language).words
    first, second = pages[language][:2]
    for claim in CLAIMS:
        assert words(f"question_{claim}") in first, claim
    for name in ("report_known", "report_unknown", "report_cost_next", "report_key"):
        assert words(name) in first
    assert words("report_design") in second
    assert words("report_design") not in first
    imprint = board.compose(material(), language).imprint
    assert imprint in first
    assert words.facts["commissioner"] in imprint
    for number_, text in enumerate(pages[language], 1):
        assert words("report_synthetic")[:40] in text, f"page {number_}"


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_is_left_nearly_empty(pdfs, pages, language):
    """An orphan page has a handful of words and no picture; the last may be short."""
    made = pypdf.PdfReader(io.BytesIO(pdfs[language])).pages
    for text, page_ in list(zip(pages[language], made, strict=True))[:-1]:
        assert len(text.split()) > 60 or page_["/Resources"].get("/XObject")


def test_upper_secondary_has_its_own_line_only_where_its_answer_differs():
    table = board.compose(material(), "en").blocks[2]
    asked = [row[0] for row in table.rows]
    assert "Did absence fall?" in asked
    assert "Did absence fall? (upper secondary school)" not in asked
    assert "Did pupils feel safer? (upper secondary school)" in asked
    drawings = [row[1] for row in table.rows if isinstance(row[1], document.Drawing)]
    assert len(drawings) == len(table.rows)
    assert drawings[0].alt == (
        "Interval 9.1 fewer to 1.6 more days of absence per pupil per school year, on both sides "
        "of zero."
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_can_be_read_by_a_screen_reader(pdfs, language):
    """What PDF/UA-1 asks for, as far as can be looked up without veraPDF."""
    report = board.compose(material(), language)
    with pikepdf.open(io.BytesIO(pdfs[language])) as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang).startswith(language)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == report.title
        for made in pdf.pages:
            assert made.get("/Tabs") in (None, pikepdf.Name.S)
            assert "/StructParents" in made
        nodes = list(walk(root.StructTreeRoot))
        tags = [tag for tag, _ in nodes]
        figures = [node for tag, node in nodes if tag == "/Figure"]
        assert len(figures) > 5
        assert all(str(node.get("/Alt", "")).strip() for node in figures)
        assert tags.count("/Table") == sum(isinstance(b, document.Table) for b in report.blocks)
        assert tags.count("/TH") > 10
        levels = [int(tag[2]) for tag in tags if re.fullmatch(r"/H\d", tag)]
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
        for name, font in fonts(pdf):
            descriptor = font.get("/FontDescriptor") or font.DescendantFonts[0].FontDescriptor
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys()), name


@pytest.mark.slow
def test_waves_stand_in_the_order_of_time(pages):
    caption = Findings(material(), "en").words("tables_response")
    text = " ".join(pages["en"]).split(caption)[1]
    assert text.index("VT2019") < text.index("HT2019") < text.index("HT2020")


@pytest.mark.slow
def test_a_run_without_answers_still_has_a_report():
    table = hand_table()
    unknown = table["specification"] == "primary"
    table.loc[unknown, ["estimate", "ci_low", "ci_high", "p_value"]] = math.nan
    table.loc[unknown, "reason"] = "no_untreated"
    for language in LANGUAGES:
        text = page(language, table)
        assert "nan" not in re.findall(r"\w+", text.lower())
        document.pdf(board.compose(material(table), language), COMMITTED / "figures")


def test_a_report_is_not_written_again_without_the_run_s_quality_report(tmp_path):
    run = tmp_path / "run"
    left_out = (".work", "site", "figures", "notebooks", "quality.json")
    shutil.copytree(COMMITTED, run, ignore=shutil.ignore_patterns(*left_out))
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
    for made in pdf.pages:
        yield from made.Resources.get("/Font", {}).items()


def test_names_out_of_data_are_text_in_both_forms():
    attack = '#panic("x") $x$ *b* </script><script> \\ " @label'
    drawing = document.Drawing(10, 10, "<rect/>", attack, attack)
    made = document.Document(
        "en",
        "T",
        "",
        [
            document.Heading(attack),
            document.Items([f"{attack}\t{attack}"]),
            document.Table(["a", attack], [[attack, drawing]], attack),
        ],
        attack,
        attack,
    )
    found = pypdf.PdfReader(io.BytesIO(document.pdf(made, COMMITTED / "figures"))).pages
    assert '#panic("x") $x$ *b*' in found[0].extract_text()
    assert "<script>" not in document.html_body(made, str)


# --- The reading test --------------------------------------------------------------------------


def asked():
    text = (ROOT / "docs" / "reading-test.md").read_text("utf-8")
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines()[7:]]
    return [(r[0], {"sv": (int(r[1]), r[2]), "en": (int(r[3]), r[4])}) for r in rows if len(r) == 5]


@pytest.mark.parametrize("language", QUOTED)
def test_each_question_of_the_reading_test_is_answered_where_it_says(language):
    document = pypdfium2.PdfDocument(COMMITTED / f"report_{language}.pdf")
    pages = [" ".join(p.get_textpage().get_text_range().split()) for p in document]
    assert len(asked()) == 10
    for question, places in asked():
        page, words = places[language]
        assert words in pages[page - 1], question


def test_a_narrow_picture_is_not_blown_up_to_the_page(tmp_path):
    widths = []
    for points in (280, 560, 800):
        path = tmp_path / f"{points}.svg"
        path.write_text(f'<svg xmlns="x" width="{points}pt" height="200pt"/>', "utf-8")
        widths.append(float(document._picture_width(path).removesuffix("pt")))
    assert widths[0] < 280
    assert widths[1] == widths[2] == pytest.approx(0.93 * 476.2, abs=0.1)


def test_what_stands_in_for_an_outcome_answers_its_question():
    """Without lesson time the report answers in minutes of absence per school day."""
    table = hand_table()
    shares = (table["outcome"] == "absence_share") & (table["population"] == "all_pupils")
    primary = shares & (table["specification"] == "primary") & (table["school_form"] == "GR")
    minutes = table[primary].assign(
        outcome="absence_minutes", unit="minutes a day", estimate=-3.0, ci_low=-9.5, ci_high=7.5
    )
    gone = table.assign(reason=table["reason"].mask(primary, "no_values"))
    gone.loc[primary, ["estimate", "ci_low", "ci_high"]] = math.nan
    found = Findings(material(pd.concat([gone, minutes], ignore_index=True)), "en")
    by_form = {answer.form: answer.row["outcome"] for answer in found.to("C1")}
    assert by_form["GR"] == "absence_minutes"
    assert by_form["GY"] == "absence_share"
    written = board.html_page(board.compose(found.material, "en"))
    assert "9.5 fewer to 7.5 more minutes of absence a day" in written
