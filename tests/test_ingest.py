"""Ingest: clean and messy exports give the same tables, and bad ones a message and nothing else."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from hand import HAND, HAND_KEY, write_hand

from pilot_analysis.ingest import IngestError, ingest
from pilot_analysis.ingest import pseudonyms as names
from pilot_analysis.panel import absence_share
from pilot_analysis.synthetic import mess

TABLES = (
    "schools",
    "exposure",
    "calendar",
    "pupil_terms",
    "pupil_weeks",
    "grades",
    "mentors",
    "pupil_survey",
    "staff_survey",
)
PUPIL_TERMS = [
    "pupil",
    "school",
    "school_form",
    "term",
    "grade",
    "class",
    "program",
    "sex",
    "birth_year",
    "foreign_background",
    "newly_arrived",
    "parental_education",
    "scheduled_minutes",
    "reported_minutes",
    "absent_minutes",
    "invalid_minutes",
    "remote_share",
    "n_registered",
    "n_graded",
    "n_passed",
    "n_not_studied",
    "term_merit",
    "merit",
    "eligible_vocational",
    "eligible_academic",
    "grade_points",
    "points_passed",
    "status",
    "organisation",
]


def read(folder, table):
    return pd.read_parquet(folder / f"{table}.parquet")


def test_tables_have_the_design_s_columns(tiny_processed):
    for table in TABLES:
        assert len(read(tiny_processed, table)) > 0, table
    assert list(read(tiny_processed, "pupil_terms").columns) == PUPIL_TERMS


def test_rows_read_are_rows_kept_plus_dropped_by_rule(tiny_raw, tiny_processed):
    quality = json.loads((tiny_processed / "quality.json").read_text(encoding="utf-8"))
    for entry in quality["files"]:
        lines = len((tiny_raw / entry["file"]).read_text(encoding="utf-8").splitlines()) - 1
        assert entry["rows_read"] == lines
        assert lines == entry["rows_kept"] + sum(entry["rows_dropped"].values())
    kept = {}
    for entry in quality["files"]:
        kept[entry["table"]] = kept.get(entry["table"], 0) + entry["rows_kept"]
    assert quality["processed"]["grades"] == kept["grades"]
    assert quality["processed"]["mentors"] == kept["mentors"]
    dropped = {rule for e in quality["files"] for rule in e["rows_dropped"]}
    assert {"superseded", "cancelled"} <= dropped


def test_minutes_and_counts_are_parts_of_each_other(tiny_processed):
    table = read(tiny_processed, "pupil_terms")
    for part, whole in (
        ("invalid_minutes", "absent_minutes"),
        ("absent_minutes", "reported_minutes"),
        ("reported_minutes", "scheduled_minutes"),
        ("n_passed", "n_graded"),
        ("n_graded", "n_registered"),
    ):
        both = table[[part, whole]].dropna()
        assert len(both) > 0.9 * len(table)
        assert (both[part] <= both[whole]).all(), part
    shares = [absence_share(table, coding) for coding in ("present", "dropped", "absent")]
    for share in shares:
        assert share.dropna().between(0, 1).all()
    # The three codings keep their order: unreported time is present, left out, absent.
    assert (shares[0] <= shares[1] + 1e-12).all()
    assert (shares[1] <= shares[2] + 1e-12).all()


@pytest.mark.slow
def test_pupil_terms_agree_with_the_generator(tiny_raw, tiny_processed):
    """Every report counted once: the processed minutes equal those of the newest reports."""
    reports = pd.concat(
        pd.read_csv(p, sep=";", dtype=str) for p in sorted(tiny_raw.glob("franvaro*.csv"))
    )
    newest = reports.sort_values("registrerad").drop_duplicates(
        ["elev_id", "datum", "lektion_start"], keep="last"
    )
    pupils = pd.read_csv(tiny_raw / "elever.csv", sep=";", dtype=str)
    protected = set(pupils.loc[pupils["skyddad"] == "J", "elev_id"])
    expected = newest.loc[~newest["elev_id"].isin(protected), "minuter"].astype(int).sum()
    assert read(tiny_processed, "pupil_terms")["absent_minutes"].sum() == expected
    assert read(tiny_processed, "pupil_weeks")["absent_minutes"].sum() == expected


def test_pupils_who_change_school_inside_a_term_have_a_row_a_school(tiny_processed):
    table = read(tiny_processed, "pupil_terms")
    twice = table[table.duplicated(["pupil", "term"], keep=False)]
    assert len(twice) > 0
    assert not table.duplicated(["pupil", "term", "school"]).any()
    normal = table.groupby(["school_form", "term"])["scheduled_minutes"].transform("max")
    both = twice.groupby(["pupil", "term"])["scheduled_minutes"].sum()
    whole = normal[twice.index].groupby([twice["pupil"], twice["term"]]).first()
    assert (both == whole).all()


@pytest.mark.slow
def test_order_of_files_and_rows_does_not_matter(mini_raw, mini_processed, tmp_path):
    mess.make_messy(mini_raw, tmp_path / "raw", ("column order",))
    for path in (tmp_path / "raw").glob("*.csv"):
        head, *body = path.read_text(encoding="utf-8").splitlines()
        order = np.random.default_rng(2).permutation(len(body))
        path.write_text("\n".join([head, *(body[i] for i in order)]) + "\n", encoding="utf-8")
    (tmp_path / "raw" / "truth.json").unlink()
    ingest(tmp_path / "raw", tmp_path / "out", key=names.SYNTHETIC_KEY)
    for table in TABLES:
        pd.testing.assert_frame_equal(read(tmp_path / "out", table), read(mini_processed, table))


@pytest.mark.slow
@pytest.mark.parametrize("kind", mess.KINDS)
def test_each_mess_gives_the_tables_of_its_clean_twin(kind, mini_raw, mini_processed, tmp_path):
    mess.make_messy(mini_raw, tmp_path / "raw", (kind,))
    ingest(tmp_path / "raw", tmp_path / "out")
    assert_same_tables(tmp_path / "out", mini_processed, kind)


@pytest.mark.slow
def test_all_mess_at_once_gives_the_tables_of_the_clean_twin(messy_processed, mini_processed):
    assert_same_tables(messy_processed, mini_processed, *mess.KINDS)


def assert_same_tables(folder, twin, *kinds):
    ignored = ["mentor_fte", "pupils_per_mentor", "cost_sek", "source"]
    ignored += ["date"]  # a grade's date is optional and used for nothing but corrections
    for table in TABLES:
        messy, clean = read(folder, table), read(twin, table)
        if "missing optional columns" in kinds:
            messy, clean = (t.drop(columns=ignored, errors="ignore") for t in (messy, clean))
        pd.testing.assert_frame_equal(messy, clean)


@pytest.mark.slow
def test_mess_is_reported_in_the_quality_report(messy_processed):
    quality = json.loads((messy_processed / "quality.json").read_text("utf-8"))
    assert {e["encoding"] for e in quality["files"]} == {"utf-8", "utf-8 with BOM", "cp1252"}
    assert all(e["extra_columns_dropped"] == ["systemkolumn"] for e in quality["files"])
    by_table = {}
    for entry in quality["files"]:
        for rule, n in entry["rows_dropped"].items():
            by_table.setdefault(entry["table"], {}).setdefault(rule, 0)
            by_table[entry["table"]][rule] += n
    for table in ("pupils", "teaching_time", "absence", "grades", "mentors"):
        assert by_table[table]["duplicate"] > 0, table


# --- A municipality of five pupils, worked by hand ---------------------------------------------


@pytest.mark.slow
def test_exports_worked_by_hand(tmp_path):
    quality = ingest(write_hand(tmp_path / "raw"), tmp_path / "out", key=HAND_KEY)
    assert quality["synthetic"] is False
    table = read(tmp_path / "out", "pupil_terms").set_index(["grade", "school", "class"])
    first = table.loc[(9, "Ängsskolan", "9A")]
    assert first["absent_minutes"] == 40
    assert first["invalid_minutes"] == 40
    assert first["scheduled_minutes"] == 2000
    assert first["reported_minutes"] == 1800
    assert first["remote_share"] == 0.5
    assert (first["n_registered"], first["n_graded"], first["n_passed"]) == (4, 2, 1)
    assert first["term_merit"] == 20
    assert np.isnan(first["merit"])  # autumn
    assert (first["status"], first["organisation"]) == ("pilot", "class")
    moved = table.loc[(8, "Björkskolan", "8A")].sort_values("absent_minutes")
    assert moved["absent_minutes"].tolist() == [0, 500]  # L3, and L1 capped
    assert len(table) == 5  # L2 is protected
    files = {e["file"]: e for e in quality["files"]}
    assert files["franvaro.csv"]["rows_dropped"] == {
        "superseded": 2,
        "cancelled": 1,
        "duplicate": 1,
        "no_teaching_time": 1,
        "protected_identity": 1,
    }
    assert quality["adjusted"]["weeks_with_absence_capped_at_scheduled_time"] == 1
    schools = read(tmp_path / "out", "schools")
    assert schools["unit"].tolist() == ["01234567", "01234568", "01234569"]


BAD = {
    "decimal point": (
        {"kalender": HAND["kalender"].replace("0,0", "0.0")},
        ["kalender.csv, row 2, column distans", "decimal comma"],
    ),
    "date as 26/08/2019": (
        {"franvaro": HAND["franvaro"].replace("2019-08-26;08", "26/08/2019;08")},
        ["franvaro.csv, row 2, column datum", "(3 rows)", "'99/99/9999'", "YYYY-MM-DD"],
    ),
    "date as 20190826": (
        {"franvaro": HAND["franvaro"].replace("2019-08-26;08", "20190826;08")},
        ["column datum"],
    ),
    "30 February": (
        {"franvaro": HAND["franvaro"].replace("2019-08-26;08", "2019-02-30;08")},
        ["column datum"],
    ),
    "negative minutes": (
        {"franvaro": HAND["franvaro"].replace(";40;", ";-40;")},
        ["row 3, column minuter", "whole number from 0 to 600"],
    ),
    "unknown grade": (
        {"betyg": HAND["betyg"].replace(";F\n", ";IG\n")},
        ["column betyg", "must be one of A, B"],
    ),
    "lost leading zero": (
        {"skolor": HAND["skolor"].replace("01234567", "1234567")},
        ["skolor.csv, row 2, column skolenhetskod", "eight digits"],
    ),
    "missing column": (
        {"betyg": HAND["betyg"].replace("betyg\n", "omdome\n", 1)},
        ["betyg.csv", "lacks betyg"],
    ),
    "column twice": (
        {"kalender": HAND["kalender"].replace("distans", "vecka", 1)},
        ["vecka", "twice"],
    ),
    "too many fields": (
        {"betyg": HAND["betyg"].replace(";A\n", ";A;\n")},
        ["betyg.csv, row 2", "more fields"],
    ),
    "cut off": ({"betyg": HAND["betyg"][:-3]}, ["betyg.csv", "cut off"]),
    "empty file": ({"betyg": ""}, ["betyg.csv", "is empty"]),
    "missing file": ({"elever": None}, ["elever*.csv", "is missing"]),
    "NUL": ({"betyg": HAND["betyg"].replace(";A\n", ";A\0\n")}, ["NUL byte at byte"]),
    "unbalanced quote": (
        {"betyg": HAND["betyg"].replace(";A\n", ';"A\n')},
        ["betyg.csv", "quotation mark"],
    ),
    "encoded twice": ({"skolor": "Ã¤;" + HAND["skolor"]}, ["skolor.csv", "encoded twice"]),
    "school unknown to skolor": (
        {"betyg": HAND["betyg"].replace("01234567", "99999999")},
        ["is not in skolor.csv"],
    ),
    "register names another school": (
        {"exponering": HAND["exponering"].replace("Björkskolan", "Björkskola")},
        ["exponering.csv", "is not a school of skolor.csv"],
    ),
    "pilot without organisation": (
        {"exponering": HAND["exponering"].replace(";klass", ";")},
        ["has no organisation"],
    ),
    "week twice": (
        {"undervisningstid": HAND["undervisningstid"] + "L3;01234569;2019-W35;900;900\n"},
        ["stands twice with different minutes"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD)
def test_bad_exports_get_a_message_and_leave_earlier_results(name, hand_processed, tmp_path):
    changed, parts = BAD[name]
    shutil.copytree(hand_processed, tmp_path / "out")
    before = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    with pytest.raises(IngestError) as caught:
        ingest(write_hand(tmp_path / "bad", **changed), tmp_path / "out", key=HAND_KEY)
    for part in parts:
        assert part in str(caught.value)
    for secret in ("200601012384", "060101-2384", "0601022399"):
        assert secret not in str(caught.value)
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == before


def test_all_problems_are_told_at_once(tmp_path):
    raw = write_hand(
        tmp_path / "raw",
        betyg=HAND["betyg"].replace(";F\n", ";IG\n"),
        skolor=None,
        franvaro=HAND["franvaro"].replace(";40;", ";x;"),
    )
    with pytest.raises(IngestError) as caught:
        ingest(raw, tmp_path / "out", key=HAND_KEY)
    assert len(caught.value.problems) == 3
    assert {p.file for p in caught.value.problems} == {"betyg.csv", "skolor*.csv", "franvaro.csv"}


def test_symbolic_links_are_refused(tmp_path):
    raw = write_hand(tmp_path / "raw", betyg=None)
    elsewhere = tmp_path / "elsewhere.csv"
    elsewhere.write_text(HAND["betyg"], encoding="utf-8")
    (raw / "betyg.csv").symlink_to(elsewhere)
    with pytest.raises(IngestError, match="symbolic link"):
        ingest(raw, tmp_path / "out", key=HAND_KEY)


@pytest.mark.slow
def test_files_that_are_not_exports_are_left_alone(tmp_path):
    raw = write_hand(tmp_path / "raw")
    (raw / ".DS_Store").write_bytes(b"\0")
    (raw / "~$betyg.csv").write_bytes(b"\0")
    (raw / "notes.txt").write_text("to do")
    assert ingest(raw, tmp_path / "out", key=HAND_KEY)["processed"]["pupil_terms"] == 5


def test_real_exports_beside_synthetic_ones_are_refused(tiny_raw, tmp_path):
    raw = tmp_path / "raw"
    shutil.copytree(tiny_raw, raw)
    with (raw / "betyg.csv").open("a", encoding="utf-8") as file:
        file.write("L1;01234567;HT2019;SV;;A;2019-12-18\n")
    with pytest.raises(IngestError, match=r"betyg.csv: is not as the generator wrote it"):
        ingest(raw, tmp_path / "out")


@pytest.mark.slow
def test_free_text_and_identifiers_reach_no_table(tiny_raw, tiny_processed):
    pupils = pd.read_csv(tiny_raw / "elever.csv", sep=";", dtype=str)
    secrets = [*pupils["elev_id"].unique()[:200], "Bra stämning"]
    for path in tiny_processed.iterdir():
        if path.name == "truth.json":
            continue
        text = (
            pd.read_parquet(path).to_csv()
            if path.suffix == ".parquet"
            else path.read_text(encoding="utf-8")
        )
        assert not [s for s in secrets if s in text], path.name


def test_protected_pupils_are_in_no_row_level_table(tiny_raw, tiny_processed):
    pupils = pd.read_csv(tiny_raw / "elever.csv", sep=";", dtype=str)
    protected = pupils.loc[pupils["skyddad"] == "J", "elev_id"].unique()
    assert len(protected) > 0
    hashes = {names.pseudonym(p, names.SYNTHETIC_KEY) for p in protected}
    for table in ("pupil_terms", "pupil_weeks", "grades", "mentors"):
        assert not hashes & set(read(tiny_processed, table)["pupil"]), table


# --- Pseudonyms -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        "200601012384",
        "20060101-2384",
        "0601012384",
        "060101-2384",
        " 060101-2384 ",
        "20060101\u00a02384",
    ],
)
def test_one_pupil_in_every_spelling_is_one_pseudonym(spelling):
    expected = names.pseudonym("200601012384", b"k" * 32)
    assert names.pseudonym(spelling, b"k" * 32) == expected
    assert names.pseudonym(spelling, b"l" * 32) != expected


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("0601612383", "200601612383"),
        ("060101+2384", "190601012384"),
        ("060101-T234", "20060101T234"),
        ("l00000001", "L00000001"),
    ],
)
def test_other_legal_forms(written, same):
    assert names.normalise(written) == names.normalise(same)


def test_key_is_created_for_its_owner_alone(tmp_path, monkeypatch):
    path = tmp_path / "keys" / "pilot.key"
    monkeypatch.setenv("PILOT_KEY_FILE", str(path))
    key = names.load_key()
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert names.load_key() == key
    path.chmod(0o644)
    with pytest.raises(names.KeyFileError, match="others can read the key"):
        names.load_key()
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(names.KeyFileError, match="shorter than"):
        names.load_key()


def test_key_may_not_live_inside_a_checkout(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("PILOT_KEY_FILE", str(tmp_path / "sub" / "pilot.key"))
    with pytest.raises(names.KeyFileError, match="inside a repository"):
        names.load_key()
    assert not (tmp_path / "sub").exists()
