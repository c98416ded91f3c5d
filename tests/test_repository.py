"""The repository itself: versions held equal, imports one way, documents that tell the truth."""

import ast
import json
import re
import subprocess
import tomllib

import nbformat
import numpy as np
import pytest
import yaml
from conftest import ROOT

from pilot_analysis import estimates, estimators, inference, plan
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.cli import main
from pilot_analysis.cli.reference import command_reference
from pilot_analysis.evaluation import claims, evidence
from pilot_analysis.inference import studies
from pilot_analysis.ingest import data_dictionary
from pilot_analysis.parameters import Parameters
from pilot_analysis.report.sentences import sentence
from pilot_analysis.synthetic.scenario import NUISANCES

SOURCE = ROOT / "src" / "pilot_analysis"
# conda-forge names some packages otherwise.
CONDA_NAMES = {
    "python-fastjsonschema": "fastjsonschema",
    "matplotlib-base": "matplotlib",
    "python-duckdb": "duckdb",
}


def tracked():
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def locked(name="requirements.lock"):
    text = (ROOT / name).read_text()
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


def test_conda_environment_has_the_locked_versions_of_every_dependency():
    found = {}
    for entry in yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]:
        for text in entry["pip"] if isinstance(entry, dict) else [entry]:
            name, _, version = text.replace("==", "=").partition("=")
            if not name.startswith("python>") and name != "pip":
                found[CONDA_NAMES.get(name, name)] = version
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert set(found) == set(wanted)
    assert found == {name: locked()[name] for name in wanted}


def test_a_run_needs_no_package_of_the_tests_and_both_locks_agree():
    run, tests = locked(), locked("requirements-dev.lock")
    assert run.items() <= tests.items()
    assert not {"pyfixest", "llvmlite", "playwright", "mypy", "pytest", "nbdime"} & set(run)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_has_hashes_and_no_registry_address(name):
    text = (ROOT / name).read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])
    assert "://" not in text


LAYERS = [
    "errors",
    "examples",
    "imports",
    "forked",
    "personal",
    "files",
    "forms",
    "terms",
    "description",
    "catalogue",
    "registry",
    "parameters",
    "words",
    "plan",
    "grading",
    "synthetic",
    "ingest",
    "panel",
    "inference",
    "estimators",
    "evaluation",
    "starting",
    "disclosure",
    "figures",
    "report",
    "workbench",
    "runs",
    "cli",
]


def layer(path):
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: p.stem)
def test_modules_import_only_from_layers_above(path):
    own = layer(path)
    if own in ("__init__", "estimates", "guard"):
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pilot_analysis"):
            rest = node.module.split(".")[1:]
            names = [rest[0]] if rest else [a.name for a in node.names]
        for name in names:
            if name not in ("estimates", own):
                assert LAYERS.index(name) < LAYERS.index(own), f"{own} imports {name}"


def test_figures_compute_nothing_and_models_draw_nothing():
    for room in ("inference", "estimators", "evaluation"):
        for path in (SOURCE / room).rglob("*.py"):
            assert "matplotlib" not in path.read_text("utf-8"), path.name
    for path in (SOURCE / "figures").glob("*.py"):
        for room in ("inference", "estimators", "evaluation"):
            assert f"pilot_analysis.{room}" not in path.read_text("utf-8"), path.name


def documented():
    """Yield (module, node, private helpers by name) of every public definition of the methods."""
    for room in ("inference", "estimators"):
        for path in sorted((SOURCE / room).glob("*.py")):
            defined = [
                node
                for node in ast.parse(path.read_text("utf-8")).body
                if isinstance(node, ast.FunctionDef | ast.ClassDef)
            ]
            helpers = {node.name: node for node in defined if node.name.startswith("_")}
            for node in defined:
                if node.name not in helpers:
                    yield f"{room}/{path.stem}", node, helpers


def raised_in(node, helpers, seen=()):
    """Return what a definition raises, itself or by its module's private helpers."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Raise) and isinstance(part.exc, ast.Call):
            found.add((part.exc.func.id, *[a.value for a in part.exc.args[:1] if is_code(a)]))
        if isinstance(part, ast.Name) and part.id in set(helpers) - set(seen):
            found |= raised_in(helpers[part.id], helpers, (*seen, part.id))
    # An assertion says what cannot be.
    return found - {("AssertionError",)}


def is_code(argument):
    """Say whether an exception's first argument is the code of a reason."""
    return isinstance(argument, ast.Constant) and re.fullmatch("[a-z_]+", argument.value)


