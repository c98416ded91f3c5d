"""Other pilots than the default: described in a folder, with words and a plan of their own."""

import dataclasses
import datetime
import re
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from conftest import FEW_DRAWS, ROOT

from pilot_analysis import description, estimates, evaluation, figures, panel, plan, starting, terms
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.cli import main
from pilot_analysis.cli.common import parameters_of
from pilot_analysis.errors import ParameterError, PilotError
from pilot_analysis.evaluation import public_figures, published_files
from pilot_analysis.ingest import ingest
from pilot_analysis.panel import answerable
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import board
from pilot_analysis.report import public as public_report
from pilot_analysis.runs import configure, manifest, pages
from pilot_analysis.synthetic.export import simulate
from pilot_analysis.synthetic.scenario import of_evaluation
from pilot_analysis.words import LANGUAGES, form_name, show_whose

EXAMPLE = ROOT / "examples" / "two_of_nine"
COMMITTED = ROOT / "reports" / "synthetic"
# What only the default pilot's report may say.
ITS_OWN = re.compile(r"link(ö|o)ping|pandemi|pressmeddel|press release|skollag", re.IGNORECASE)


@pytest.fixture(scope="session")
def example_raw(once):
    small = dataclasses.replace(of_evaluation(EXAMPLE), gr_size=24)
    return once("example_raw", lambda folder: simulate(small, folder))


@pytest.fixture(scope="session")
def example_processed(once, example_raw):
    return once("example_processed", lambda folder: ingest(example_raw, folder))


@pytest.fixture
def example_report():
    """Return the committed run's material, told as the example's own."""
    table = estimates.read(COMMITTED / "estimates.parquet")
    table = table[table["school_form"] != "GY"]
    table = table[~table["specification"].str.contains("2020") & (table["term"] != "VT2020")]
    found = manifest.read_manifest(COMMITTED) | {
        "evaluation": description.load(EXAMPLE).model_dump(mode="json"),
        "plan": plan.load(EXAMPLE / "plan.yml").model_dump(mode="json"),
    }
    found["parameters"] = parameters_of(EXAMPLE, None).model_dump()
    quality = manifest.read_quality(COMMITTED)
    return pages.material(table, quality, COMMITTED / "figures", found)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_has_its_own_evaluations_words_alone(example_report, language):
    page = board.html_page(board.compose(example_report, language))
    text = re.sub(r"<[^>]*>|data:image[^\"]*", " ", page)
    assert description.load(EXAMPLE).title.within(language) in text
    assert description.load(EXAMPLE).interests.within(language) in text
    assert not ITS_OWN.findall(text)
    default = dataclasses.replace(example_report, description=description.load())
    assert ITS_OWN.search(board.html_page(board.compose(default, language)))


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_synthetic_figures_name_the_evaluations_municipality(example_processed, language):
    exposure = panel.exposure_map(example_processed)
    try:
        show_whose(description.load(EXAMPLE))
        drawn = figures.exposure_timeline(exposure, synthetic=True, language=language)
    finally:
        show_whose(description.load())
    assert "Ekvik" in drawn.get_label()
    assert not ITS_OWN.search(drawn.get_label())


def test_no_code_names_the_municipality():
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix in (".py", ".ftl", ".js", ".csv", ".yml"):
            assert "Linköping" not in path.read_text(encoding="utf-8"), path


@pytest.mark.slow
def test_the_example_answers_what_its_exports_hold(example_processed):
    values = parameters_of(EXAMPLE, None, ("bootstrap_draws=99", "max_placements=99"))
    found = {a.claim: a.lacks for a in answerable.answerable(example_processed, values)}
    assert {claim for claim, lacks in found.items() if lacks} == {"C5", "C6"}
    built = panel.build(example_processed, values)
    assert built.school_forms == ["GR"]
    table = evaluation.evaluate_claim(built, "C1", values)
    row = evaluation.headline(table).query("outcome == 'absence_share'").iloc[0]
    assert (row["n_treated_schools"], row["n_schools"]) == (2, 9)
    assert row["p_value_min"] == pytest.approx(1 / 36)
    assert "without_exceptional_terms" not in set(table["specification"])


