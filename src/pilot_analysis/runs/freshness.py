"""Whether what a step left still stands for its inputs: digests decide, times of files never do.

Every step leaves a stamp: the key it was made with (exports, parameters, code, lock, and what the
steps before it made) and the digest of each file it made. Before the workflow starts, stamps that no
longer hold are removed with what they stand for, so that it is made again; a run says that it is done
only when every stamp holds.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilot_analysis.atomic import Digests, digest_of, write_if_changed
from pilot_analysis.errors import PilotError
from pilot_analysis.runs.code import Code

# The module whose imports a kind of step hangs on.
_MODULES = {
    "simulate": ("pilot_analysis.synthetic.export",),
    "ingest": ("pilot_analysis.ingest",),
    "notebook": ("pilot_analysis.workbench", "pilot_analysis.runs.execute"),
    "report": ("pilot_analysis.report.board", "pilot_analysis.disclosure"),
    "site": ("pilot_analysis.report.site",),
    "publish": ("pilot_analysis.runs.execute", "pilot_analysis.disclosure.audit"),
}
_IGNORED = (".simulated", ".ingested")


@dataclass(frozen=True)
class Step:
    """One step: its stamp, what it reads that no step makes, whom it needs, and where it writes.

    `made` are the files and folders it makes. `goes` is what the workflow waits for: it is removed
    with a stamp that no longer holds.
    """

    name: str
    stamp: Path
    files: tuple[Path, ...]
    settings: Any
    needs: tuple[str, ...]
    made: tuple[Path, ...]
    goes: tuple[Path, ...]


@dataclass(frozen=True)
class Stamp:
    """What a step left: the key it was made with, and the digest of each file it made."""

    key: str
    made: Mapping[str, str]

    @property
    def content(self) -> str:
        """The digest of all that the step made."""
        return digest_of(dict(self.made))


def read_stamp(path: Path) -> Stamp | None:
    """Return a stamp; None where there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(str(content["key"]), dict(content["made"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Freshness:
    """The steps of one run, and which of them still hold."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._digests = Digests(Path(config["work"]) / "digests.json")
        self._code = Code(Path(config["root"]), self._digests)
        self.steps = {step.name: step for step in self._steps(config)}

    def code(self, kind: str, notebook: Path | None = None) -> tuple[Path, ...]:
        """Return the code that a kind of step hangs on, found from its imports."""
        found = {p for module in _MODULES[kind] for p in self._code.of_module(module)}
        if notebook is not None:
            found |= set(self._code.of_notebook(notebook))
        return tuple(sorted(found))

    def key(self, name: str) -> str:
        """Return the key a step would be made with now.

        Raises `PilotError` for an export that cannot be read.
        """
        step = self.steps[name]
        files = [(path.name, self._digest(path)) for path in step.files]
        needs = [
            (n, s.content if (s := read_stamp(self.steps[n].stamp)) else "") for n in step.needs
        ]
        return digest_of([step.settings, sorted(files), needs])

    def holds(self, name: str) -> bool:
        """Say whether a step was made from what stands there now, and all it made is as it left it."""
        step = self.steps[name]
        stamp = read_stamp(step.stamp)
        if stamp is None or stamp.key != self.key(name):
            return False
        return all(path.exists() for path in step.goes) and all(
            self._digests.of(Path(path)) == found for path, found in stamp.made.items()
        )

    def stale(self) -> list[str]:
        """Return the steps that no longer hold, and those that need one of them, in order."""
        found: list[str] = []
        for name, step in self.steps.items():
            if not set(step.needs).isdisjoint(found) or not self.holds(name):
                found.append(name)
        return found

    def discard(self) -> list[str]:
        """Remove the stamps that no longer hold, and what they stand for; returns their steps."""
        found = self.stale()
        for name in found:
            for path in (self.steps[name].stamp, *self.steps[name].goes):
                path.unlink(missing_ok=True)
        self._digests.remember()
        return found

    def write(self, name: str, key: str) -> None:
        """Stamp a step made with `key`; raises `PilotError` where its inputs changed meanwhile."""
        if key != self.key(name):
            raise PilotError(
                f"{name}: what it reads changed while the run was at work; give the same command again"
            )
        step = self.steps[name]
        made = {str(p): self._digests.of(p) for p in _files(step.made)}
        write_if_changed(step.stamp, json.dumps({"key": key, "made": made}, indent=1))
        self._digests.remember()

    def _digest(self, path: Path) -> str:
        found = self._digests.of(path)
        if not found and path.is_symlink():
            raise PilotError(f"{path}: is a link to nothing; remove it or the file it should name")
        return found

    def _steps(self, config: Mapping[str, Any]) -> Iterable[Step]:
        root, work = Path(config["root"]), Path(config["work"])
        raw, processed, out = (Path(config[k]) for k in ("raw", "processed", "out"))
        lock = root / "requirements.lock"
        parameters = work / "parameters"
        before: tuple[str, ...] = ()
        if config["simulate"]:
            stamp = raw / ".simulated"
            yield Step("simulate", stamp, (*self.code("simulate"), lock), "", (), (raw,), (stamp,))
            before = ("simulate",)
        stamp = processed / ".ingested"
        exports = () if config["simulate"] else tuple(Path(p) for p in config["raw_files"])
        yield Step(
            "ingest", stamp, (*exports, processed / ".aliases.json", *self.code("ingest"), lock),
            len(exports), before, (processed,), (stamp,),
        )  # fmt: skip
        gathers = "08_summary"
        books = sorted(config["notebooks"], key=lambda name: name == gathers)
        for name in books:
            source, own = root / "notebooks" / f"{name}.ipynb", work / "notebooks" / f"{name}.ipynb"
            needs = (
                ("ingest", *(n for n in config["estimating"] if n != name))
                if name == gathers
                else ("ingest",)
            )
            yield Step(
                name, work / "stamps" / f"{name}.json",
                (source, parameters / f"{name}.json", *self.code("notebook", source), lock), name,
                needs, (own, work / "results" / "estimates" / f"{name}.parquet"), (own,),
            )  # fmt: skip
        run = parameters / "run.json"
        all_books = ("ingest", *books)
        stamp = work / "report" / "done"
        yield Step("report", stamp, (run, *self.code("report"), lock), config["board"], all_books,
                   (work / "report", work / "estimates.parquet", work / "quality.json"), (stamp,))  # fmt: skip
        last: tuple[str, ...] = ("report",)
        if config["board"]:
            stamp = work / "site" / "done"
            yield Step("site", stamp, (run, *self.code("site"), lock), "", ("report", *books),
                       (work / "site",), (stamp,))  # fmt: skip
            last = ("report", "site")
        stamp = work / "published"
        places = [config["out"], config["figures"]]
        yield Step("publish", stamp, (run, *self.code("publish"), lock), places,
                   ("ingest", *last, *books), _published(out), (stamp,))  # fmt: skip


def _published(out: Path) -> tuple[Path, ...]:
    """Return what readers see of a run: all in its folder but the working files and the manifest."""
    hidden = {".work", "processed", "failed", "manifest.json"}
    return tuple(p for p in sorted(out.glob("*")) if p.name not in hidden and p.name[0] != ".")


def _files(made: Sequence[Path]) -> list[Path]:
    """Return the files among what was made; stamps are no part of it."""
    found = [p for path in made for p in (path.rglob("*") if path.is_dir() else [path])]
    return sorted(
        p for p in found
        if p.is_file() and p.name not in (*_IGNORED, "done") and p.name[0] != "."
    )  # fmt: skip
