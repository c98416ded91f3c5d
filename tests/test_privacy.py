"""What identifies a pupil is in no file, log or message that a run leaves, also when it fails."""

import base64
import re
import subprocess

import pandas as pd
import pytest
from canaries import CANARIES, NAMES, NUMBERS, found_in, rewrite
from click.testing import CliRunner
from conftest import ROOT
from hand import write_hand

from pilot_analysis.cli import main
from pilot_analysis.guard import main as guard


@pytest.mark.long
def test_no_canary_leaves_ingest_also_when_steps_fail(real_runs):
    _, stages = real_runs
    assert stages["canaries"] == []
    for stage in (stages[name] for name in stages if name != "canaries"):
        for text in (stage["stdout"], stage["stderr"]):
            assert not [canary for canary in CANARIES if canary in text]


def test_the_scan_finds_what_it_looks_for(tmp_path):
    """A scan that finds nothing anywhere would prove nothing."""
    pd.DataFrame({"x": [NUMBERS[0]]}).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.html").write_text(
        f'<img src="data:x,{base64.b64encode((NAMES[0] * 20).encode("latin-1")).decode()}">'
    )
    (tmp_path / "c.txt").write_text(NAMES[1], "utf-16")
    assert {name for name, _ in found_in(tmp_path)} == {"a.parquet", "b.html", "c.txt"}


@pytest.mark.parametrize("name", ["data/raw/elever.csv", "data/processed/x.parquet", "my.key"])
def test_the_hook_refuses_exports_pupil_tables_and_keys(name, capsys):
    assert guard([name]) == 1
    assert name in capsys.readouterr().out
    config = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    pattern = re.search(r"pilot_analysis.guard\n.*?files: (\S+)", config, re.DOTALL)[1]
    assert re.search(pattern, name)
    ignored = subprocess.run(["git", "check-ignore", name], cwd=ROOT, check=False)
    assert ignored.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "column", "text", "told", "stops"),
    [
        ("exponering", "kalla", "Anna Svensson", "seems to name a person", False),
        ("exponering", "kalla", "ring 070-123 45 67", "a telephone number", True),
        ("exponering", "kalla", "20020211-2397", "a personal identity number", True),
        ("skolor", "skolnamn", "Skolan, 2002 02 11-2397", "a personal identity number", True),
        ("skolor", "skolnamn", "expedition@skolan.example", "an e-mail address", True),
        ("elever", "klass", "Karin Lindberg", "seems to name a person", False),
        ("skolor", "skolnamn", "Anna Whitlocks gymnasium", "", False),
        ("exponering", "kalla", "utbildningskontoret, dnr 2019-1234", "", False),
    ],
)
def test_check_finds_what_tells_of_a_person_in_free_columns(
    file, column, text, told, stops, tmp_path
):
    raw = write_hand(tmp_path / "raw")

    def put(header, rows):
        rows[1][header.index(column)] = text

    rewrite(raw / f"{file}.csv", put)
    done = CliRunner().invoke(
        main, ["check", str(raw), "--language", "en"], env={"PILOT_KEY_FILE": str(tmp_path / "key")}
    )
    assert done.exit_code == int(stops), done.output
    assert (f"{file}.csv, row 3, column {column}: " in done.output) == bool(told), done.output
    assert told in done.output
    assert text not in done.output
