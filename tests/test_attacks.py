"""What a stranger may put into exports and scenarios is refused or rendered harmless."""

import zipfile

import pandas as pd
import pytest
from click.testing import CliRunner
from hand import HAND, write_hand
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilot_analysis import estimates, figures, panel
from pilot_analysis.cli import main
from pilot_analysis.errors import PilotError
from pilot_analysis.ingest import ingest

KEY = b"k" * 32
MARKUP = [
    "=CMD(1)",
    "+1",
    "@SUM(A1)",
    "<script>alert(4711)</script>",
    "A$_{$B",
    "#eval(x)",
    r"\input{/etc/passwd}",
    "](javascript:alert(1))",
]


@pytest.mark.parametrize("name", MARKUP)
def test_a_school_s_name_is_text_in_figures_and_spreadsheets(name, tmp_path):
    trend = pd.DataFrame(
        {
            "school_form": "GR",
            "school": [name],
            "status": ["none"],
            "organisation": [""],
            "term": ["HT2019"],
            "term_number": [4039],
        }
    )
    figure = figures.exposure_timeline(trend, synthetic=False)
    figures.save(figure, tmp_path / "timeline", trend)
    drawn = (tmp_path / "timeline.svg").read_text(encoding="utf-8")
    assert "<script>alert(4711)" not in drawn
    written = (tmp_path / "timeline.csv").read_text(encoding="utf-8").splitlines()[1]
    cell = written.split(",")[1].strip('"')
    assert not cell.startswith(("=", "+", "-", "@"))


def test_numbers_stay_numbers_where_formulas_are_neutralised(tmp_path):
    estimates.write_csv(pd.DataFrame({"a": [-1.5], "b": ["-x"]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "a,b\n-1.5,'-x\n"


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["\x1b[31m", "\x07", "\u202e", "\u2067", "\x00"])
def test_terminal_codes_and_turned_text_reach_no_message(sign, tmp_path):
    """A name with such a sign either stops with a message or goes on; nobody's terminal sees it."""
    odd = {stem: text.replace("Björkskolan", f"Björk{sign}skolan") for stem, text in HAND.items()}
    assert odd != HAND
    raw = write_hand(tmp_path / "raw", **odd)
    told = CliRunner().invoke(main, ["check", str(raw)]).output
    assert sign not in told
    assert "Traceback" not in told


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["\x1b[31m", "\x07", "\u202e", "\u2067", "\u200f", "\x9b"])
def test_what_turns_text_or_steers_terminals_reaches_no_table(sign, tmp_path):
    """Names with and without such signs are one school, in tables and so in every page."""
    odd = dict(HAND)
    odd["exponering"] = odd["exponering"].replace("Björkskolan", f"{sign}Björkskolan")
    odd["skolor"] = odd["skolor"].replace("Björkskolan", f"Björkskolan{sign}")
    raw = write_hand(tmp_path / "raw", **odd)
    plain = sign.lstrip("\x1b\x07\u202e\u2067\u200f\x9b")  # what of it can be seen stays
    try:
        ingest(raw, tmp_path / "out", key=KEY)
    except PilotError as error:
        assert plain  # only a name that visibly differs is another school
        assert sign not in str(error)
        return
    assert not plain
    for name in ("schools", "exposure", "pupil_terms"):
        table = pd.read_parquet(tmp_path / "out" / f"{name}.parquet")
        assert set(table["school"]) == {"Ängsskolan", "Björkskolan"}


def test_a_zip_whose_names_point_out_of_it_is_refused(tmp_path):
    raw = write_hand(tmp_path / "raw")
    with zipfile.ZipFile(raw / "elever.zip", "w") as packed:
        packed.writestr("../escaped.csv", "x")
    with pytest.raises(PilotError, match="path leads outside the archive"):
        ingest(raw, tmp_path / "out", key=KEY)
    assert not list(tmp_path.rglob("escaped.csv"))


@pytest.mark.slow
@pytest.mark.parametrize("out", ["x" * 300, "{x.__class__}", "CON"])
def test_odd_folders_are_refused_or_taken_as_they_are_written(out, tmp_path):
    raw = write_hand(tmp_path / "raw")
    done = CliRunner().invoke(
        main,
        ["ingest", "--raw", str(raw), "--out", str(tmp_path / "o" / out)],
        env={"PILOT_KEY_FILE": str(tmp_path / "key")},
    )
    assert done.exception is None or isinstance(done.exception, SystemExit)
    made = {p.name for p in (tmp_path / "o").iterdir()} if (tmp_path / "o").exists() else set()
    assert made <= {out}


_FILES = sorted(HAND)


@pytest.mark.long
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_readers_meet_any_bytes_with_a_message(tmp_path_factory, data):
    """Bytes put in, taken out or changed anywhere: a message, or a result; never a traceback."""
    folder = tmp_path_factory.mktemp("fuzz")
    raw = write_hand(folder / "raw")
    path = raw / f"{data.draw(st.sampled_from(_FILES))}.csv"
    content = path.read_bytes()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        gone = data.draw(st.integers(0, 8))
        odd = st.sampled_from(
            [
                b";",
                b'"',
                b"\n",
                b"\r\n",
                b"\xff",
                b"\0",
                b"\xef\xbb\xbf",
                b",",
                b"-1",
                b"1e309",
                b"9" * 30,
                "å".encode(),
                b"=CMD()",
            ]
        )
        put = data.draw(st.one_of(st.binary(max_size=6), odd))
        content = content[:at] + put + content[at + gone :]
    path.write_bytes(content)
    try:
        ingest(raw, folder / "out", key=KEY)
    except PilotError as error:
        assert "Traceback" not in str(error)
        assert not list((folder / "out").glob("*.parquet"))
    else:
        assert panel.read_quality(folder / "out")["files"]
