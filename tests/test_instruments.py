"""Questionnaires of another shape than Linköping's: described in evaluation.yml, never coded."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT

from pilot_analysis import description, evaluation, figures, panel, workbench
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.errors import ParameterError
from pilot_analysis.evaluation import checks
from pilot_analysis.evaluation import questionnaires as models
from pilot_analysis.ingest import IngestError, ingest
from pilot_analysis.panel import questionnaires
from pilot_analysis.parameters import Parameters
from pilot_analysis.report.sentences import sentence
from pilot_analysis.workbench import grid_findings

pytestmark = pytest.mark.slow  # all of them look at a whole municipality or site

STEPS = ("Nej, inte alls", "Nej", "Varken eller", "Ja", "Ja, helt")
PURPOSE = {
    "q9": {"sv": "Mentorerna gör det de ska.", "en": "The mentors do what they should."},
    "q10": {"sv": "Mentorerna behövs inte.", "en": "We need no mentors.", "reversed": True},
}
# Six items on a scale of 1 to 7 with 9 for don't know; the second is worded the other way round.
PUPIL = {
    "items": {
        f"q{i}": {"sv": f"Fråga {i}.", "en": f"Item {i}.", "reversed": i == 2} for i in range(1, 7)
    },
    "steps": [{"score": i, "written": [i], "sv": str(i), "en": str(i)} for i in range(1, 8)],
    "dont_know": [9],
    "indices": {"safety_index": {"items": ["q1", "q2", "q3", "q4"], "low": 1, "high": 7}},
}
# Five steps in words, three items of safety and two of purpose, no hours.
STAFF = {
    "items": {f"q{i}": {"sv": f"Fråga {i}.", "en": f"Item {i}."} for i in range(1, 4)} | PURPOSE,
    "steps": [
        {"score": 25 * i, "written": [w, w.upper()], "sv": w, "en": f"step {i}"}
        for i, w in enumerate(STEPS)
    ],
    "indices": {
        "safety_index": {"items": ["q1", "q2", "q3"], "low": 0, "high": 10},
        "purpose_index": {"items": ["q9", "q10"], "low": 0, "high": 10},
    },
}
INSTRUMENTS = {"pupil": PUPIL, "teacher": STAFF, "principal": STAFF, "mentor": STAFF}


def described(folder, **changes):
    """Write the default evaluation with these instruments into a folder; returns its model."""
    folder.mkdir(parents=True, exist_ok=True)
    values = yaml.safe_load((ROOT / "params" / "evaluation.yml").read_text("utf-8"))
    values |= {"instruments": INSTRUMENTS} | changes
    (folder / description.FILE).write_text(yaml.safe_dump(values, allow_unicode=True), "utf-8")
    shutil.copyfile(ROOT / "params" / description.PLAN, folder / description.PLAN)
    return description.load(folder)


@pytest.fixture(scope="module")
def raw(tiny_raw, tmp_path_factory):
    """The tiny municipality's exports with questionnaires of another shape."""
    folder = tmp_path_factory.mktemp("asked") / "raw"
    shutil.copytree(tiny_raw, folder)
    (folder / "truth.json").unlink()
    rng = np.random.default_rng(1)
    for path in (*folder.glob("elevenkat*.csv"), *folder.glob("personalenkat*.csv")):
        sheets = pd.read_csv(path, sep=";", dtype=str)
        of_pupils = path.name.startswith("elev")
        sheets = sheets.drop(columns=[c for c in sheets if c[0] == "q" or c.startswith("timmar")])
        answers = [str(i) for i in (*range(1, 8), 9)] if of_pupils else [*STEPS, STEPS[1].upper()]
        for item in (PUPIL if of_pupils else STAFF)["items"]:
            sheets[item] = rng.choice([*answers, ""], len(sheets))
        sheets.to_csv(path, sep=";", index=False)
    return folder


