"""`pilot publish`: exactly what may leave a finished run, in a folder of its own, looked at once more."""

import shutil
import tempfile
from pathlib import Path

from pilot_analysis.disclosure.audit import audit
from pilot_analysis.errors import PilotError
from pilot_analysis.files import digest
from pilot_analysis.runs.manifest import read_manifest


def hand_over(run: Path, target: Path) -> list[Path]:
    """Copy what the run's manifest lists into a new folder; returns the files there.

    Nothing is copied when a file is not as the run left it, or may not leave. Raises `PilotError`
    naming each.
    """
    listed = read_manifest(run).get("outputs", {})
    if not isinstance(listed, dict) or not listed:
        raise PilotError(f"{run}: its manifest lists no outputs; run it again")
    if target.exists() and any(target.iterdir()):
        raise PilotError(f"{target}: is not empty; name a new folder")
    wrong = [
        name
        for name, found in listed.items()
        if not _inside(run, name) or not (run / name).is_file() or digest(run / name) != found
    ]
    if wrong:
        raise PilotError(
            f"{run}: {', '.join(sorted(wrong)[:5])}: not as the run left it; give its pilot run "
            "command again"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".publish-", dir=target.parent) as scratch:
        made = Path(scratch) / target.name
        for name in (*listed, "manifest.json"):
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(run / name, made / name)
        if found := audit(made):
            told = "\n".join(f"  {finding}" for finding in found)
            raise PilotError(f"nothing was published, since this may not leave:\n{told}")
        if target.exists():
            target.rmdir()
        made.rename(target)
    return sorted(path for path in target.rglob("*") if path.is_file())


def _inside(run: Path, name: str) -> bool:
    return (run / name).resolve().is_relative_to(run.resolve())
