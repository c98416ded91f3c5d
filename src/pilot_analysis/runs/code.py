"""Which code a step hangs on: the module it runs, and all that is imported from there.

Found by reading the code, so that nobody has to keep a list: a changed sentence makes the report
again, and a comment in a command makes nothing again.
"""

import ast
import functools
import json
from collections.abc import Iterable
from pathlib import Path

from pilot_analysis.files import Digests, write_if_changed

PACKAGE = "pilot_analysis"


class Code:
    """The package's modules and what each imports.

    `root` is the checkout. What has been read once is remembered in `memory` by the digest of the
    file it was read from.
    """

    def __init__(self, root: Path, digests: Digests, memory: Path) -> None:
        self.root, self._digests, self._memory = root, digests, memory
        self._source = root / "src" / PACKAGE
        self._settings = {p.name: p for p in sorted((root / "params").glob("*.yml"))}
        try:
            self._read: dict[str, list[str]] = json.loads(memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._read = {}
        self._used: dict[str, list[str]] = {}
        # A module is named by many others, and the folders do not change meanwhile.
        self._file = functools.cache(self._find_file)
        self._data = functools.cache(self._find_data)

    def of_module(self, name: str) -> list[Path]:
        """Return the files that a module (`pilot_analysis.panel`) hangs on, itself included."""
        return self._closure([name])

    def of_notebook(self, path: Path) -> list[Path]:
        """Return the files that a notebook hangs on, itself included."""
        return sorted({path, *self._closure(self._words(path))})

    def remember(self) -> None:
        """Keep what was read for the next command."""
        try:
            write_if_changed(self._memory, json.dumps(self._used))
        except OSError:
            return

    def _closure(self, begin: Iterable[str]) -> list[Path]:
        waiting, found = list(begin), set[Path]()
        while waiting:
            word = waiting.pop()
            path = self._settings.get(word) or self._file(word)
            if path is None or path in found:
                continue
            found.add(path)
            if path.suffix != ".py":
                continue
            found |= self._data(path.parent)
            waiting += self._words(path)
            # Importing a.b.c runs a and a.b first.
            parts = word.split(".")
            waiting += [".".join(parts[:n]) for n in range(1, len(parts))]
        return sorted(found)

    def _find_file(self, module: str) -> Path | None:
        """Return a module's file; a name inside a module is the module's."""
        parts = module.split(".")
        if parts[0] != PACKAGE:
            return None
        folder = self._source
        for part in parts[1:]:
            if (folder / part / "__init__.py").exists():
                folder = folder / part
            elif (folder / f"{part}.py").exists():
                return folder / f"{part}.py"
            else:
                break
        return folder / "__init__.py"

    def _find_data(self, folder: Path) -> set[Path]:
        """Return what lies beside modules and is no module: tables, styles, scripts, texts."""
        found = set()
        for path in folder.iterdir():
            if path.is_dir() and path.name != "__pycache__" and not _is_package(path):
                found |= {p for p in path.rglob("*") if p.is_file()}
            elif path.is_file() and path.suffix not in (".py", ".pyc"):
                found.add(path)
        return found

    def _words(self, path: Path) -> list[str]:
        """Return the modules and parameter files that a file names."""
        key = self._digests.of(path)
        if key not in self._used:
            known = self._read.get(key)
            self._used[key] = _named(path, self._package_of(path)) if known is None else known
        return self._used[key]

    def _package_of(self, path: Path) -> str:
        if not path.is_relative_to(self._source):
            return PACKAGE
        return ".".join([PACKAGE, *path.parent.relative_to(self._source).parts])


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").exists()


def _named(path: Path, package: str) -> list[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join(
                [*(above if node.level else []), *([node.module] if node.module else [])]
            )
            found |= {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)  # files in params/ and modules that are read by name
    return sorted(w for w in found if w.endswith(".yml") or w.split(".")[0] == PACKAGE)