@pytest.fixture(scope="module")
def processed(raw, tmp_path_factory):
    folder = tmp_path_factory.mktemp("processed")
    instruments = described(folder / description.OWN)
    ingest(raw, folder, key=b"a key of a test", described=instruments)
    return folder


def test_scores_and_indices_are_those_of_the_instrument(raw, processed):
    """Against plain pandas on the exports: each school's mean index."""
    sheets = pd.concat(pd.read_csv(p, sep=";", dtype=str) for p in raw.glob("elevenkat*.csv"))
    answers = sheets[["q1", "q2", "q3", "q4"]].astype(float)
    answers = answers.where(answers != 9)
    answers["q2"] = 8 - answers["q2"]
    made = pd.read_parquet(processed / "pupil_survey.parquet")
    assert made["safety_index"].mean() == pytest.approx(answers.mean(axis=1).mean(), abs=1e-9)
    assert made["n_dont_know"].sum() == (sheets[[*PUPIL["items"]]] == "9").sum().sum()
    assert not {"q7", "q10"} & set(made)

    staff = pd.concat(pd.read_csv(p, sep=";", dtype=str) for p in raw.glob("personalenkat*.csv"))
    scores = {w: 2.5 * i for i, w in enumerate(STEPS)} | {STEPS[1].upper(): 2.5}
    purpose = staff[["q9", "q10"]].apply(lambda c: c.map(scores))
    purpose["q10"] = 10 - purpose["q10"]
    made = pd.read_parquet(processed / "staff_survey.parquet")
    assert made["purpose_index"].mean() == pytest.approx(purpose.mean(axis=1).mean(), abs=1e-9)
    assert made["hours_other"].isna().all()


def test_all_four_roles_have_their_indices_and_teachers_an_effect_on_safety(processed):
    roles = questionnaires.roles(processed, Parameters())
    assert set(roles) == set(description.ROLES)
    # Each sheet nine times: the tiny schools have too few teachers for anything to be shown.
    few = roles["teacher"]
    counts = {name: 9 * few.asked[name] for name in ("asked", "answered")}
    many = replace(few, data=pd.concat([few.data] * 9), asked=few.asked.assign(**counts))
    rows = models.evaluate_questionnaires(roles | {"teacher": many}, Parameters(bootstrap_draws=99))
    alpha = rows[rows["specification"] == "cronbach_alpha"]
    assert {"teachers", "principals", "mentors"} <= set(
        alpha.loc[alpha["outcome"] == "purpose_index", "population"]
    )
    effects = rows[rows["specification"] == "primary"].set_index(["outcome", "population"])
    assert effects.loc[("safety_index", "teachers"), "estimate"].notna().any()
    assert (effects.loc[("hours_other", "teachers"), "reason"] == "not_asked").all()
    assert (effects.loc[("workload_index", "teachers"), "reason"] == "not_asked").all()
    means = questionnaires.role_means(roles.values(), Parameters())
    assert set(means["index"]) == {"safety_index", "purpose_index"}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_figures_show_the_wording_of_any_number_of_steps(processed, language):
    roles = questionnaires.roles(processed, Parameters())
    shares = questionnaires.item_shares(roles["pupil"], "GR", Parameters())
    drawn = figures.survey_items(
        shares,
        roles["pupil"].instrument,
        role="pupil",
        school_form="GR",
        synthetic=True,
        language=language,
    )
    labels = [t.get_text() for t in drawn.axes[0].get_yticklabels()]
    assert any(("Fråga 1." if language == "sv" else "Item 1.") in label for label in labels)
    assert not any(label.startswith("q1") for label in labels)
    assert sum("vänd" in label or "reversed" in label for label in labels) == 1
    means = questionnaires.role_means(roles.values(), Parameters())
    instruments = {role: a.instrument for role, a in roles.items()}
    drawn = figures.survey_roles(means, instruments, synthetic=True, language=language)
    said = " ".join(axis.get_title("left") for axis in drawn.axes)

    said = said.replace("\xa0", " ")
    assert ("syfte, 0 till 10" if language == "sv" else "purpose, 0 to 10") in said
    assert ("trygghet, 1 till 7" if language == "sv" else "safety, 1 to 7") in said


