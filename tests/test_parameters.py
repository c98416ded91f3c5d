"""Parameters: one schema, refused before anything runs, held equal to every notebook."""

import ast
import re

import nbformat
import pandas as pd
import pytest
import yaml
from conftest import ROOT

from pilot_analysis import estimates, panel, parameters, plan, registry
from pilot_analysis.errors import ParameterError
from pilot_analysis.evaluation import cost
from pilot_analysis.evaluation.claims import evaluate_claim, headline
from pilot_analysis.evaluation.questionnaires import evaluate_questionnaires
from pilot_analysis.evaluation.targeting import evaluate_targeting

QUICK = parameters.Parameters(bootstrap_draws=99, max_placements=200)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def parameter_cell(path):
    notebook = nbformat.read(path, as_version=4)
    cells = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(cells) == 1, f"{path.name} needs one cell tagged `parameters`"
    return {
        node.target.id: (ast.unparse(node.annotation), ast.literal_eval(node.value))
        for node in ast.parse(cells[0].source).body
    }


def test_every_notebook_is_known_to_the_schema():
    assert [p.stem for p in NOTEBOOKS] == sorted(registry.notebooks())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_cells_hold_the_schema_s_names_types_and_defaults(path):
    found = parameter_cell(path)
    defaults = parameters.Parameters()
    paths = {"processed_dir", "results_dir"}
    assert [n for n in found if n not in paths] == list(registry.notebooks()[path.stem].parameters)
    for name in registry.notebooks()[path.stem].parameters:
        annotation, value = found[name]
        assert value == getattr(defaults, name), name
        assert annotation == ("list[str]" if isinstance(value, list) else type(value).__name__)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_hold_calls_and_no_code(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        assert not cell.outputs
        kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
        forbidden = {ast.FunctionDef, ast.For, ast.While, ast.Assert, ast.If, ast.Lambda}
        assert not kinds & forbidden, f"{path.name}: {cell.source}"
        if "parameters" not in cell.metadata.get("tags", []):
            assert len(cell.source.splitlines()) <= 7


def test_default_scenario_is_what_the_plan_plans():
    planned = parameters.Parameters.model_validate(plan.load().parameters)
    assert parameters.load(ROOT / "params" / "default.yml") == planned


def test_no_pilot_inherits_the_terms_in_which_another_s_questionnaires_changed():
    assert parameters.Parameters().questionnaire_changes == []
    assert plan.load().parameters["questionnaire_changes"] == ["VT2022"]


SCENARIOS = sorted(
    p for p in (ROOT / "params").glob("*.yml") if p.name not in ("plan.yml", "evaluation.yml")
)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_every_shipped_scenario_is_valid(path):
    parameters.load(path, default=ROOT / "params" / "default.yml")


def test_scenarios_state_only_differences(tmp_path):
    scenario = tmp_path / "s.yml"
    scenario.write_text("include_remote_weeks: false\n")
    loaded = parameters.load(scenario, ("ci_level=0.9",), ROOT / "params" / "default.yml")
    assert (loaded.include_remote_weeks, loaded.ci_level) == (False, 0.9)
    assert loaded.first_term == "HT2017"


BAD = {
    "include_remote_week: false": "did you mean 'include_remote_weeks'",
    "ci_level: 1.5": "ci_level: Input should be less than 1",
    "ci_level: high": "ci_level: Input should be a valid number",
    "bootstrap_draws: 1": "greater than or equal to 99",
    "include_remote_weeks: 'no'": "valid boolean",
    "first_term: 2019": "first_term",
    "first_term: HT2021": "first_term must come before last_term",
    "absence_coding: guess": "'present', 'dropped' or 'absent'",
    "- a list": "a scenario is a list of 'name: value' lines",
    "seed: !!python/object/apply:os.system ['touch pwned']": "not a plain YAML file",
    "'x=1\\nimport os; os.system(\"touch pwned\")#': 1": "unknown parameter",
    "seed: [": "not a plain YAML file",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_scenarios_are_refused_and_nothing_runs(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scenario = tmp_path / "s.yml"
    scenario.write_text(text + "\n")
    with pytest.raises(ParameterError) as caught:
        parameters.load(scenario, default=ROOT / "params" / "default.yml")
    assert BAD[text] in str(caught.value)
    assert not (tmp_path / "pwned").exists()


def test_all_problems_of_a_scenario_are_told_at_once(tmp_path):
    scenario = tmp_path / "s.yml"
    scenario.write_text("ci_level: 2\nsed: 1\nbootstrap_draws: x\n")
    with pytest.raises(ParameterError) as caught:
        parameters.load(scenario)
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("override", ["ci_level", "x=1", "seed=!!python/name:os.system"])
def test_bad_overrides_are_refused(override):
    with pytest.raises(ParameterError):
        parameters.load(overrides=(override,))


def test_every_parameter_has_a_meaning():
    for name, field in parameters.Parameters.model_fields.items():
        assert field.description, name
    assert yaml.safe_load((ROOT / "params" / "default.yml").read_text())


# --- Sweeps ----------------------------------------------------------------------------------


def test_a_sweep_is_every_combination_with_the_rest_as_set(tmp_path):
    path = tmp_path / "s.yml"
    path.write_text(
        "set: {include_remote_weeks: false}\n"
        "grid:\n  first_term: [HT2017, HT2018]\n  ci_level: [0.9, 0.95]\n"
    )
    found = parameters.load_sweep(path, ROOT / "params" / "default.yml")
    assert [(p.first_term, p.ci_level) for _, p in found] == [
        ("HT2017", 0.9),
        ("HT2017", 0.95),
        ("HT2018", 0.9),
        ("HT2018", 0.95),
    ]
    assert not any(p.include_remote_weeks for _, p in found)
    names = [name for name, _ in found]
    assert len(set(names)) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("grid: {ci_levl: [0.9]}", "did you mean 'ci_level'"),
        ("grid: {ci_level: [0.9, 1.5]}", "ci_level-1.5"),
        ("grid: {ci_level: 0.9}", "needs a list"),
        ("grid: {}\nother: 1", "a sweep has 'grid'"),
        ("grid: {first_term: [HT2020], last_term: [HT2020]}", "must come before"),
        ("grid: {seed: [" + ", ".join(map(str, range(501))) + "]}", "501 runs are more than 500"),
        ("grid: {first_term: ['../../x']}", "first_term"),
    ],
)
def test_a_wrong_sweep_is_refused_before_anything_runs(text, words, tmp_path):
    path = tmp_path / "s.yml"
    path.write_text(text)
    with pytest.raises(ParameterError) as error:
        parameters.load_sweep(path)
    assert words in str(error.value)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "params" / "sweeps").glob("*.yml")), ids=lambda p: p.stem
)
def test_every_shipped_sweep_is_valid(path):
    assert len(parameters.load_sweep(path, ROOT / "params" / "default.yml")) >= 2


