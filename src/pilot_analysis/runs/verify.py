"""Making a run again from its manifest, and holding it against what is committed."""

import os
from dataclasses import dataclass
from pathlib import Path

from pilot_analysis import description
from pilot_analysis.errors import PilotError
from pilot_analysis.files import digest
from pilot_analysis.runs import ROOT, git
from pilot_analysis.runs.compare import DIFFERENT, Comparison, compare
from pilot_analysis.runs.configure import Wish, configure
from pilot_analysis.runs.manifest import parameters_of, read_manifest
from pilot_analysis.runs.workflow import Drive, drive_runs

_NEEDED = ("manifest.json", "estimates.parquet")
_NAMED = 3  # files in a message


@dataclass(frozen=True)
class Reference:
    """What a run is held against: a folder, and the commit that its numbers come from, if any."""

    folder: Path
    commit: str | None


@dataclass(frozen=True)
class Verification:
    """A run made again beside its reference."""

    reference: Reference
    comparison: Comparison

    @property
    def same(self) -> bool:
        """Whether every estimate came out as in the reference."""
        return not {DIFFERENT, "only in A", "only in B"} & set(self.comparison.counts())


def reference_of(run: Path, scratch: Path) -> Reference:
    """Return a run as it is committed; the folder itself where git does not know it.

    What stands in a committed run's folder may be the reader's own run, so it is taken from the
    last commit, into `scratch`. Raises `PilotError` where a file, committed or here, is not the
    one that the manifest beside it lists.
    """
    _refuse_altered(run, str(run))
    folder = scratch / "committed" / run.name
    if not git.take_out(run, folder) or not all((folder / name).exists() for name in _NEEDED):
        return Reference(run, None)
    commit = git.commit(run, short=True)
    _refuse_altered(folder, f"{run.name} as committed in {commit}")
    return Reference(folder, commit)


def _refuse_altered(folder: Path, called: str) -> None:
    """Raise `PilotError` for files that are not what the run wrote; nothing is known without a manifest."""
    if not (folder / "manifest.json").exists():
        return
    listed = read_manifest(folder)["outputs"]
    here = {name: digest(folder / name) for name in listed if (folder / name).is_file()}
    altered = [name for name, found in here.items() if found != listed[name]]
    if altered:
        more = f" and {len(altered) - _NAMED} more" if len(altered) > _NAMED else ""
        raise PilotError(
            f"{called}: {', '.join(altered[:_NAMED])}{more}: not what the run wrote (its manifest "
            "lists another digest), but changed afterwards"
        )


def verify(
    run: Path, raw: Path | None, out: Path, scratch: Path, evaluation: Path | None = None
) -> Verification:
    """Make the run again into `out` and compare every estimate with the reference.

    `evaluation` is the folder that describes the pilot, where it is not the default one. Raises
    `PilotError` where that cannot be done, or the evaluation or the exports are not those of the
    reference.
    """
    if not run.is_dir():
        raise PilotError(f"{run}: there is no such folder")
    reference = reference_of(run, scratch)
    manifest = read_manifest(reference.folder)
    folder = evaluation or description.FOLDER
    told = manifest["evaluation"]
    # Compared as descriptions: one written before there was a further field still is the same.
    if told and description.Description.model_validate(told) != description.load(folder):
        raise PilotError(
            f"{run}: was not made for the evaluation in {folder}; name the folder that describes it "
            "with --evaluation"
        )
    wish = Wish(parameters_of(manifest, run), evaluation=evaluation, raw=raw, out=out)
    config = configure(wish)
    if drive_runs([config], Drive(Path(config["work"]), out, cores=os.cpu_count())):
        raise PilotError(f"{run}: could not be made again; see the messages above")
    found = compare(reference.folder, out)
    inputs = found.settings[found.settings["kind"] == "input"]
    if len(inputs):
        raise PilotError(
            f"{run}: the exports differ from those in its manifest ({', '.join(inputs['name'])}); "
            "name the folder with its own exports with --raw"
        )
    return Verification(reference, found)


DEFAULT_RUN = ROOT / "reports" / "synthetic"
