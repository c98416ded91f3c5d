"""Follow the Dockerfile in a clean Debian root, where no Docker engine runs. Needs root and debootstrap.

    python workflow/container_check.py [--mount DIRECTORY ...]

What the image is to run when it is started runs without network, and must leave the checkout clean.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INSTALLED_BYTES = 10**9  # what README says of the packages' size


def instructions(text: str) -> list[tuple[str, str]]:
    """Return a Dockerfile's instructions and what they are given, comments left out."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    parted = (line.split(maxsplit=1) for line in whole.splitlines() if line.strip())
    return [(name, given) for name, given in parted]


class Container:
    """A folder that commands see as the whole machine."""

    def __init__(self, root: Path, mounts: Sequence[Path]) -> None:
        """Take a root that is there or will be, and folders of this machine that it sees, too."""
        self.root, self.mounts = root, mounts
        self.user, self.folder = "root", "/"

    def follow(self, name: str, given: str) -> None:
        """Do one instruction. Raises `ValueError` for one that this check does not know."""
        if name == "FROM":
            suite = given.removeprefix("debian:").removesuffix("-slim")
            _run("debootstrap", "--variant=minbase", suite, str(self.root))
        elif name == "RUN":
            self.run(given)
        elif name == "USER":
            self.user = given
        elif name == "WORKDIR":
            self.folder = given
        elif name == "COPY":
            _run("git", "clone", "--quiet", str(ROOT), str(self.root) + self.folder)
            _run("chroot", str(self.root), "chown", "-R", f"{self.user}:", self.folder)
        elif name == "CMD":
            self.run(shlex.join(json.loads(given)), network=False)
            self.run('git diff -U0; test -z "$(git status --porcelain)"')
            self.run(f'test "$(du -sb .venv | cut -f1)" -lt {INSTALLED_BYTES}')
        else:
            raise ValueError(f"Dockerfile: {name} is not known to this check")

    def run(self, command: str, *, network: bool = True) -> None:
        """Run a command as the user, in the folder. Raises `CalledProcessError` where it fails."""
        print(f"{self.user}: {command}", flush=True)
        seen = [f"mount -o bind,ro {folder} {self.root}{folder}" for folder in self.mounts]
        for folder in self.mounts:
            (self.root / folder.relative_to("/")).mkdir(parents=True, exist_ok=True)
        inside = shlex.join(["sh", "-c", f"cd {self.folder} && {command}"])
        home = "/root" if self.user == "root" else f"/home/{self.user}"
        known = {k: v for k, v in os.environ.items() if k.startswith("PIP_")}
        environment = shlex.join(f"{k}={v}" for k, v in {"HOME": home, **known}.items())
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        whole = [
            f"mount -t proc proc {self.root}/proc",
            f"mount --bind /dev {self.root}/dev",
            *seen,
            f"exec chroot --userspec={self.user}: {self.root} env -i {path} {environment} {inside}",
        ]
        alone = [] if network else ["--net"]
        _run("unshare", "--mount", *alone, "sh", "-ec", "\n".join(whole))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT)


def main() -> int:
    """Follow the Dockerfile; the first step that fails ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mount", type=Path, action="append", default=[], metavar="DIRECTORY")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="container-") as folder:
        container = Container(Path(folder) / "root", given.mount)
        try:
            for name, argument in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
                container.follow(name, argument)
        except subprocess.CalledProcessError:
            print(f"failed: {name} {argument}", file=sys.stderr)
            return 1
    print("the Dockerfile's steps end well, its run without network")
    return 0


if __name__ == "__main__":
    sys.exit(main())
