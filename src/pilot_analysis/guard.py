"""Refuses exports, pupil tables and keys in a commit; called by the pre-commit hook."""

import sys


def main(paths: list[str]) -> int:
    """Name what may not be committed; 1 when there is any."""
    for path in paths:
        print(f"{path}: exports, tables with one row a pupil and keys stay out of the repository")
    return 1 if paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
