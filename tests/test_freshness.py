"""A run that says it is done equals a fresh one, whatever was changed, killed or shared before.

Steps are played by a stand-in that writes what it read, so that many sequences take seconds; one
whole run is made by the real workflow.
"""

import json
import random
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pilot_analysis.errors import PilotError
from pilot_analysis.runs import freshness
from pilot_analysis.runs.freshness import Freshness

BOOKS = ["03_attendance", "07_robustness", "08_summary"]


class Checkout:
    """A checkout of two runs that share their tables, small enough to be made anew at will."""

    def __init__(self, root):
        self.root = root
        for name in ("src/pilot_analysis", "notebooks", "params", "raw"):
            (root / name).mkdir(parents=True)
        (root / "requirements.lock").write_text("lock")
        for module in ("__init__", "a", "b"):
            (root / "src/pilot_analysis" / f"{module}.py").write_text("")
        for name in BOOKS:
            (root / "notebooks" / f"{name}.ipynb").write_text(json.dumps({"cells": []}))
        self.exports = {"x.csv": "0", "y.csv": "0"}
        self.write_exports()
        self.configs = {run: self.config(run, root / "processed") for run in ("A", "B")}

    def write_exports(self):
        for name, text in self.exports.items():
            (self.root / "raw" / name).write_text(text)

    def config(self, run, processed):
        work = self.root / run / ".work"
        (work / "parameters").mkdir(parents=True, exist_ok=True)
        processed.mkdir(exist_ok=True)
        (processed / ".aliases.json").write_text("{}")
        for name in (*BOOKS, "run"):
            (work / "parameters" / f"{name}.json").write_text("0")
        return {
            "root": str(self.root), "raw": str(self.root / "raw"), "processed": str(processed),
            "work": str(work), "out": str(self.root / run), "figures": None, "simulate": False,
            "raw_files": [str(self.root / "raw" / n) for n in self.exports], "notebooks": BOOKS,
            "estimating": BOOKS, "board": True,
        }  # fmt: skip


def play(config, name):
    """Write what a step would: the exports' text, or all that the steps before it wrote."""
    fresh = Freshness(config)
    key, step = fresh.key(name), fresh.steps[name]
    work, processed, out = (Path(config[k]) for k in ("work", "processed", "out"))
    settings_of = work / "parameters"
    targets = {"ingest": processed / "tables", "report": work / "report/r", "site": work / "site/s",
               "publish": out / "result"}  # fmt: skip
    target = targets.get(name, work / "notebooks" / f"{name}.ipynb")
    if name == "ingest":
        read = [Path(p).read_text() for p in config["raw_files"]]
    else:
        read = [(processed / "tables").read_text()] if "ingest" in step.needs else []
        read += [
            (targets.get(n) or work / "notebooks" / f"{n}.ipynb").read_text()
            for n in step.needs if n != "ingest"
        ]  # fmt: skip
        parameters = settings_of / f"{name if name in BOOKS else 'run'}.json"
        read += [
            parameters.read_text(),
            (Path(config["root"]) / "src/pilot_analysis/a.py").read_text(),
        ]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{name}({'; '.join(read)})")
    Freshness(config).write(name, key)


def drive(config, killed_after=99):
    """Play the workflow: what is missing is made in order, until it is killed."""
    Freshness(config).discard()
    for done, name in enumerate(list(Freshness(config).steps)):
        if done >= killed_after:
            return False
        fresh = Freshness(config)
        step = fresh.steps[name]
        if not all(path.exists() for path in (step.stamp, *step.goes)):
            play(config, name)
    return not Freshness(config).stale()


def fresh_result(checkout, run):
    """Return what a run made from nothing gives, beside."""
    aside = checkout.config(f"{run}_aside", checkout.root / f"processed_{run}")
    for name in (*BOOKS, "run"):
        text = (Path(checkout.configs[run]["work"]) / "parameters" / f"{name}.json").read_text()
        (Path(aside["work"]) / "parameters" / f"{name}.json").write_text(text)
    for folder in (Path(aside["out"]), Path(aside["processed"])):
        for path in folder.rglob("*"):
            if path.is_file() and "parameters" not in path.parts and path.name != ".aliases.json":
                path.unlink()
    assert drive(aside)
    return (Path(aside["out"]) / "result").read_text()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(
        freshness, "_MODULES", dict.fromkeys(freshness._MODULES, ("pilot_analysis.a",))
    )
    return Checkout(tmp_path / "checkout")


def result(checkout, run):
    return (Path(checkout.configs[run]["out"]) / "result").read_text()


