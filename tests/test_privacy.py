"""What identifies a pupil is in no file, log or message that a run leaves, also when it fails."""

import base64
import contextlib
import csv
import json
import os
import re
import shutil
import subprocess
import sys

import pandas as pd
import pypdfium2
import pytest
from click.testing import CliRunner
from conftest import FEW_DRAWS, ROOT, TINY
from PIL import Image

from pilot_analysis.cli import main
from pilot_analysis.files import digest
from pilot_analysis.guard import main as guard
from pilot_analysis.runs.configure import private
from pilot_analysis.synthetic.export import simulate

# Nobody's: the Swedish Tax Agency's printed example and test numbers, names and addresses made up.
PERSONS = [
    ["19811218-9876", "811218-9876", "198112189876"],
    ["20060101-2384", "0601012384"],
    ["811218+9876"],
    ["19701063-2391", "701063-2391"],
    ["19811218-T876"],
]
NUMBERS = [spelling for person in PERSONS for spelling in person]
NAMES = [
    "Kanarie Fågelsson",
    "kanarie.fagelsson@example.org",
    "Mentor Hönsbo",
    "hemlig fritext 4711",
]
CANARIES = [*NUMBERS, *NAMES]


def rewrite(path, change):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    change(rows[0], rows[1:])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\n").writerows(rows)


def plant(folder):
    """Give the exports recognisable pupils, mentors, names and free text; they are real now."""
    simulate(TINY, folder)
    (folder / "truth.json").unlink()
    known: dict[str, list[str]] = {}

    def pupils(header, rows):
        """Give the first pupils the canaries' numbers, spelt otherwise from line to line."""
        column = header.index("elev_id")
        for number, row in enumerate(rows):
            if len(known) < len(PERSONS):
                known.setdefault(row[column], PERSONS[len(known)])
            if row[column] in known:
                spellings = known[row[column]]
                row[column] = spellings[number % len(spellings)]

    for path in [folder / "elever.csv", folder / "betyg.csv", folder / "mentorer.csv",
                 *folder.glob("franvaro*.csv"), *folder.glob("undervisningstid*.csv")]:  # fmt: skip
        rewrite(path, pupils)

    def named(header, rows):
        header += ["namn", "epost"]
        for row in rows:
            row += NAMES[:2]

    rewrite(folder / "elever.csv", named)

    def mentor(header, rows):
        for row in rows:
            row[header.index("mentor_id")] = NAMES[2]

    rewrite(folder / "mentorer.csv", mentor)

    def told(header, rows):
        for row in rows:
            row[header.index("fritext")] = f"{NAMES[3]} {NUMBERS[0]}"

    for name in ("elevenkat.csv", "personalenkat.csv"):
        rewrite(folder / name, told)


def decoded(path):
    """Return everything readable in a file: its text, and what is packed inside it."""
    data = path.read_bytes()
    texts = [data.decode("utf-8", "replace"), data.decode("utf-16", "replace")]
    if path.suffix == ".parquet":
        with contextlib.suppress(OSError):  # the test itself has broken one
            texts.append(pd.read_parquet(path).to_csv())
    elif path.suffix == ".pdf":
        texts += [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]
    elif path.suffix == ".png":
        texts.append(str(Image.open(path).info))
    for packed in re.findall(rb"[A-Za-z0-9+/=\\]{200,}", data):
        plain = packed.replace(b"\\n", b"")
        inside = base64.b64decode(plain[: len(plain) // 4 * 4], validate=False)
        texts.append(inside.decode("latin-1"))
    return "\n".join(texts)


def found_in(folder):
    return [
        (str(path.relative_to(folder)), canary)
        for path in folder.rglob("*")
        if path.is_file()
        for text in [decoded(path)]
        for canary in CANARIES
        if canary in text
    ]


@pytest.mark.slow
def test_no_canary_leaves_ingest_also_when_steps_fail(tmp_path):
    exports, out, home = tmp_path / "exports", tmp_path / "out", tmp_path / "home"
    plant(exports)
    environment = os.environ | {"PILOT_KEY_FILE": str(home / "key")}
    said = []

    def run():
        done = subprocess.run(
            [sys.executable, "-m", "pilot_analysis.cli", "run", "--raw", str(exports), "--out",
             str(out), *FEW_DRAWS],
            capture_output=True, text=True, check=False, cwd=ROOT, env=environment,
        )  # fmt: skip
        said.extend([done.stdout, done.stderr])
        return done.returncode

    assert run() == 0, said
    assert (out / "site" / "index.html").exists()

    # A notebook fails: its executed copy and traceback stay in failed/.
    work = private(out)
    table = work / "processed" / "pupil_terms.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:1000])
    seal = work / "processed" / ".ingested.json"
    stamp = json.loads(seal.read_text())
    seal.write_text(json.dumps(stamp | {"outputs": stamp["outputs"] | {str(table): digest(table)}}))
    assert run() == 1
    assert list((work / "failed").glob("*.ipynb"))
    table.write_bytes(whole)

    # Ingest fails, on cells that hold what must not be told.
    def broken(header, rows):
        for row in rows[:20]:
            row[header.index("minuter")] = NUMBERS[0]
            row[header.index("datum")] = NAMES[0]
            row[header.index("typ")] = NUMBERS[4]

    rewrite(next(exports.glob("franvaro*.csv")), broken)
    assert run() == 1
    check = subprocess.run(
        [sys.executable, "-m", "pilot_analysis.cli", "check", str(exports), "--json"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert check.returncode == 1
    said += [check.stdout, check.stderr]

    # The reader itself fails: its own message would quote the line.
    path = next(exports.glob("betyg*.csv"))
    path.write_text(path.read_text("utf-8") + f'{NUMBERS[0]};"{NAMES[0]}\n', "utf-8")
    assert run() == 1

    assert found_in(out) == found_in(work) == []
    for text in said:
        assert not [canary for canary in CANARIES if canary in text]
        assert "Traceback" not in text


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
    file, column, text, told, stops, tiny_raw, tmp_path
):
    raw = tmp_path / "raw"
    shutil.copytree(tiny_raw, raw)
    (raw / "truth.json").unlink()

    def put(header, rows):
        rows[3][header.index(column)] = text

    rewrite(raw / f"{file}.csv", put)
    done = CliRunner().invoke(
        main, ["check", str(raw), "--language", "en"], env={"PILOT_KEY_FILE": str(tmp_path / "key")}
    )
    assert done.exit_code == int(stops), done.output
    assert (f"{file}.csv, row 5, column {column}: " in done.output) == bool(told), done.output
    assert told in done.output
    assert text not in done.output
