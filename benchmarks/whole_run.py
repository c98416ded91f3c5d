"""Where the time of a whole run goes, step by step, beside the run of another commit.

    python benchmarks/whole_run.py --against HEAD~1

Both times come from manifests, so both machines' loads are in them: read the shares, and ratios only
of runs made one after the other on an idle machine.
"""

import argparse
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def seconds(text: str) -> dict[str, float]:
    """Return each step's seconds from a manifest."""
    found: dict[str, float] = json.loads(text)["seconds"]
    return found


def committed(commit: str) -> dict[str, float]:
    """Return each step's seconds in the default run as committed."""
    name = f"{commit}:reports/synthetic/manifest.json"
    shown = subprocess.run(
        ["git", "-C", str(ROOT), "show", name], capture_output=True, text=True, check=False
    )
    if shown.returncode:
        raise SystemExit(f"{commit}: git has no default run there ({shown.stderr.strip()})")
    return seconds(shown.stdout)


def table(ours: dict[str, float], theirs: dict[str, float] | None) -> list[str]:
    """Return a line a step, the longest first: seconds, share of the whole, ratio."""
    whole = sum(ours.values())
    lines = [f"{'step':28}{'s':>8}{'share':>8}{'ratio':>8}"]
    for step, spent in [*sorted(ours.items(), key=lambda i: -i[1]), ("all steps", whole)]:
        before = (
            sum(theirs.values()) if theirs and step == "all steps" else (theirs or {}).get(step)
        )
        ratio = f"{spent / before:8.2f}" if before else f"{'':8}"
        lines.append(f"{step:28}{spent:8.1f}{100 * spent / whole:7.0f}%{ratio}")
    return lines


def main() -> None:
    """Print the table of a finished run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", nargs="?", type=Path, default=ROOT / "reports" / "synthetic")
    parser.add_argument("--against", metavar="COMMIT", help="the default run as committed there")
    given = parser.parse_args()
    ours = seconds((given.run / "manifest.json").read_text(encoding="utf-8"))
    print("\n".join(table(ours, committed(given.against) if given.against else None)))


if __name__ == "__main__":
    main()
