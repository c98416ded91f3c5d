"""Where copies lie while an ingest runs: an owner-only folder that it removes."""

from pathlib import Path


class Workplace:
    """Names for files of one intake in its owner-only folder; no name of an export is used."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._used = folder, 0

    def new_file(self, suffix: str = ".csv") -> Path:
        """Return a path where nothing is yet."""
        self._used += 1
        return self._folder / f"{self._used}{suffix}"

    def new_folder(self) -> Path:
        """Return a new empty folder."""
        path = self.new_file("")
        path.mkdir(mode=0o700)
        return path
