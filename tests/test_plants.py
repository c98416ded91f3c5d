"""What the last look finds of leaks planted in files of every kind, and that clean files pass."""

import pytest
from plants import MAIL, NAMES, PERSON, PSEUDONYM, SPELLINGS, clean, plants

from pilot_analysis.disclosure.audit import READERS, audit

CLEAN = clean()
PLANTED = [(f"{i:03d}-{name}", name, content) for i, (name, content) in enumerate(plants())]


def test_clean_files_of_every_kind_pass(tmp_path):
    for name, content in CLEAN.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / ".gitkeep").touch()
    assert audit(tmp_path) == []
    assert {f".{name.split('.')[1]}" for name in CLEAN} | {".md"} == set(READERS)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "content"), [p[1:] for p in PLANTED], ids=[p[0] for p in PLANTED])
def test_a_plant_is_found_and_not_quoted(name, content, tmp_path):
    if not name.startswith("alone"):
        (tmp_path / "figure.csv").write_bytes(CLEAN["figure.csv"])
    (tmp_path / name).write_bytes(content)
    found = audit(tmp_path)
    assert [f for f in found if f.file == name], name
    assert {f.file for f in found} == {name}
    told = str(found)
    assert not any(secret in told for secret in (PERSON, PSEUDONYM, MAIL, "Kanarie", *SPELLINGS))


@pytest.mark.parametrize("name", NAMES)
def test_names_and_places_of_files_are_looked_at(name, tmp_path):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CLEAN["figure.txt"])
    found = audit(tmp_path)
    assert found
    told = str(found)
    assert not any(secret in told for secret in ("1981", MAIL, PSEUDONYM))


def test_at_least_three_hundred_leaks_are_planted():
    assert len(PLANTED) + len(NAMES) >= 300
