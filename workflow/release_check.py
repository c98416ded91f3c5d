"""`make release-check`: what a release holds, built into dist/, and its versions held together.

`make site-archive` (`--site`) makes the site's archive alone: it opens in a browser without anything
installed.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

import pilot_analysis

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
SITE = ROOT / "reports" / "synthetic" / "site"
MOST_BYTES = 15_000_000


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


def archive(site: Path, out: Path) -> list[str]:
    """Pack a site into `out`; return what keeps it from being handed on."""
    if not site.is_dir():
        return [f"{site}: is not there; run make report first"]
    name = out / f"site-{pilot_analysis.__version__}"
    made = Path(shutil.make_archive(str(name), "zip", site))
    if made.stat().st_size > MOST_BYTES:
        return [f"{made.name}: is larger than {MOST_BYTES // 1_000_000} MB"]
    print(made)
    return []


def main() -> int:
    """Build the wheel, the site archive and the citation file; say what does not agree."""
    if "--site" in sys.argv[1:]:
        DIST.mkdir(exist_ok=True)
        return _told(archive(SITE, DIST))
    shutil.rmtree(DIST, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(DIST)],
        cwd=ROOT, check=True,
    )  # fmt: skip
    shutil.copy2(ROOT / "CITATION.cff", DIST)
    return _told([*disagreements(ROOT, pilot_analysis.__version__), *archive(SITE, DIST)])


def _told(wrong: list[str]) -> int:
    for line in wrong:
        print(line, file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
