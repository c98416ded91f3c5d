"""Synthetic exports told as Skolverket tells schools: a file a school year, few pupils suppressed."""

import json
import shutil
from pathlib import Path

import pandas as pd

from pilot_analysis import terms
from pilot_analysis.ingest import ingest
from pilot_analysis.synthetic.export import TRUTH_FILE, seal

_LAST_GRADE = 9
_FEWEST = 10  # pupils of a figure
_NEARLY_ALL = 5  # pupils without, up to which a share is told as about 100
_HEADER = (
    "Skol-enhetskod",
    "Antal elever",
    "Genomsnittligt meritvärde (17)",
    "Andel (%) uppnått kunskapskraven i alla ämnen",
    "Andel (%) behörig yrkesprog.",
)
_OUTCOMES = ("merit", "goals_all", "eligible_vocational")


def write_public_figures(exports: Path, scratch: Path, out: Path) -> list[Path]:
    """Write public figures of the synthetic `exports` into `out`, with register and schools.

    `scratch` is an empty folder for what lies between. The figures are those of pupils who finished
    grade 9 each spring, under the first unit of their school. Returns the files; `truth.json`
    beside them says that they are synthetic.
    """
    ingest(exports, scratch)
    pupils = pd.read_parquet(scratch / "pupil_terms.parquet")
    schools = pd.read_parquet(scratch / "schools.parquet")
    unit_of = schools.sort_values("unit", kind="stable").groupby("school")["unit"].first()
    out.mkdir(parents=True, exist_ok=True)
    made = [out / name for name in ("skolor.csv", "exponering.csv")]
    for path in made:
        shutil.copyfile(exports / path.name, path)
    finished = pupils[(pupils["grade"] == _LAST_GRADE) & pupils["term"].str.startswith("VT")]
    for term, rows in sorted(finished.groupby("term"), key=lambda pair: terms.number(pair[0])):
        year = int(str(term)[2:])
        lines = [f"Valt läsår: {year - 1}/{year % 100:02d}", "", ";".join(_HEADER)]
        for school, own in rows.groupby("school"):
            lines.append(";".join([unit_of[school], *_told(own)]))
        made.append(out / f"slutbetyg_{year}.csv")
        made[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    truth = json.loads((exports / TRUTH_FILE).read_text(encoding="utf-8"))
    effects = [e for e in truth["effects"] if e["outcome"] in _OUTCOMES]
    seal(out, {"notice": truth["notice"], "effects": effects})
    return made


def _told(own: pd.DataFrame) -> list[str]:
    """Return a school's figures as they are published."""
    graded = own["n_registered"].fillna(0) > 0
    passed = (own["n_passed"] >= own["n_registered"]).where(graded)
    eligible = own["eligible_vocational"].astype(float)
    return [str(len(own)), _mean(own["merit"]), _share(passed), _share(eligible)]


def _mean(values: "pd.Series[float]") -> str:
    known = values.dropna()
    return ".." if len(known) < _FEWEST else f"{known.mean():.1f}".replace(".", ",")


def _share(having: "pd.Series[float]") -> str:
    known = having.dropna().astype(float)
    if len(known) < _FEWEST:
        return ".."
    lacking = len(known) - known.sum()
    return "~100" if 0 < lacking < _NEARLY_ALL else f"{100 * known.mean():.1f}".replace(".", ",")