def primary_rows(folder, chosen):
    """Return the answers to every claim under some parameters."""
    built = panel.build(folder, chosen)
    rows = [evaluate_claim(built, claim, chosen) for claim in ("C1", "C2")]
    rows.append(evaluate_targeting(built, folder, chosen))
    sheets = panel.questionnaires.every_role(folder, chosen)
    rows.append(evaluate_questionnaires(sheets, chosen))
    answers = headline(estimates.combine(rows))
    return estimates.combine([answers, cost.evaluate_cost(built, folder, answers)])


@pytest.fixture(scope="module")
def usual_rows(tiny_processed):
    return primary_rows(tiny_processed, QUICK)


@pytest.mark.long
@pytest.mark.parametrize(
    "changes",
    [
        {"absence_coding": "present"},
        {"eligibility_absence": 0.2, "eligibility_goals": 0.5, "eligibility_lag": 3},
        {
            "questionnaire_changes": ["HT2019"],
            "survey_min_answers": 30,
            "survey_min_response": 0.7,
        },
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_parameter_moves_no_claim_that_its_description_does_not_name(
    changes, usual_rows, tiny_processed
):
    moved = primary_rows(tiny_processed, QUICK.model_copy(update=changes))
    told = ["outcome", "school_form", "population", "specification", "estimand"]
    told += ["estimate", "ci_low", "ci_high", "p_value", "n_obs"]
    fields = parameters.Parameters.model_fields
    for name in changes:
        named = set(re.findall(r"C\d", fields[name].description.split("Moves")[1]))
        for claim in {f"C{i}" for i in range(1, 8)} - named:
            one, other = (
                rows.loc[rows["claim"] == claim, told].reset_index(drop=True)
                for rows in (usual_rows, moved)
            )
            pd.testing.assert_frame_equal(one, other)
