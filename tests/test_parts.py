"""Ingest by parts, each file read by a job of its own: the same tables, messages and secrecy."""

import os
import shutil
import stat

import pandas as pd
import pytest
from hand import HAND, write_hand

from pilot_analysis.errors import PilotError
from pilot_analysis.ingest import IngestError, ingest, read_part
from pilot_analysis.ingest.parts import FOLDER

KEY = b"k" * 32


def by_parts(raw, out, **options):
    for path in sorted(raw.glob("*.csv"), reverse=True):
        read_part(raw, path.name, out, key=KEY, **options)
    return ingest(raw, out, by_parts=True, **options)


@pytest.mark.slow
def test_messy_exports_give_the_tables_and_the_report_of_one_ingest(messy_raw, tmp_path):
    raw = tmp_path / "raw"
    shutil.copytree(messy_raw, raw, ignore=shutil.ignore_patterns("truth.json"))
    whole = ingest(raw, tmp_path / "whole", key=KEY)
    parts = by_parts(raw, tmp_path / "parts")
    assert parts == whole
    assert len(list(raw.glob("franvaro*.csv"))) > 1
    for path in (tmp_path / "whole").glob("*.parquet"):
        found = pd.read_parquet(tmp_path / "parts" / path.name)
        pd.testing.assert_frame_equal(found, pd.read_parquet(path))
    assert not (tmp_path / "parts" / FOLDER).exists()


@pytest.mark.slow
def test_problems_of_all_files_are_told_at_once_and_nothing_is_written(tmp_path):
    broken = dict(HAND)
    broken["elever"] = broken["elever"].replace(";F;", ";Q;").replace(";P;", ";Q;")
    broken["franvaro"] = broken["franvaro"].replace(";giltig", ";kanske")
    raw = write_hand(tmp_path / "raw", **broken)
    with pytest.raises(IngestError) as whole:
        ingest(raw, tmp_path / "whole", key=KEY)
    with pytest.raises(IngestError) as parts:
        by_parts(raw, tmp_path / "parts")
    assert str(parts.value) == str(whole.value)
    assert len(parts.value.problems) >= 2
    assert not list((tmp_path / "parts").glob("*.parquet"))


@pytest.mark.slow
def test_parts_hold_pseudonyms_and_are_for_their_owner_alone(tmp_path):
    raw = write_hand(tmp_path / "raw")
    identifiers = {
        line.split(";")[0] for line in HAND["elever"].splitlines()[1:] if line.split(";")[0]
    }
    for path in raw.glob("*.csv"):
        read_part(raw, path.name, tmp_path / "out", key=KEY)
    folder = tmp_path / "out" / FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(p.suffix for p in folder.iterdir()).count(".partial") == 0
    for path in folder.iterdir():
        shown = (
            pd.read_parquet(path).to_csv() if path.suffix == ".parquet" else path.read_text("utf-8")
        )
        assert not [name for name in identifiers if name in shown], path.name


@pytest.mark.slow
def test_a_part_that_is_missing_or_older_than_its_file_is_not_used(tmp_path):
    raw, out = write_hand(tmp_path / "raw"), tmp_path / "out"
    for path in raw.glob("*.csv"):
        read_part(raw, path.name, out, key=KEY)
    shutil.copytree(out, tmp_path / "other")
    os.utime(raw / "betyg.csv", (1, 1))
    with pytest.raises(PilotError, match=r"betyg\.csv: was changed after"):
        ingest(raw, out, by_parts=True)
    (tmp_path / "other" / FOLDER / "betyg.csv.json").unlink()
    with pytest.raises(PilotError, match=r"betyg\.csv: has not been read"):
        ingest(raw, tmp_path / "other", by_parts=True)


def test_what_is_no_export_is_refused(tmp_path):
    raw = write_hand(tmp_path / "raw")
    with pytest.raises(PilotError, match="is not an export"):
        read_part(raw, "../secret.csv", tmp_path / "out", key=KEY)