def section(text, name):
    """Return a section of a docstring."""
    return (re.search(rf"^{name}:\n((?:    .*\n?|\n)*)", text, re.MULTILINE) or ["", ""])[1]


def test_methods_document_what_they_raise_and_show_an_example():
    lacking = []
    for module, node, helpers in documented():
        text = ast.get_docstring(node) or ""
        if ">>>" not in section(text, "Examples"):
            lacking.append(f"{module}.{node.name}: no example")
        raises = section(text, "Raises")
        for error, *code in raised_in(node, helpers):
            if f"{error}:" not in raises or not all(f"`{c}`" in raises for c in code):
                lacking.append(f"{module}.{node.name}: {' '.join([error, *code])} is not in Raises")
        if re.search("Raises `", text):
            lacking.append(f"{module}.{node.name}: what is raised has a section of its own")
    assert lacking == []


def test_every_public_method_has_a_section_on_what_it_raises():
    public = {*inference.__all__, *estimators.__all__}
    named = {n.name: section(ast.get_docstring(n), "Raises") for _, n, _ in documented()}
    assert [name for name in sorted(public) if not named[name]] == []


def test_no_pickle_and_no_unsafe_yaml_on_data_paths():
    for path in SOURCE.rglob("*.py"):
        text = path.read_text("utf-8")
        for word in ("pickle", "yaml.load(", "allow_pickle", "joblib"):
            assert word not in text, f"{path.name}: {word}"