def test_a_run_keeps_to_its_evaluation(tmp_path, monkeypatch):
    folder = tmp_path / "theirs"
    folder.mkdir()
    for name in ("evaluation.yml", "plan.yml", "synthetic.yml"):
        (folder / name).write_bytes((EXAMPLE / name).read_bytes())
    monkeypatch.setattr(configure, "REPORTS", tmp_path / "reports")
    values = parameters_of(folder, None)
    assert (values.first_term, values.last_term) == ("HT2021", "VT2025")
    made = configure.configure(configure.Wish(values, evaluation=folder))
    assert made["simulate"]
    assert made["figures"] is None
    assert made["raw"] == str(folder / "raw")
    assert made["out"] == str(tmp_path / "reports" / "theirs")
    quality = {"synthetic": True, "notice": "", "files": []}
    told = manifest.provenance(quality, values, folder)
    assert told["evaluation"]["municipality"]["sv"] == "Ekvik"
    assert not told["exploratory"]
    assert told["plan_sha256"] != plan.digest()
    (folder / "synthetic.yml").unlink()
    with pytest.raises(PilotError, match="holds no exports"):
        configure.configure(configure.Wish(values, evaluation=folder))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("municipality: 3", "municipality"),
        ("- a list", "valid dictionary"),
        ("a: b: c", "not a plain YAML file"),
        ("wrong_name: 1", "wrong_name"),
    ],
)
def test_a_description_that_cannot_be_used_is_told_whole(tmp_path, text, said):
    (tmp_path / "evaluation.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=said):
        description.load(tmp_path)


@pytest.mark.slow
def test_a_new_pilot_begins_with_a_folder_to_fill_in(tmp_path, example_raw):
    folder = tmp_path / "ours"
    starting.write(folder, starting.NewPilot("HT2021", "VT2025", example_raw / "skolor.csv"))
    register = pd.read_csv(folder / "raw" / "exponering.csv", sep=";")
    assert len(register) == 9 * 8
    assert set(register["status"]) == {"ingen"}
    assert {p.name for p in (folder / "templates").iterdir()} >= {"elever.csv", "betyg.csv"}
    with pytest.raises(ParameterError, match=r"municipality\.sv: is empty; fill it in"):
        description.load(folder)
    with pytest.raises(ParameterError, match="frozen"):
        plan.load(folder / "plan.yml")
    planned = starting.read_open_plan(folder).parameters
    assert (planned["last_term"], planned["questionnaire_changes"]) == ("VT2025", [])
    assert planned["exceptional_terms"] == [], "no other pilot met Linköping's terms"
    assert "pandemic" not in (folder / "plan.yml").read_text("utf-8")
    starting.freeze(folder, datetime.date(2021, 5, 3))
    assert plan.load(folder / "plan.yml").frozen == datetime.date(2021, 5, 3)
    with pytest.raises(ParameterError, match="was frozen on 2021-05-03"):
        starting.freeze(folder, datetime.date(2021, 6, 1))
    with pytest.raises(ParameterError, match="is not empty"):
        starting.write(folder, starting.NewPilot("HT2021", "VT2025"))


def test_the_template_asks_for_what_a_description_holds():
    asked = set(yaml.safe_load((starting.TEMPLATE / "evaluation.yml").read_text("utf-8")))
    assert asked == set(description.Description.model_fields)


@pytest.mark.slow
def test_what_a_design_can_find_is_said_without_outcomes(example_processed):
    values = Parameters.model_validate(plan.load(EXAMPLE / "plan.yml").parameters)
    (row,) = starting.design(example_processed, values).to_dict("records")
    assert (row["treated"], row["schools"]) == (2, 9)
    assert (row["terms_before"], row["terms_after"]) == (4, 4)
    assert row["smallest_p"] == pytest.approx(1 / 36)
    assert row["detectable"] > 0


@pytest.mark.slow
def test_a_planned_design_counts_starts_as_the_run_will(example_processed, tmp_path):
    folder = tmp_path / "processed"
    shutil.copytree(example_processed, folder)
    values = Parameters.model_validate(plan.load(EXAMPLE / "plan.yml").parameters)
    (usual,) = starting.design(folder, values).to_dict("records")
    assert (usual["left_out"], len(usual["starts"])) == (0, 1)
    register = pd.read_parquet(folder / "exposure.parquet")
    own = sorted(register.loc[register["status"] == "pilot", "school"].unique())
    others = sorted(set(register["school"]) - set(own))

    def starting_in(school, term):
        late = register["school"].eq(school) & (
            register["term"].map(terms.number) >= terms.number(term)
        )
        register.loc[register["school"].eq(school), "status"] = "none"
        register.loc[late, "status"] = "pilot"

    starting_in(own[0], "HT2022")
    starting_in(others[0], values.first_term)
    starting_in(others[1], values.last_term)
    register.to_parquet(folder / "exposure.parquet")
    (row,) = starting.design(folder, values).to_dict("records")
    assert (row["treated"], row["schools"], row["left_out"]) == (3, 8, 1)
    assert sum(row["starts"].values()) == 3 and len(row["starts"]) == 3
    assert row["smallest_p"] == pytest.approx(1 / (8 * 7 * 6))
    assert row["detectable"] > 0


def skolverket(folder, figures_of):
    """Write Skolverket's export of a school year per file, as it is published."""
    units = pd.read_csv(folder / "skolor.csv", sep=";", dtype=str)
    for year in (2021, 2022, 2023, 2024):
        lines = [
            f"Valt läsår: {year}/{(year + 1) % 100:02d}",
            "",
            ";".join(
                [
                    "Skol-enhetskod",
                    "Antal elever",
                    "Genomsnittligt meritvärde (17)",
                    "Andel (%) uppnått kunskapskraven i alla ämnen",
                    "Andel (%) behörig yrkesprog.",
                ]
            ),
        ]
        for i, row in enumerate(units.to_dict("records")):
            lines.append(";".join([row["skolenhetskod"], *figures_of(i, row["skola"], year)]))
        (folder / f"slutbetyg_{year}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.slow
def test_public_figures_alone_find_a_known_difference(example_raw, tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in ("skolor.csv", "exponering.csv"):
        shutil.copyfile(example_raw / name, raw / name)
    register = pd.read_csv(raw / "exponering.csv", sep=";")
    pilot = set(register.loc[register["status"] == "pilot", "skola"])
    rng = np.random.default_rng(7)

    def figures_of(i, school, year):
        gained = 6.0 * (school in pilot and year >= 2023)
        merit = f"{210 + 3 * i + gained + rng.normal(0, 0.5):.1f}".replace(".", ",")
        return [
            "~100" if i == 3 else "1 839" if i == 4 else "80",
            merit,
            ".." if i == 5 else f"{70 + i},0",
            ".",
        ]

    skolverket(raw, figures_of)
    ingest(raw, tmp_path / "processed", key=b"x" * 32)
    values = parameters_of(EXAMPLE, None)
    table = public_figures.evaluate_public_figures(tmp_path / "processed", values)
    rows = table.set_index("outcome")
    assert rows.loc["merit", "estimate"] == pytest.approx(6, abs=1)
    assert (rows.loc["merit", "n_treated_schools"], rows.loc["merit", "n_schools"]) == (2, 9)
    assert rows.loc["goals_all", "n_schools"] == 8
    assert rows.loc["eligible_vocational", "reason"] == "no_values"
    assert {a.lacks for a in answerable.answerable(tmp_path / "processed", values)} == {("pupils",)}
    made = public_report.write(table, description.load(EXAMPLE), values, tmp_path / "report")
    assert len(made) == 2 * len(LANGUAGES)
    for language in LANGUAGES:
        page = (tmp_path / "report" / f"public_{language}.html").read_text("utf-8")
        assert description.load(EXAMPLE).title.within(language) in page
        assert "2 / 9" in page and "2 / 8" in page
        assert words_for(language, values)("reason_no_values") in page
        assert not ITS_OWN.findall(re.sub(r"<[^>]*>", " ", page))


@pytest.mark.parametrize(("language", "words"), [("sv", "hösten 2023"), ("en", "autumn 2023")])
def test_exceptional_terms_are_named_by_the_run_s_parameters(language, words):
    values = parameters_of(EXAMPLE, None, ("exceptional_terms=[HT2023]",))
    named = words_for(language, values, description.load(EXAMPLE))(
        "variant_without_exceptional_terms"
    )
    assert named.endswith(words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_about_exceptional_terms_breaks_off_where_there_are_none(language):
    words = words_for(language, Parameters(exceptional_terms=[]))
    for name in ("variant_without_exceptional_terms", "warning_without_exceptional_terms_moves_it"):
        said = words(name)
        assert said == said.strip() and "(" in said


@pytest.mark.long
def test_the_example_runs_whole_in_its_own_words(tmp_path):
    """Lower secondary only, two schools of nine, no questionnaires: to report and site."""
    folder = tmp_path / "ekvik"
    shutil.copytree(EXAMPLE, folder)
    scenario = (folder / "synthetic.yml").read_text("utf-8")
    small = scenario.replace("gr_size: 300", "gr_size: 40")
    assert small != scenario
    (folder / "synthetic.yml").write_text(small, "utf-8")
    out = tmp_path / "reports" / "ekvik"
    wanted = ["run", "--evaluation", str(folder), "--out", str(out), *FEW_DRAWS]
    done = CliRunner().invoke(main, wanted, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    for language in LANGUAGES:
        page = (out / f"report_{language}.html").read_text("utf-8")
        assert (out / f"report_{language}.pdf").stat().st_size > 10_000
        assert description.load(folder).title.within(language) in page
        for question in ("C5", "C6"):  # nobody was asked
            words = words_for(language, Parameters(), description.load(folder))
            assert words(f"question_{question}") in page
    pages_made = [*out.glob("*.html"), *(out / "site").rglob("*.html"), *out.rglob("*.txt")]
    assert len(pages_made) > 10
    for path in pages_made:
        text = re.sub(
            r"<(script|style).*?</\1>|<[^>]*>|data:image[^\"]*",
            " ",
            path.read_text("utf-8"),
            flags=re.DOTALL,
        )
        if path.name.startswith("three_reports"):
            continue  # the default pilot is one of the three
        # Notebooks speak of method, and may name a pandemic as an example.
        named = re.compile("linköping", re.IGNORECASE) if "notebooks" in path.parts else ITS_OWN
        assert not named.search(text), path
    assert CliRunner().invoke(main, ["check-outputs", str(out)]).exit_code == 0


@pytest.mark.slow
def test_public_figures_are_those_of_the_pupils_and_are_synthetic(tiny_raw, tmp_path, monkeypatch):
    monkeypatch.setattr(published_files, "_FEWEST", 5)
    (tmp_path / "between").mkdir()
    made = published_files.write_public_figures(tiny_raw, tmp_path / "between", tmp_path / "public")
    told = made[-1].read_text("utf-8").splitlines()
    assert told[0] == "Valt läsår: 2019/20"
    pupils = pd.read_parquet(tmp_path / "between" / "pupil_terms.parquet")
    pupils = pupils[(pupils["grade"] == 9) & (pupils["term"] == "VT2020")]
    units = pd.read_parquet(tmp_path / "between" / "schools.parquet").set_index("unit")["school"]
    for line in told[3:]:
        unit, count, merit, *_ = line.split(";")
        own = pupils[pupils["school"] == units[unit]]
        assert int(count) == len(own)
        known = own["merit"].dropna()
        expected = ".." if len(known) < 5 else f"{known.mean():.1f}".replace(".", ",")
        assert merit == expected
    assert len(told) - 3 == pupils["school"].nunique()
    assert ingest(tmp_path / "public", tmp_path / "processed")["synthetic"]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "plan"])
def test_commands_call_school_forms_as_the_evaluation_does(command, example_raw, tmp_path):
    folder = tmp_path / "theirs"
    shutil.copytree(EXAMPLE, folder)
    values = yaml.safe_load((folder / description.FILE).read_text("utf-8"))
    values["form_names"] = {"GR": {"sv": "mellanstadiet", "en": "grades 4 to 6"}}
    (folder / description.FILE).write_text(yaml.safe_dump(values, allow_unicode=True), "utf-8")
    asked = {
        "check": [example_raw, "--evaluation", folder, "--language", "en"],
        "plan": [folder, "--raw", example_raw],
    }
    told = CliRunner().invoke(main, [command, *map(str, asked[command])], catch_exceptions=False)
    assert "grades 4 to 6" in told.output


@pytest.mark.slow
@pytest.mark.parametrize(("language", "named"), [("sv", "mellanstadiet"), ("en", "grades 4 to 6")])
def test_school_forms_are_called_as_the_evaluation_calls_them(
    language, named, example_report, example_processed
):
    text = description.Text(sv="mellanstadiet", en="grades 4 to 6")
    own = description.load(EXAMPLE).model_copy(update={"form_names": {"GR": text}})
    report = dataclasses.replace(example_report, description=own)
    page = re.sub(
        r"<[^>]*>|data:image[^\"]*", " ", board.html_page(board.compose(report, language))
    )
    assert named in page.lower()
    usual = words_for(language, Parameters()).form("GR")
    place = {"sv": "på ", "en": "in "}[
        language
    ]  # as findings are told; titles are the evaluation's
    assert place + named in page
    assert place + usual not in page
    try:
        show_whose(own)
        drawn = figures.exposure_timeline(
            panel.exposure_map(example_processed), synthetic=True, language=language
        )
        assert form_name("GR", language) == named
    finally:
        show_whose(description.load())
    assert usual not in drawn.get_label().lower()