def test_what_was_not_asked_is_said_in_the_notebook(processed, tmp_path):
    values = Parameters().model_dump()
    values |= {"processed_dir": str(processed), "results_dir": str(tmp_path)}
    bench = workbench.start("06_teachers_and_safety", values)
    assert "Nobody was asked" in bench.draw_survey_trend("hours_other").data
    keys = ["school_form", "arm", "period"]
    assert bench.distribution("hours_other", by=keys, edges=[0, 8, 60])["n"].sum() == 0
    assert bench.distribution("safety_index", by=keys)["n"].sum() > 0


@pytest.mark.parametrize("top", [5, 7])
def test_the_top_fifth_of_an_index_is_of_its_own_range(processed, tmp_path, top):
    values = Parameters().model_dump()
    values |= {"processed_dir": str(processed), "results_dir": str(tmp_path)}
    bench = workbench.start("06_teachers_and_safety", values)
    asked = bench.roles["pupil"].instrument
    safety = asked.indices["safety_index"].model_copy(update={"low": 1, "high": top})
    asked.indices["safety_index"] = safety
    spread = bench.distribution("safety_index", by=["school_form", "arm", "period"])
    assert (
        bench.top_fifth("safety_index") == spread["low"].max() == pytest.approx(1 + 0.8 * (top - 1))
    )
    for above in (bench.top_fifth("safety_index"), 8):
        assert grid_findings.title_of("Safe", spread, above, bench.words).startswith("Safe")


def test_a_role_whose_answers_were_all_left_out_was_asked(processed, tmp_path):
    values = Parameters(first_term="HT2019", questionnaire_changes=["HT2019"]).model_dump()
    values |= {"processed_dir": str(processed), "results_dir": str(tmp_path)}
    bench = workbench.start("06_teachers_and_safety", values)
    why = "wave VT2020: the questionnaire had changed"
    assert why in bench.draw_survey_trend("safety_index").data
    assert f"- pupil: {why}" in bench.comparability().data


def test_the_index_is_named_by_what_it_runs_over(tmp_path):
    described(tmp_path)
    words = words_for("en", Parameters(), description.load(tmp_path))
    assert words.subject("safety_index").endswith("(0 to 10)")  # the last role that has it
    plain = words_for(
        "en", Parameters(), description.load(tmp_path).model_copy(update={"instruments": {}})
    )
    assert "(" not in plain.subject("safety_index")


# --- What does not fit the instrument --------------------------------------------------------


def told(raw, tmp_path, instruments, edit=None, language="sv"):
    folder = tmp_path / "raw"
    shutil.copytree(raw, folder)
    if edit:
        path = next(iter(folder.glob(edit[0])))
        sheets = pd.read_csv(path, sep=";", dtype=str)
        edit[1](sheets)
        sheets.to_csv(path, sep=";", index=False)
    with pytest.raises(IngestError) as raised:
        ingest(folder, tmp_path / "out", key=b"a key of a test", described=instruments)
    return raised.value.told(language)


def set_cell(row, column, text):
    def edit(sheets):
        sheets.loc[row, column] = text

    return edit


def test_an_answer_that_no_step_has_stops_with_its_row(raw, tmp_path):
    instruments = described(tmp_path / "e")
    message = told(raw, tmp_path, instruments, ("elevenkat*.csv", set_cell(3, "q2", "12")))
    assert "elevenkat" in message and "rad 5" in message and "q2" in message


