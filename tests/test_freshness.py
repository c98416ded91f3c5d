"""A run that says it is done equals a fresh one, whatever was changed, killed or shared before.

Steps are played by a stand-in that writes what it read, so that many sequences take seconds; the
keys, stamps, locks and checks around it are the real ones.
"""

import contextlib
import json
import os
import tempfile
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pilot_analysis.errors import PilotError
from pilot_analysis.files import Digests
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import making, publish, stamps
from pilot_analysis.runs.code import Code
from pilot_analysis.runs.configure import Wish, configure
from pilot_analysis.runs.execute import TABLES, tables_digest
from pilot_analysis.runs.making import Made, Workflow
from pilot_analysis.runs.stamps import Step

BOOKS = ("03", "07", "08")


class Killed(BaseException):
    """Nothing that a step could catch."""


class Checkout:
    """Two runs that share their tables, small enough to be made anew at will."""

    def __init__(self, root):
        self.root = root
        self.exports = {"x.csv": "0", "y.csv": "0"}
        self.code = {"a.py": "0", "b.py": "0"}
        self.parameters = {(run, book): "0" for run in "AB" for book in BOOKS}
        self.aliases = {"A": "0", "B": "0"}
        self.dying = None  # the step that is killed when half of its file is written
        self.write()

    def write(self):
        self.root.mkdir(exist_ok=True)
        for name, text in (self.exports | self.code).items():
            (self.root / name).write_text(text)

    def steps(self, run, place=None, shared=None):
        """Return the steps of a run: its own folder is `place`, the tables lie in `shared`."""
        place, shared = place or self.root / run, shared or self.root / "shared"
        a, b = self.root / "a.py", self.root / "b.py"
        exports = tuple(self.root / name for name in self.exports)

        def step(name, needs, files, settings=None, **options):
            stamp = place / "stamps" / f"{name}.json"
            return Step(
                name, "played", place, stamp, needs=needs, files=files, settings=settings, **options
            )

        steps = [
            step("ingest", (), (*exports, a), self.aliases[run], shared=shared / ".ingested.json")
        ]
        for book in BOOKS:
            needs = ("ingest", *BOOKS[:-1]) if book == BOOKS[-1] else ("ingest",)
            steps.append(step(book, needs, (b,), self.parameters[run, book]))
        steps.append(step("report", ("ingest", *BOOKS), (a, b)))
        steps.append(step("publish", ("ingest", *BOOKS, "report"), ()))
        return steps

    def play(self, step):
        """Write what a step would: all that it read."""
        needs = {s.name: s for s in self.now}
        read = [path.read_text() for path in step.files] + [str(step.settings)]
        read += [self.target(needs[name]).read_text() for name in step.needs]
        target = self.target(step)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = f"{step.name}({'; '.join(read)})"
        if self.dying == step.name:
            target.write_text(text[: len(text) // 2])
            raise Killed
        target.write_text(text)
        return Made([target])

    @staticmethod
    def target(step):
        return step.truth.parent / f"{step.name}.made"

    def drive(self, run, steps=None, after=99, dying=None):
        """Do what is stale, until it is killed; says whether the run is done."""
        self.now, self.dying = steps or self.steps(run), dying
        digests = Digests(self.root / "digests.json")
        wanted = stamps.keys(self.now, digests)
        files = digests.of_all({path for step in self.now for path in step.files})
        again = stamps.stale(self.now, wanted, digests)
        workflow = Workflow({step.name: step for step in self.now}, wanted, files)
        for step in again:
            step.stamp.unlink(missing_ok=True)
        for step in again[:after]:
            try:
                with contextlib.ExitStack() as held:
                    making._do(workflow, step.name, digests, self.root / "told", held)
            except Killed:
                return False
        return not self.stale(run, self.now)

    def stale(self, run, steps=None):
        steps = steps or self.steps(run)
        digests = Digests(self.root / "none.json")
        return stamps.stale(steps, stamps.keys(steps, digests), digests)

    def result(self, run):
        return self.target(self.steps(run)[-1]).read_text()

    def fresh(self, run):
        """Return what a run made from nothing gives, beside."""
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            steps = self.steps(run, place / "own", place / "shared")
            assert self.drive(run, steps)
            return self.target(steps[-1]).read_text()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    made = Checkout(tmp_path / "c")
    monkeypatch.setattr(making, "_make", made.play)
    return made


def test_two_runs_that_share_tables_both_follow_changed_exports(checkout):
    assert checkout.drive("A")
    assert checkout.drive("B")
    assert checkout.stale("A") == checkout.stale("B") == []
    checkout.exports["x.csv"] = "1"
    checkout.write()
    assert checkout.drive("A")
    assert checkout.stale("B")
    assert checkout.drive("B")
    for run in "AB":
        assert checkout.result(run) == checkout.fresh(run)


@pytest.mark.parametrize("dying", ["ingest", *BOOKS, "report", "publish"])
def test_a_run_killed_anywhere_after_a_change_goes_on_to_the_new_numbers(checkout, dying):
    assert checkout.drive("A")
    checkout.exports["y.csv"] = "changed"
    checkout.write()
    assert not checkout.drive("A", dying=dying)
    assert checkout.drive("A")
    assert checkout.result("A") == checkout.fresh("A")


@pytest.mark.parametrize("name", [*BOOKS, "report", "publish"])
def test_what_was_cut_or_lost_on_disk_is_made_again(checkout, name):
    for damage in (lambda p: p.write_text(p.read_text()[:5]), Path.unlink):
        assert checkout.drive("A")
        (step,) = [s for s in checkout.steps("A") if s.name == name]
        damage(checkout.target(step))
        assert checkout.drive("A")
        assert checkout.result("A") == checkout.fresh("A")


def test_an_older_file_in_place_of_an_export_counts_as_a_change(checkout):
    assert checkout.drive("A")
    checkout.exports["x.csv"] = "2"
    checkout.write()
    os.utime(checkout.root / "x.csv", (1, 1))
    assert checkout.drive("A")
    assert checkout.result("A") == checkout.fresh("A")


def test_a_changed_parameter_redoes_only_what_hangs_on_it(checkout):
    assert checkout.drive("A")
    checkout.parameters["A", "07"] = "1"
    assert [s.name for s in checkout.stale("A")] == ["07", "08", "report", "publish"]


def test_a_step_whose_inputs_change_meanwhile_is_not_stamped(checkout, monkeypatch):
    def changes(step):
        made = checkout.play(step)
        (checkout.root / "x.csv").write_text("later")
        return made

    monkeypatch.setattr(making, "_make", changes)
    with pytest.raises(PilotError, match="changed while the run was at work"):
        checkout.drive("A")
    assert not (checkout.root / "shared" / ".ingested.json").exists()


def test_a_run_whose_tables_another_run_remakes_meanwhile_stops(checkout, monkeypatch):
    def remade(step):
        made = checkout.play(step)
        if step.name == "03":
            seal = checkout.steps("A")[0].truth
            stamp = stamps.read_stamp(seal)
            stamps.Stamp("other", stamp.outputs, made=stamps.made_now()).write(seal)
        return made

    monkeypatch.setattr(making, "_make", remade)
    with pytest.raises(PilotError, match="what ingest made: changed"):
        checkout.drive("A")


def test_damaged_stamps_count_as_none(checkout):
    assert checkout.drive("A")
    for text in ("", "{", "[]", '{"key": 1}'):
        checkout.steps("A")[1].stamp.write_text(text)
        assert next(s.name for s in checkout.stale("A")) == "03"
        assert checkout.drive("A")


class Sequences(RuleBasedStateMachine):
    """Changes, kills and reruns in any order, of two runs that share their tables."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.checkout = Checkout(Path(self.folder.name) / "c")
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(making, "_make", self.checkout.play)

    @rule(name=st.sampled_from(["x.csv", "y.csv"]), text=st.sampled_from("01"))
    def change_exports(self, name, text):
        self.checkout.exports[name] = text
        self.checkout.write()

    @rule(name=st.sampled_from(["a.py", "b.py"]), text=st.sampled_from("01"))
    def change_code(self, name, text):
        self.checkout.code[name] = text
        self.checkout.write()

    @rule(run=st.sampled_from("AB"), book=st.sampled_from(BOOKS), value=st.sampled_from("01"))
    def change_a_parameter(self, run, book, value):
        self.checkout.parameters[run, book] = value

    @rule(run=st.sampled_from("AB"), value=st.sampled_from("01"))
    def change_how_exports_are_read(self, run, value):
        self.checkout.aliases[run] = value

    @rule(run=st.sampled_from("AB"), after=st.integers(0, 6))
    def kill_between_steps(self, run, after):
        self.checkout.drive(run, after=after)

    @rule(run=st.sampled_from("AB"), name=st.sampled_from(["ingest", *BOOKS, "report", "publish"]))
    def kill_in_a_step(self, run, name):
        self.checkout.drive(run, dying=name)

    @rule(run=st.sampled_from("AB"))
    def run_whole(self, run):
        assert self.checkout.drive(run)
        assert self.checkout.result(run) == self.checkout.fresh(run)

    @rule(run=st.sampled_from("AB"), number=st.integers(0, 5), text=st.sampled_from(["{", ""]))
    def damage(self, run, number, text):
        target = self.checkout.target(self.checkout.steps(run)[number])
        if target.exists():
            target.write_text(text)

    @invariant()
    def what_holds_is_right(self):
        if hasattr(self, "checkout"):
            for run in "AB":
                if not self.checkout.stale(run):
                    assert self.checkout.result(run) == self.checkout.fresh(run)

    def teardown(self):
        if hasattr(self, "patch"):
            self.patch.undo()
            self.folder.cleanup()


TestSequences = Sequences.TestCase
TestSequences.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestSequences.pytestmark = [pytest.mark.slow]


# --- Which code a step hangs on ------------------------------------------------------------------


def files_of(root, kind, notebook=None):
    code = Code(root, Digests(root / "none.json"), root / "none.json")
    found = code.of_module(f"pilot_analysis.runs.steps.{kind}")
    found += code.of_notebook(root / "notebooks" / f"{notebook}.ipynb") if notebook else []
    return {path.relative_to(root).as_posix() for path in found}


@pytest.mark.slow
def test_a_step_hangs_on_what_it_imports_and_on_nothing_else():
    source = "src/pilot_analysis"
    report, book = files_of(ROOT, "report"), files_of(ROOT, "notebook", "03_attendance")
    assert {f"{source}/report/board.py", f"{source}/catalogue/sv.ftl", "params/plan.yml"} <= report
    assert {f"{source}/evaluation/claims.py", f"{source}/figures/pilot.mplstyle"} <= book
    every = {
        kind: files_of(ROOT, kind, "03_attendance" if kind == "notebook" else None)
        for kind in ("simulate", "ingest", "notebook", "report", "site", "publish")
    }
    for kind, files in every.items():
        assert f"{source}/runs/compare.py" not in files, kind
        assert not [f for f in files if f.startswith(f"{source}/cli/")], kind
    assert f"{source}/report/board.py" not in every["notebook"]
    assert not [f for f in every["ingest"] if "/evaluation/" in f]


def test_a_changed_text_of_the_report_makes_the_report_again_and_no_notebook(tmp_path):
    (tmp_path / "src/pilot_analysis/runs/steps").mkdir(parents=True)
    source = tmp_path / "src/pilot_analysis"
    for name in ("__init__.py", "runs/__init__.py", "runs/steps/__init__.py", "texts.py"):
        (source / name).write_text("")
    (source / "runs/steps/report.py").write_text(
        "def make():\n    from pilot_analysis import texts\n"
    )
    (source / "runs/steps/ingest.py").write_text("import os\n")
    assert "src/pilot_analysis/texts.py" in files_of(tmp_path, "report")
    assert "src/pilot_analysis/texts.py" not in files_of(tmp_path, "ingest")


# --- Publishing, and folders that cannot be used --------------------------------------------------


def test_a_run_whose_notebooks_read_other_tables_is_not_published(tmp_path):
    processed, books = tmp_path / "processed", tmp_path / "notebooks"
    processed.mkdir()
    books.mkdir()
    (processed / "a.parquet").write_text("new")
    for name, found in (("01", tables_digest(processed)), ("02", "old")):
        content = {"metadata": {"pilot": {TABLES: found}}}
        (books / f"{name}.ipynb").write_text(json.dumps(content))
    publish.check_one_set_of_tables(books, ["01"], processed)
    for name in ("02", "03"):
        with pytest.raises(PilotError, match=f"notebook {name} was not made from the tables"):
            publish.check_one_set_of_tables(books, ["01", name], processed)


@pytest.mark.parametrize("folder", ["back\\slash"])
def test_a_folder_the_database_cannot_read_has_one_sentence(tmp_path, tiny_raw, folder):
    with pytest.raises(PilotError, match="has a backslash"):
        configure(Wish(Parameters(), raw=tiny_raw, out=tmp_path / folder))
    assert not list(tmp_path.iterdir())


def test_a_run_s_folder_is_named_by_what_differs(tmp_path, tiny_raw, monkeypatch):
    from pilot_analysis.runs import configure as module

    monkeypatch.setattr(module, "REPORTS", tmp_path / "reports")

    def out(*overrides, **options):
        wish = Wish(Parameters(), overrides=overrides, **options)
        return Path(configure(wish)["out"]).relative_to(tmp_path / "reports").as_posix()

    assert out("ci_level=0.9", raw=tiny_raw) == f"{tiny_raw.name}_ci_level-0.9"
    assert out(raw=tiny_raw) == tiny_raw.name
    assert out("ci_level=0.9") == "ci_level-0.9"
    assert out(scenario=Path("params/no_remote_weeks.yml")) == "no_remote_weeks"
    named = tmp_path / "synthetic"
    named.symlink_to(tiny_raw)
    assert out(raw=named) != "synthetic"
