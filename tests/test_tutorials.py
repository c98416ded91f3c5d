"""Each tutorial, followed word by word in a fresh clone, leaves the checkout as it was."""

import os
import re
import subprocess

import pytest
from conftest import ROOT

TUTORIALS = sorted((ROOT / "docs").glob("tutorial-*.md"))


def commands(path):
    """Return what a tutorial tells to type, in order."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone of what is committed; its environment is this checkout's, with the clone's code."""
    folder = tmp_path_factory.mktemp("fresh") / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    with (folder / ".git" / "info" / "exclude").open("a") as ignored:
        ignored.write(".venv\n")  # a link is none of the folders that are ignored
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        os.utime(folder / name, (0, 0))  # as old as the installation: make installs nothing
    return folder


def opened(words, folder, environment):
    """Start JupyterLab, wait until it tells its address, and end it; returns what it said."""
    lab = subprocess.Popen(
        words,
        shell=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    for line in lab.stdout:
        said.append(line)
        if "http://127.0.0.1" in line or "http://localhost" in line:
            break
    os.killpg(lab.pid, 15)
    lab.communicate()
    return "".join(said)


@pytest.mark.release
@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda p: p.stem)
def test_a_tutorial_does_what_it_says_and_leaves_the_checkout_clean(tutorial, clone):
    environment = os.environ | {"PYTHONPATH": str(clone / "src"), "BROWSER": "true"}
    if not (clone / "reports" / ".private").exists():  # "It needs a finished run"
        subprocess.run(["make", "report"], cwd=clone, env=environment, check=True)
    assert commands(tutorial)
    for words in commands(tutorial):
        if words.startswith("make lab"):
            assert "http" in opened(words, clone, environment), words
            continue
        done = subprocess.run(
            words,
            shell=True,
            cwd=clone,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""