def test_two_runs_that_share_tables_both_follow_changed_exports(checkout):
    assert drive(checkout.configs["A"])
    assert drive(checkout.configs["B"])
    checkout.exports["x.csv"] = "1"
    checkout.write_exports()
    assert drive(checkout.configs["A"])
    assert drive(checkout.configs["B"])
    for run in ("A", "B"):
        assert result(checkout, run) == fresh_result(checkout, run)


@pytest.mark.parametrize("killed_after", range(8))
def test_a_run_killed_anywhere_after_a_change_goes_on_to_the_new_numbers(checkout, killed_after):
    assert drive(checkout.configs["A"])
    checkout.exports["y.csv"] = "changed"
    checkout.write_exports()
    drive(checkout.configs["A"], killed_after)
    assert drive(checkout.configs["A"])
    assert result(checkout, "A") == fresh_result(checkout, "A")


@pytest.mark.parametrize("name", ["notebooks/03_attendance.ipynb", "report/r", "site/s"])
def test_what_was_cut_on_disk_is_made_again(checkout, name):
    assert drive(checkout.configs["A"])
    path = Path(checkout.configs["A"]["work"]) / name
    path.write_text(path.read_text()[:5])
    assert drive(checkout.configs["A"])
    assert result(checkout, "A") == fresh_result(checkout, "A")
    published = Path(checkout.configs["A"]["out"]) / "result"
    published.write_text("altered")
    assert drive(checkout.configs["A"])
    assert result(checkout, "A") == fresh_result(checkout, "A")


def test_an_older_file_in_place_of_an_export_counts_as_a_change(checkout):
    import os

    assert drive(checkout.configs["A"])
    checkout.exports["x.csv"] = "2"
    checkout.write_exports()
    os.utime(checkout.root / "raw" / "x.csv", (1, 1))
    assert drive(checkout.configs["A"])
    assert result(checkout, "A") == fresh_result(checkout, "A")


def test_a_step_whose_inputs_change_meanwhile_is_not_stamped(checkout):
    config = checkout.configs["A"]
    key = Freshness(config).key("ingest")
    (checkout.root / "raw" / "x.csv").write_text("later")
    with pytest.raises(PilotError, match="changed while the run was at work"):
        Freshness(config).write("ingest", key)
    assert not (Path(config["processed"]) / ".ingested").exists()


def test_a_broken_link_among_the_exports_has_one_sentence(checkout):
    path = checkout.root / "raw" / "x.csv"
    path.unlink()
    path.symlink_to(checkout.root / "nowhere.csv")
    with pytest.raises(PilotError, match="is a link to nothing"):
        Freshness(checkout.configs["A"]).key("ingest")


class Sequences(RuleBasedStateMachine):
    """Changes, kills and reruns in any order, of two runs that share their tables."""

    @initialize()
    def begin(self):
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(
            freshness, "_MODULES", dict.fromkeys(freshness._MODULES, ("pilot_analysis.a",))
        )
        self.checkout = Checkout(Path(self.folder.name) / "c")
        self.count = 0

    @rule(name=st.sampled_from(["x.csv", "y.csv"]), text=st.sampled_from("01"))
    def change_exports(self, name, text):
        self.checkout.exports[name] = text
        self.checkout.write_exports()

    @rule(text=st.sampled_from("#+"))
    def change_code(self, text):
        path = self.checkout.root / "src/pilot_analysis/a.py"
        path.write_text("" if text == "#" else "x = 1\n")

    @rule(run=st.sampled_from("AB"), book=st.sampled_from(BOOKS), value=st.sampled_from("01"))
    def change_a_parameter(self, run, book, value):
        work = Path(self.checkout.configs[run]["work"])
        (work / "parameters" / f"{book}.json").write_text(value)

    @rule(run=st.sampled_from("AB"), after=st.integers(0, 7))
    def run_and_kill(self, run, after):
        drive(self.checkout.configs[run], after)

    @rule(run=st.sampled_from("AB"))
    def run_whole(self, run):
        assert drive(self.checkout.configs[run])
        assert result(self.checkout, run) == fresh_result(self.checkout, run)

    @rule(run=st.sampled_from("AB"), seed=st.integers(0, 99))
    def damage(self, run, seed):
        files = sorted(Path(self.checkout.configs[run]["work"]).rglob("*.ipynb"))
        if files:
            random.Random(seed).choice(files).write_text("{")

    @invariant()
    def what_holds_is_right(self):
        if not hasattr(self, "checkout"):
            return
        for run in "AB":
            if not Freshness(self.checkout.configs[run]).stale():
                assert result(self.checkout, run) == fresh_result(self.checkout, run)

    def teardown(self):
        if hasattr(self, "patch"):
            self.patch.undo()
            self.folder.cleanup()


TestSequences = Sequences.TestCase
TestSequences.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