def test_another_role_s_answer_stops_with_its_row(raw, tmp_path):
    mentor = STAFF | {
        "items": {k: v for k, v in STAFF["items"].items() if k != "q1"},
        "indices": {"purpose_index": STAFF["indices"]["purpose_index"]},
    }
    instruments = described(tmp_path / "e", instruments=INSTRUMENTS | {"mentor": mentor})
    message = told(raw, tmp_path, instruments)
    assert "personalenkat" in message and "q1" in message and "mentor" in message


def test_sheets_of_a_role_that_nobody_describes_stop(raw, tmp_path):
    described_without = {k: v for k, v in INSTRUMENTS.items() if k not in ("pupil", "principal")}
    instruments = described(tmp_path / "e", instruments=described_without)
    message = told(raw, tmp_path, instruments)
    assert "elevenkat" in message and "rektor" in message


def test_an_item_that_the_exports_lack_stops(raw, tmp_path):
    more = PUPIL | {"items": PUPIL["items"] | {"q11": {"sv": "Ny.", "en": "New."}}}
    instruments = described(tmp_path / "e", instruments=INSTRUMENTS | {"pupil": more})
    assert "q11" in told(raw, tmp_path, instruments)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"indices": {"safety_index": {"items": ["q8"], "low": 0, "high": 10}}}, "q8 is no item"),
        ({"indices": {"joy_index": {"items": ["q1"], "low": 0, "high": 10}}}, "joy_index"),
        ({"indices": {"safety_index": {"items": ["q1"], "low": 0, "high": 100}}}, "ten points"),
        ({"indices": {"safety_index": {"items": ["q1"], "low": 5, "high": 0}}}, "low"),
        ({"steps": PUPIL["steps"][::-1]}, "rise"),
        ({"dont_know": [7]}, "stands for two answers"),
        ({"hours": True}, "asked of staff"),
        ({"items": {"fråga1": PUPIL["items"]["q1"]}}, "fråga1"),
        ({"items": PUPIL["items"] | {"q41": PUPIL["items"]["q1"]}}, "q41"),
    ],
)
def test_an_instrument_that_does_not_agree_with_itself_is_refused(change, says, tmp_path):
    with pytest.raises(ParameterError, match="instruments") as raised:
        described(tmp_path, instruments=INSTRUMENTS | {"pupil": PUPIL | change})
    assert says in str(raised.value)


def test_the_example_of_a_new_evaluation_is_an_instrument():
    text = (ROOT / "params" / "new" / "evaluation.yml").read_text("utf-8")
    example = text[text.index("# instruments:") : text.index("instruments: {}")]
    values = yaml.safe_load("\n".join(line[2:] for line in example.splitlines()))
    for role, instrument in values["instruments"].items():
        assert role in description.ROLES
        description.Instrument.model_validate(instrument)


# --- Themes of free-text answers --------------------------------------------------------------

THEMES = {
    "arbetsro": {"sv": "arbetsro", "en": "calm in class"},
    "vuxna": {"sv": "vuxna att lita på", "en": "adults to trust"},
}
COUNTED = """tema;roll;termin;antal
vuxna;elev;HT2019;23
vuxna;elev;HT2020;20
arbetsro;elev;HT2020;118
arbetsro;elev;HT2020;118
arbetsro;larare;;31
vuxna;larare;;4
"""


def with_themes(raw, folder, text, themes=THEMES, coding="utf-8"):
    """Ingest the exports with coded themes beside them; returns the processed folder."""
    shutil.copytree(raw, folder / "raw")
    (folder / "raw" / "teman_alla.csv").write_bytes(text.encode(coding))
    out = folder / "out"
    out.mkdir()
    known = described(out / description.OWN, themes=themes)
    ingest(folder / "raw", out, key=b"a key of a test", described=known)
    return out


