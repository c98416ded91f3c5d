"""`pilot check` says of each question what the run then does, also where schools start or ask apart."""

import shutil

import pandas as pd
import pytest

from pilot_analysis import panel, terms
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.evaluation import cost, questionnaires, targeting
from pilot_analysis.panel import answerable
from pilot_analysis.panel import questionnaires as sheets
from pilot_analysis.panel.build import terms_lacking
from pilot_analysis.parameters import Parameters
from pilot_analysis.words import LANGUAGES

QUICK = Parameters.model_validate({"bootstrap_draws": 99, "max_placements": 99})
ANSWERS = {"C5": "hours_other", "C6": "safety_index"}


@pytest.fixture
def folder(tiny_processed, tmp_path):
    """The tiny municipality's tables, to be changed by a test."""
    shutil.copytree(tiny_processed, tmp_path / "processed")
    return tmp_path / "processed"


def change(folder, name, edit):
    path = folder / f"{name}.parquet"
    edit(pd.read_parquet(path)).to_parquet(path)


def pilots(folder, form="GR"):
    """Return the names of a school form's pilot schools, in order."""
    exposure = pd.read_parquet(folder / "exposure.parquet")
    own = exposure[(exposure["status"] == "pilot") & (exposure["school_form"] == form)]
    return sorted(own["school"].unique())


def lacks(folder, form="GR"):
    found = answerable.answerable(folder, QUICK)
    for code in {code for asked in found for code in asked.lacks}:
        for language in LANGUAGES:
            assert words_for(language, QUICK)(f"lacks_{code}")
    return {asked.claim: asked.lacks for asked in found if asked.school_form == form}


def ran(folder, form="GR"):
    """Return, claim by claim, whether the run estimates what the questionnaires are asked."""
    table = questionnaires.evaluate_questionnaires(sheets.every_role(folder, QUICK), QUICK)
    rows = table[(table["specification"] == "primary") & (table["school_form"] == form)]
    estimate = rows.set_index("outcome")["estimate"]
    return {claim: bool(pd.notna(estimate.get(name))) for claim, name in ANSWERS.items()}


def test_terms_of_the_analysis_without_pupils_are_told(folder):
    """An export that was forgotten is no term without absence: every count is told without it."""
    there = pd.read_parquet(folder / "pupil_terms.parquet")["term"].unique()
    first, last = min(there, key=terms.number), max(there, key=terms.number)
    asked = QUICK.model_copy(update={"first_term": first, "last_term": last})
    assert terms_lacking(folder, asked) == ""
    assert "hold nothing" not in panel.build(folder, asked).flow["step"][1]
    later = terms.label(terms.number(last) + 1)
    longer = asked.model_copy(update={"last_term": later})
    assert terms_lacking(folder, longer) == later
    assert (
        panel.build(folder, longer)
        .flow["step"][1]
        .endswith(f"(the exports hold nothing of {later})")
    )
    inside = sorted(there, key=terms.number)[1]
    change(folder, "pupil_terms", lambda table: table[table["term"] != inside])
    assert terms_lacking(folder, longer) == f"{inside}, {later}"
    for language in LANGUAGES:
        assert inside in words_for(language, QUICK)("terms_lacking", terms=inside)


def begun_before_anybody_was_asked(folder):
    """One pilot school starts before the first wave: the others can still be compared."""

    def earlier(table):
        own = table["school"].eq(pilots(folder)[0])
        mentored = table[own & table["status"].eq("pilot")].iloc[0]
        at = own & table["term"].isin(["HT2017", "VT2018", "HT2018", "VT2019"])
        return table.assign(
            **{c: table[c].where(~at, mentored[c]) for c in ("status", "organisation")}
        )

    change(folder, "exposure", earlier)


