"""`make release-check`: what a release holds, built into dist/, and its versions held together."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

import pilot_analysis

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"


def disagreements(root: Path, version: str) -> list[str]:
    """Return which file says another version than the package, or nothing about this one."""
    found = []
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    if str(cited) != version:
        found.append(f"CITATION.cff: version {cited}, the package is {version}")
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(rf"^## {re.escape(version)}\b", changes, re.MULTILINE):
        found.append(f"CHANGELOG.md: has no entry for {version}")
    return found


def main() -> int:
    """Build the wheel, the site archive and the citation file; say what does not agree."""
    shutil.rmtree(DIST, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(DIST)],
        cwd=ROOT, check=True,
    )  # fmt: skip
    site = ROOT / "reports" / "synthetic" / "site"
    wrong = disagreements(ROOT, pilot_analysis.__version__)
    if site.is_dir():
        shutil.make_archive(str(DIST / f"site-{pilot_analysis.__version__}"), "zip", site)
    else:
        wrong.append("reports/synthetic/site: is not there; run make report first")
    shutil.copy2(ROOT / "CITATION.cff", DIST)
    for line in wrong:
        print(line, file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