def test_themes_are_counted_by_role_and_shown_rounded(raw, tmp_path):
    out = with_themes(raw, tmp_path, COUNTED, coding="cp1252")
    counted = questionnaires.themes(out, Parameters())
    assert counted.values.tolist() == [
        ["pupil", "arbetsro", 118],
        ["pupil", "vuxna", 43],
        ["teacher", "arbetsro", 31],
        ["teacher", "vuxna", 4],
    ]
    only_last = Parameters(first_term="HT2020", last_term="HT2020")
    assert questionnaires.themes(out, only_last)["n_answers"].tolist() == [118, 20, 31, 4]
    values = Parameters().model_dump() | {"processed_dir": str(out), "results_dir": str(tmp_path)}
    bench = workbench.start("06_teachers_and_safety", values)
    bench.draw_themes()
    shown = pd.read_csv(tmp_path / "figures" / "survey_themes.csv")
    assert shown["n_answers"].fillna(-1).tolist() == [120, 45, 30, -1]
    swedish = (tmp_path / "figures" / "survey_themes_sv.txt").read_text("utf-8")
    assert "vuxna att lita på färre än 10" in swedish and "31" not in swedish


def test_without_coded_themes_the_notebook_says_so(processed, tmp_path):
    values = Parameters().model_dump()
    values |= {"processed_dir": str(processed), "results_dir": str(tmp_path)}
    assert "No free-text" in workbench.start("06_teachers_and_safety", values).draw_themes().data


@pytest.mark.parametrize(
    ("text", "themes", "says"),
    [
        ("tema;roll;antal\nvuxna;elev;3\nAnna slog mig igen;elev;1\n", THEMES, "rad 3"),
        ("tema;roll;antal\nvuxna;elev;tre\n", THEMES, "antal"),
        ("tema;roll;antal\nvuxna;elev;3\nvuxna;elev;4\n", THEMES, "två gånger"),
        ("tema;roll;antal\nvuxna;vaktmästare;3\n", THEMES, "roll"),
        ("tema;roll\nvuxna;elev\n", THEMES, "antal"),
        ("tema;roll;antal\nvuxna;elev;3\n", {}, "listar inga"),
    ],
)
def test_themes_that_do_not_fit_stop_without_repeating_what_was_written(
    text, themes, says, raw, tmp_path
):
    with pytest.raises(IngestError) as raised:
        with_themes(raw, tmp_path, text, themes)
    message = raised.value.told("sv")
    assert "teman_alla.csv" in message and says in message and "Anna" not in message


def test_a_theme_is_a_word_of_a_list_never_a_sentence(tmp_path):
    with pytest.raises(ParameterError, match="themes"):
        described(tmp_path, themes={"Anna slog mig igen i går": THEMES["vuxna"]})


# --- Other grades ----------------------------------------------------------------------------


def test_grades_4_to_6_are_evaluated_where_the_evaluation_says_so(tiny_raw, tmp_path):
    raw = tmp_path / "raw"
    shutil.copytree(tiny_raw, raw)
    (raw / "truth.json").unlink()
    forms = pd.read_csv(raw / "skolor.csv", sep=";", dtype=str)
    lower = set(forms.loc[forms["skolform"] == "GR", "skolenhetskod"])
    for path in (*raw.glob("elever*.csv"), *raw.glob("elevenkat*.csv")):
        rows = pd.read_csv(path, sep=";", dtype=str)
        here = rows["skolenhetskod"].isin(lower)
        rows.loc[here, "arskurs"] = (rows.loc[here, "arskurs"].astype(int) - 3).astype(str)
        if "fodelsear" in rows:
            rows.loc[here, "fodelsear"] = (rows.loc[here, "fodelsear"].astype(int) + 3).astype(str)
        rows.to_csv(path, sep=";", index=False)
    own = described(tmp_path / "e", grades={"GR": [4, 6]}, instruments={})
    for path in (*raw.glob("elevenkat*.csv"), *raw.glob("personalenkat*.csv")):
        path.unlink()
    quality = ingest(raw, tmp_path / "out", key=b"a key of a test", described=own)
    pupils = pd.read_parquet(tmp_path / "out" / "pupil_terms.parquet")
    assert set(pupils.loc[pupils["school_form"] == "GR", "grade"]) == {4, 5, 6}
    shutil.copytree(tmp_path / "e", tmp_path / "out" / description.OWN)
    data = panel.build(tmp_path / "out", Parameters()).form("GR")
    assert checks.missing.last_grade(data, "GR") == 6
    left = [
        entry["rows_dropped"] for entry in quality["files"] if entry["file"].startswith("elever")
    ]
    assert not any("grade_outside_evaluation" in d for d in left)
    quality = ingest(
        raw,
        tmp_path / "usual",
        key=b"a key of a test",
        described=described(tmp_path / "e", instruments={}),
    )
    left = [
        entry["rows_dropped"] for entry in quality["files"] if entry["file"].startswith("elever")
    ]
    registered = pd.concat(
        pd.read_csv(path, sep=";", dtype=str) for path in raw.glob("elever*.csv")
    )
    outside = registered["skolenhetskod"].isin(lower).sum()
    assert sum(d.get("grade_outside_evaluation", 0) for d in left) == outside > 0