def asked_in_other_terms(folder):
    """Pilot schools were asked in some terms and comparison schools in others: none is shared."""
    own = pilots(folder)
    for name in ("pupil_survey", "staff_survey"):

        def apart(table):
            pilot = table["school"].isin(own)
            kept = table[~pilot | table["term"].isin(["VT2019", "VT2020"])]
            pilot = kept["school"].isin(own)
            moved = kept["term"].replace({"VT2020": "HT2019", "VT2019": "HT2018"})
            return kept.assign(term=kept["term"].where(pilot, moved))

        change(folder, name, apart)


def each_asked_once(folder):
    """One half of the pilot schools was asked before its start only, the other half after it only."""
    own = pilots(folder)
    for name in ("pupil_survey", "staff_survey"):

        def once(table):
            early = table["school"].isin(own[::2]) & (table["term"] == "VT2020")
            late = table["school"].isin(own[1::2]) & (table["term"] != "VT2020")
            return table[~early & ~late]

        change(folder, name, once)


def few_answered(folder):
    """Of the pilot schools' staff and pupils only a few answered after the start."""
    own = pilots(folder)
    for name in ("pupil_survey", "staff_survey"):

        def few(table):
            late = table["school"].isin(own) & (table["term"] == "VT2020")
            return pd.concat([table[~late], table[late].groupby("school").head(1)])

        change(folder, name, few)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "code"),
    [
        (lambda folder: None, None),
        (begun_before_anybody_was_asked, None),
        (asked_in_other_terms, "before"),
        (each_asked_once, "together"),
        (few_answered, "few"),
    ],
    ids=["as it is", "begun", "other terms", "each once", "few"],
)
def test_questionnaires_are_answered_where_check_says_so(design, code, folder):
    design(folder)
    said, run = lacks(folder), ran(folder)
    assert {claim: not said[claim] for claim in ANSWERS} == run
    assert not code or {code} <= {lack.rsplit("_", 1)[1] for c in ANSWERS for lack in said[c]}


@pytest.mark.slow
def test_targeted_pupils_who_left_before_their_school_began_are_told(folder):
    """A school that targets begins a year after the others: those whom the rule picked have left."""
    targeted = pd.read_parquet(folder / "exposure.parquet").query("organisation == 'targeted'")
    late = set(targeted.loc[targeted["school_form"] == "GR", "school"])
    change(
        folder,
        "pupil_terms",
        lambda t: t[~t["school"].isin(late) | (t["term"] < "HT2019") | (t["grade"] == 7)],
    )
    gone = targeted["term"].map({"HT2019": True, "VT2020": True}).fillna(False)
    begun = set(zip(targeted.loc[gone, "school"], targeted.loc[gone, "term"], strict=True))

    def later(table):
        at = [key in begun for key in zip(table["school"], table["term"], strict=True)]
        return table.assign(
            status=table["status"].mask(at, "none"),
            organisation=table["organisation"].mask(at),
        )

    change(folder, "exposure", later)
    built = panel.build(folder, QUICK)
    table = targeting.evaluate_targeting(built, folder, QUICK)
    rows = table[(table["specification"] == "primary") & (table["school_form"] == "GR")]
    answered = rows.groupby("claim")["estimate"].agg(lambda values: bool(values.notna().any()))
    said = lacks(folder)
    assert {claim: not said[claim] for claim in ("C3", "C4")} == answered.to_dict()


@pytest.mark.slow
def test_what_was_paid_is_told_without_any_gain(folder):
    nothing = ["scheduled_minutes", "reported_minutes", "absent_minutes", "n_registered"]
    change(folder, "pupil_terms", lambda t: t.assign(**dict.fromkeys(nothing, float("nan"))))
    built = panel.build(folder, QUICK)
    assert cost.cost_per_pupil(built, folder, "GR")[0] > 0
    assert lacks(folder)["C7"] == ()
    change(folder, "exposure", lambda t: t.assign(cost_sek=float("nan")))
    assert lacks(folder)["C7"] == ("cost",)