def sorts(tree):
    """Return the calls that sort by one key, whose ties a processor may order as it likes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            first = node.args[0] if node.args else None
            by_one = node.func.attr == "sort_values" and isinstance(first, ast.Constant)
            if by_one or node.func.attr in ("argsort", "argpartition"):
                yield node


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: p.stem)
def test_rows_that_tie_keep_their_order_on_every_processor(path):
    for call in sorts(ast.parse(path.read_text("utf-8"))):
        kinds = [k.value.value for k in call.keywords if k.arg == "kind"]
        assert kinds == ["stable"], f"{path.name}, line {call.lineno}: kind='stable'"


def test_documents_derived_from_code_are_up_to_date():
    assert data_dictionary() in (ROOT / "data" / "README.md").read_text("utf-8")
    assert command_reference(main) in (ROOT / "docs" / "commands.md").read_text("utf-8")
    text = (ROOT / "docs" / "calibration.md").read_text("utf-8")
    for name in NUISANCES:
        assert f"`{name}`" in text, name


def test_readme_answers_are_the_committed_estimates():
    text = (ROOT / "README.md").read_text("utf-8")
    block = re.search(r"<!-- answers -->\n(.*?)<!-- /answers -->", text, re.DOTALL)[1]
    everything = estimates.read(ROOT / "reports" / "synthetic" / "estimates.parquet")
    words = words_for("en", Parameters())
    graded = evidence.grades(everything, plan.load(), exploratory=False)
    # What several questions leave open is said with the answer, and that a question is secondary.
    beside = np.where(
        graded["primary"],
        np.where(graded["adjusted_p"] > 0.05, words("sentence_several"), ""),
        words("sentence_secondary"),
    )
    sentences = [
        sentence(row, words)
        if row["ci_low"] <= 0 <= row["ci_high"]
        else f"{sentence(row, words)} {said}".strip()
        for row, said in zip(claims.headline(everything).to_dict("records"), beside, strict=True)
    ]
    lines = [line.removeprefix("- ") for line in block.strip().splitlines()]
    assert lines
    assert all(line in sentences for line in lines)


def test_every_link_and_figure_in_the_documents_exists():
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_notebooks_are_committed_without_outputs_and_reports_with_all_of_them():
    sources = {p.stem for p in (ROOT / "notebooks").glob("*.ipynb")}
    executed = ROOT / "reports" / "synthetic" / "notebooks"
    assert {p.stem for p in executed.glob("*.ipynb")} == sources
    for name in sources:
        ours = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        run = nbformat.read(executed / f"{name}.ipynb", as_version=4)
        prose = [c.source for c in ours.cells if c.cell_type == "markdown"]
        assert prose == [c.source for c in run.cells if c.cell_type == "markdown"], name
        assert all(not c.outputs for c in ours.cells if c.cell_type == "code")


def test_the_committed_summary_and_manifest_agree_on_whether_the_run_follows_the_plan():
    folder = ROOT / "reports" / "synthetic"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    summary = (folder / "notebooks" / "08_summary.ipynb").read_text("utf-8")
    assert ("departs from the plan" in summary) == manifest["exploratory"]
    assert ("This run follows it." in summary) != manifest["exploratory"]


def test_nothing_sensitive_large_or_local_is_committed():
    for path in tracked():
        if not path.exists():
            continue
        relative = path.relative_to(ROOT)
        assert path.stat().st_size < 2 * 2**20, relative
        assert relative.parts[:2] not in (("data", "raw"), ("data", "processed")) or (
            path.name == ".gitkeep"
        )
        assert path.suffix != ".key"
        if path.suffix == ".parquet":
            assert relative.parts[:2] == ("reports", "synthetic")
        if path.suffix in (".py", ".md", ".toml", ".yml", ".ipynb", ".html", ".json", ".lock"):
            text = path.read_text("utf-8")
            for word in (str(ROOT) + "/", "/" + "root/", "index" + "-url https"):
                assert word not in text, f"{relative}: {word}"


def test_committed_run_is_under_twelve_megabytes_and_says_it_is_synthetic():
    folder = ROOT / "reports" / "synthetic"
    files = [p for p in tracked() if p.is_relative_to(folder)]
    assert sum(p.stat().st_size for p in files) < 12 * 2**20
    for path in files:
        if path.suffix in (".html", ".ipynb"):
            assert "ynthetic data" in path.read_text("utf-8") or "yntetiska data" in path.read_text(
                "utf-8"
            ), path.name


def test_size_study_has_two_thousand_panels_a_cell_and_its_error():
    table = studies.read()
    assert (table["panels"] >= 2000).all()
    assert set(table["design"]) == {
        "4 of 11",
        "2 of 5",
        "3 of 7",
        "4 of 20",
        "6 of 26",
        "1 of 9",
        "2 of 9",
    }
    rate = table["rejection_rate"]
    expected = (rate * (1 - rate) / table["panels"]) ** 0.5
    assert (table["monte_carlo_error"] - expected).abs().max() < 1e-4


COMMANDS = sorted(
    {
        line.strip().removeprefix("$ ")
        for document in [
            ROOT / "README.md",
            ROOT / "CONTRIBUTING.md",
            *(ROOT / "docs").glob("*.md"),
        ]
        for block in re.findall(r"```sh\n(.*?)```", document.read_text("utf-8"), re.DOTALL)
        for line in block.splitlines()
        if line.strip()
    }
)
# Run whole elsewhere: `make` targets by the continuous integration, runs by test_runs.py.
RUN_ELSEWHERE = {
    "make report": "test_the_default_run_gives_the_committed_results",
    "make test": "this test",
    "make lab": "test_an_analyst_changes_a_value_and_sees_the_estimate_move, without the browser",
    ".venv/bin/pilot run --raw demo --out reports/nothing": "test_real_shaped_exports_run_from_files_to_report",
    "make hooks": "test_notebook_changes_read_as_cells_once_the_repository_is_set_up",
    ".venv/bin/pilot run --raw exports --out reports/ours --profile workflow/profiles/local": "test_a_sweep_as_jobs_that_are_killed_and_restarted_gives_the_local_results",
    ".venv/bin/python -m pip install snakemake-executor-plugin-slurm": "needs a network",
    ".venv/bin/pilot sweep params/sweeps/window.yml --profile workflow/profiles/slurm": "needs a cluster; test_cluster.py runs the same as jobs",
    ".venv/bin/pilot study size_and_power --blocks 72 --profile workflow/profiles/slurm": "needs a cluster; test_a_study_s_blocks_are_its_cells_whatever_their_number",
    ".venv/bin/pilot study bootstrap --draws 10000000 --blocks 20 --profile workflow/profiles/slurm": "needs a cluster; test_blocks_together_are_one_bootstrap_with_all_their_draws",
    ".venv/bin/pilot study size_and_power --panels 200 --blocks 8": "test_a_study_s_blocks_are_its_cells_whatever_their_number",
    ".venv/bin/pilot compare reports/synthetic reports/no_remote_weeks --out comparison": "test_real_shaped_exports_run_from_files_to_report",
    "make smoke": "part of make test",
    "make lint": "continuous integration",
    "make bench": "by hand: measures, does not test",
    ".venv/bin/pilot run --raw exports --out reports/ours": "test_real_shaped_exports_run_from_files_to_report",
    ".venv/bin/pilot run params/no_remote_weeks.yml": "test_real_shaped_exports_run_from_files_to_report",
    ".venv/bin/pilot compare reports/synthetic reports/no_remote_weeks": "test_real_shaped_exports_run_from_files_to_report",
    ".venv/bin/pilot run --raw exports --out reports/wide -p ci_level=0.9": "test_a_sweep_shares_one_ingest_and_ends_in_one_table",
    ".venv/bin/pilot compare reports/ours reports/wide": "test_real_shaped_exports_run_from_files_to_report",
    ".venv/bin/pilot sweep params/sweeps/window.yml": "test_every_shipped_sweep_is_valid",
    ".venv/bin/pilot report reports/synthetic": "test_a_finished_run_s_report_is_written_again_and_in_a_new_language_too",
    ".venv/bin/python -m pytest tests/test_pictures.py --mpl-generate-path=tests/baseline": "test_pictures.py",
    ".venv/bin/pilot check-outputs reports/synthetic": "test_what_is_committed_may_leave",
    ".venv/bin/pilot publish reports/synthetic to_hand_over": "test_what_is_handed_over_is_what_the_manifest_lists_and_nothing_else",
    "docker build -t pilot . && docker run --name pilot pilot": "test_containers_do_what_the_readme_says",
    "docker cp pilot:/evaluation/reports/synthetic .": "test_containers_do_what_the_readme_says",
    ".venv/bin/pilot verify": "test_the_default_run_gives_the_committed_results",
}


def test_what_is_said_to_run_a_command_elsewhere_is_there():
    tests = "\n".join(p.read_text("utf-8") for p in (ROOT / "tests").glob("test_*.py"))
    named = re.findall(r"\btest_\w+\b(?!\.py)", " ".join(RUN_ELSEWHERE.values()))
    assert named
    assert [name for name in named if f"def {name}(" not in tests] == []


# The whole evaluation of public figures is long by nature.
@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [pytest.param(c, marks=pytest.mark.long) if "pilot public" in c else c for c in COMMANDS],
)
def test_commands_in_the_documents_work(command, mini_raw, tmp_path):
    if command in RUN_ELSEWHERE:
        target = command.removeprefix("make ").split()[0]
        if command.startswith("make "):
            assert f"\n{target}:" in (ROOT / "Makefile").read_text()
        return
    exports = tmp_path / "exports"
    exports.symlink_to(mini_raw)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", sorted((SOURCE / "catalogue").glob("*.ftl")), ids=lambda p: p.stem)
def test_no_message_stands_twice(path):
    """Fluent would take the first and never say that there is another."""
    names = re.findall(r"^([a-zA-Z][\w-]*) *=", path.read_text("utf-8"), flags=re.MULTILINE)
    assert {name for name in names if names.count(name) > 1} == set()


def test_the_methods_page_names_what_there_is():
    """Every `module.name` on it is found in a module of that name."""
    modules = {}
    for path in SOURCE.rglob("*.py"):
        name = path.parent.name if path.stem == "__init__" else path.stem
        modules.setdefault(name, []).append(path)
    text = (ROOT / "docs" / "methods.md").read_text("utf-8")
    for module, name in re.findall(r"`([a-z_]+)\.([a-z_]+)`", text):
        if name not in ("csv", "json", "md", "py", "yml"):
            found = "".join(path.read_text("utf-8") for path in modules.get(module, ()))
            assert re.search(rf"\b{name}\b", found), f"{module}.{name}"