def test_grades_that_fall_are_refused(tmp_path):
    with pytest.raises(ParameterError, match="must not come after the last"):
        described(tmp_path, grades={"GR": [6, 4]})


def test_a_third_school_form_is_evaluated_where_the_evaluation_says_so(raw, processed, tmp_path):
    raw = shutil.copytree(raw, tmp_path / "raw")
    register = pd.read_csv(raw / "exponering.csv", sep=";", dtype=str)
    schools = pd.read_csv(raw / "skolor.csv", sep=";", dtype=str)
    lower = schools.loc[schools["skolform"] == "GR", "skola"].unique()
    ever = set(register.loc[register["status"] == "pilot", "skola"])
    moved = [n for n in lower if n in ever][:2] + [n for n in lower if n not in ever][:3]
    schools.loc[schools["skola"].isin(moved), "skolform"] = "ANPGR"
    schools.to_csv(raw / "skolor.csv", sep=";", index=False)
    weeks = pd.read_csv(raw / "kalender.csv", sep=";", dtype=str)
    more = weeks[weeks["skolform"] == "GR"].assign(skolform="ANPGR")
    pd.concat([weeks, more]).to_csv(raw / "kalender.csv", sep=";", index=False)
    name = {"ANPGR": {"sv": "anpassade grundskolan", "en": "adapted compulsory school"}}

    out = tmp_path / "out"
    out.mkdir()
    own = described(out / description.OWN, grades={"ANPGR": [7, 9]}, form_names=name)
    ingest(raw, out, key=b"a key of a test", described=own)
    built = panel.build(out, Parameters())
    assert built.school_forms == ["GR", "GY", "ANPGR"]
    third = built.form("ANPGR")
    assert set(third["school"]) == set(moved)
    # Its rows are those that the school had as another form: the same pupils, minutes and grades.
    as_lower = panel.build(processed, Parameters()).form("GR")
    same = as_lower[as_lower["school"].isin(moved)]
    assert len(third) == len(same)
    assert third["absence_share"].mean() == pytest.approx(same["absence_share"].mean(), abs=1e-12)
    answers = evaluation.headline(evaluation.evaluate_claim(built, "C1", Parameters()))
    row = answers[(answers["school_form"] == "ANPGR") & (answers["outcome"] == "absence_share")]
    assert np.isfinite(row["estimate"]).all() and len(row) == 1
    words = words_for("sv", Parameters(), own)
    assert "anpassade grundskolan" in sentence(row.iloc[0].to_dict(), words)


def test_a_school_form_needs_a_name(tmp_path):
    with pytest.raises(ParameterError, match="form_names: say what ANPGR is called"):
        described(tmp_path, grades={"ANPGR": [1, 9]})
    with pytest.raises(ParameterError, match="XX"):
        described(tmp_path, grades={"XX": [1, 9]})
