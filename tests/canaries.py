"""Exports that hold what identifies a pupil, and the search for it in whatever a run leaves."""

import base64
import contextlib
import csv
import re

import pandas as pd
import pypdfium2
from PIL import Image

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


def plant(folder, scenario):
    """Give the exports recognisable pupils, mentors, names and free text; they are real now."""
    simulate(scenario, folder)
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

    for path in [
        folder / "elever.csv",
        folder / "betyg.csv",
        folder / "mentorer.csv",
        *folder.glob("franvaro*.csv"),
        *folder.glob("undervisningstid*.csv"),
    ]:
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
