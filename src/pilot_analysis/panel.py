"""Processed tables to analysis panels: who is treated, from when, compared with whom."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.parameters import Parameters

# What makes a school no silent comparison: a history that is unknown, or earlier mentors.
_NOT_A_SILENT_CONTROL = ("unknown", "prestudy")


@dataclass(frozen=True)
class Outcome:
    """One outcome: this entry is all it takes to carry it through models, figures and report.

    `unit` is the effect absorbed beside terms: `stay` (a pupil at a school) where pupils are seen
    before and after, `school` where each pupil is seen in one grade only. `better` is the sign of
    an improvement.
    """

    name: str
    claim: str
    label: str
    unit: str
    better: int
    scale: float = 100.0
    school_forms: tuple[str, ...] = ("GR", "GY")
    weights: str | None = None
    absorb: str = "stay"


_POINTS = "percentage points"
_MINUTES = "scheduled_minutes"
OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome("absence_share", "C1", "Absence", _POINTS, -1, weights=_MINUTES),
        Outcome("invalid_absence_share", "C1", "Invalid absence", _POINTS, -1, weights=_MINUTES),
        Outcome("persistent_absence", "C1", "Persistent absence", _POINTS, -1),
        Outcome("reporting_rate", "C1", "Lesson time reported", _POINTS, 1, weights=_MINUTES),
        Outcome("goals_share_registered", "C2", "Goals reached, of registered", _POINTS, 1),
        Outcome("goals_share", "C2", "Goals reached, of graded", _POINTS, 1),
        Outcome("merit", "C2", "Merit value", "merit points", 1, 1.0, ("GR",)),
        Outcome("eligible_vocational", "C2", "Eligible, vocational programs", _POINTS, 1,
                school_forms=("GR",), absorb="school"),
        Outcome("eligible_academic", "C2", "Eligible, academic programs", _POINTS, 1,
                school_forms=("GR",), absorb="school"),
        Outcome("grade_points", "C2", "Grade-point average", "grade points", 1, 1.0, ("GY",)),
        Outcome("points_passed", "C2", "Course points passed", "course points", 1, 1.0, ("GY",)),
    )
}  # fmt: skip

SCHOOL_FORM_NAMES = {"GR": "Lower secondary", "GY": "Upper secondary"}
BASELINE_COVARIATES = (
    "girl", "foreign_background", "newly_arrived", "parental_education_low",
    "parental_education_high", "grade_second", "grade_third",
)  # fmt: skip


def outcomes(claim: str, school_form: str) -> list[Outcome]:
    """List the outcomes of a claim that exist in a school form."""
    return [o for o in OUTCOMES.values() if o.claim == claim and school_form in o.school_forms]


@dataclass(frozen=True)
class Panel:
    """An analysis panel, one row a pupil x term x school, and how its rows were chosen.

    `flow` has one row a step: what was left out, why, and what remained. `refused` names schools
    that may not be comparisons. `quality` is ingest's report.
    """

    data: pd.DataFrame
    flow: pd.DataFrame
    refused: dict[str, str] = field(default_factory=dict)
    quality: dict[str, Any] = field(default_factory=dict)

    @property
    def synthetic(self) -> bool:
        """Whether the exports were made by the generator."""
        return bool(self.quality.get("synthetic", False))

    def form(self, school_form: str) -> pd.DataFrame:
        """Return the rows of one school form; the forms are never pooled into one effect."""
        return self.data[self.data["school_form"] == school_form]

    @property
    def school_forms(self) -> list[str]:
        """The school forms with at least one treated and one comparison school."""
        found = []
        for name, rows in self.data.groupby("school_form"):
            ever = rows.groupby("school")["ever_treated"].first()
            if ever.any() and not ever.all():
                found.append(str(name))
        return found


def read_table(processed: Path, name: str) -> pd.DataFrame:
    """Read one processed table.

    Raises `FileNotFoundError` with what to do when ingest has not been run.
    """
    path = Path(processed) / f"{name}.parquet"
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; run pilot ingest first")
    return pd.read_parquet(path)


def read_quality(processed: Path) -> dict[str, Any]:
    """Read ingest's quality report."""
    found: dict[str, Any] = json.loads((Path(processed) / "quality.json").read_text("utf-8"))
    return found


class _Flow:
    """Collects how many rows, pupils and schools each step leaves."""

    def __init__(self, data: pd.DataFrame) -> None:
        self.rows: list[dict[str, object]] = []
        self.add("in the processed tables", data)

    def add(self, step: str, data: pd.DataFrame) -> None:
        before = self.rows[-1]["pupil_terms"] if self.rows else len(data)
        self.rows.append(
            {
                "step": step,
                "pupil_terms": len(data),
                "left_out": int(before) - len(data),  # type: ignore[call-overload]
                "pupils": data["pupil"].nunique(),
                "schools": data["school"].nunique(),
            }
        )


def refused_controls(exposure: pd.DataFrame, admit: Sequence[str]) -> dict[str, str]:
    """Name comparison schools whose history is unknown or that had mentors before, and why.

    `admit` lists schools that may be comparisons all the same. Raises `ValueError` for a name the
    register does not know.
    """
    unknown = sorted(set(admit) - set(exposure["school"]))
    if unknown:
        raise ValueError(f"admit_controls: not in the exposure register: {', '.join(unknown)}")
    refused = {}
    for school, rows in exposure.groupby("school"):
        status = set(rows["status"])
        if "pilot" in status or school in admit:
            continue
        for reason in _NOT_A_SILENT_CONTROL:
            if reason in status:
                refused[str(school)] = reason
    return refused


def _week_minutes(processed: Path, include_remote: bool) -> pd.DataFrame:
    """Return minutes by pupil x school x term, from all weeks or from weeks taught on site."""
    weeks = read_table(processed, "pupil_weeks")
    if not include_remote:
        weeks = weeks[weeks["remote_share"] < 0.5]
    columns = ["scheduled_minutes", "reported_minutes", "absent_minutes", "invalid_minutes"]
    return weeks.groupby(["pupil", "school", "term"], as_index=False)[columns].sum()


def absence_share(table: pd.DataFrame, coding: str) -> pd.Series:
    """Return absence as a share of lesson time (0 to 1) under a coding of unreported time.

    `present`: nobody's report means present (the registers' own rule). `dropped`: unreported time
    leaves the denominator. `absent`: unreported time is absence, the upper bound.
    """
    scheduled = table["scheduled_minutes"].where(table["scheduled_minutes"] > 0)
    absent, reported = table["absent_minutes"], table["reported_minutes"]
    if coding == "present":
        share = absent / scheduled
    elif coding == "dropped":
        share = absent / reported.where(reported > 0)
    elif coding == "absent":
        share = (absent + scheduled - reported) / scheduled
    else:
        raise ValueError(f"absence_coding is present, dropped or absent, not {coding!r}")
    return share.clip(0, 1)


def _with_attendance(data: pd.DataFrame, processed: Path, parameters: Parameters) -> pd.DataFrame:
    minutes = ["scheduled_minutes", "reported_minutes", "absent_minutes", "invalid_minutes"]
    if not parameters.include_remote_weeks:
        found = _week_minutes(processed, include_remote=False)
        data = data.drop(columns=minutes).merge(
            found, on=["pupil", "school", "term"], how="left", validate="one_to_one"
        )
        data[minutes] = data[minutes].fillna(0)
    scheduled = data["scheduled_minutes"].where(data["scheduled_minutes"] > 0)
    share = absence_share(data, parameters.absence_coding)
    return data.assign(
        absence_share=share,
        invalid_absence_share=(data["invalid_minutes"] / scheduled).clip(0, 1),
        reporting_rate=(data["reported_minutes"] / scheduled).clip(0, 1),
        persistent_absence=(share >= parameters.persistent_absence_threshold)
        .astype(float)
        .where(share.notna()),
    )


def _with_design(data: pd.DataFrame) -> pd.DataFrame:
    """Add what the estimators need: numbers for terms, effects to absorb, covariates."""
    first = terms.numbers(data["first_treated"])
    number = terms.numbers(data["term"])
    education = data["parental_education"]
    return data.assign(
        term_number=number,
        first_treated_number=first,
        ever_treated=first.notna(),
        treated=((number >= first) & first.notna()).astype(float),
        event_time=number - first,
        # A number, not text: it is factorised in every model.
        stay=pd.factorize(data["pupil"] + " " + data["school"], sort=True)[0],
        girl=(data["sex"] == "girl").astype(float),
        foreign_background=data["foreign_background"].astype(float).fillna(0.0),
        newly_arrived=data["newly_arrived"].astype(float).fillna(0.0),
        parental_education_low=(education == 1).astype(float),
        parental_education_high=(education == 3).astype(float),
        grade_second=data["grade"].isin([8, 2]).astype(float),
        grade_third=data["grade"].isin([9, 3]).astype(float),
    )


def build(processed: Path, parameters: Parameters) -> Panel:
    """Return the analysis panel of a run.

    Keeps the terms and schools the parameters name, refuses comparison schools with unknown or
    earlier treatment unless admitted by name, and drops rows without lesson time. Terms from
    which a pilot school's status is unknown are dropped too. Every step is counted in `flow`.
    """
    processed = Path(processed)
    data = read_table(processed, "pupil_terms")
    exposure = read_table(processed, "exposure")
    flow = _Flow(data)
    unknown = sorted(set(parameters.exclude_schools) - set(exposure["school"]))
    if unknown:
        raise ValueError(f"exclude_schools: not in the exposure register: {', '.join(unknown)}")
    wanted = terms.between(parameters.first_term, parameters.last_term)
    data = data[data["term"].isin(wanted)]
    flow.add(f"terms {parameters.first_term} to {parameters.last_term}", data)
    data = data[~data["school"].isin(parameters.exclude_schools)]
    flow.add("schools left out by parameter", data)
    refused = refused_controls(exposure, parameters.admit_controls)
    data = data[~data["school"].isin(list(refused))]
    flow.add("schools whose history forbids comparison", data)
    admitted = data["school"].isin(parameters.admit_controls)
    data = data[(data["status"] != "unknown") | admitted]
    flow.add("terms with unknown status", data)
    data = _with_attendance(data, processed, parameters)
    data = data[data["scheduled_minutes"] > 0]
    flow.add("no lesson time", data)
    if data.empty:
        raise ValueError("no pupil is left in the analysis; see the parameters of the sample")
    data = _with_design(data.reset_index(drop=True))
    prestudy = set(exposure.loc[exposure["status"] == "prestudy", "school"])
    data["earlier_prestudy"] = data["school"].isin(prestudy)
    return Panel(data, pd.DataFrame(flow.rows), refused, read_quality(processed))


def school_terms(data: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Return school x term means of an outcome, weighted as the outcome asks, with counts."""
    known = data[data[outcome.name].notna()]
    weight = known[outcome.weights] if outcome.weights else pd.Series(1.0, index=known.index)
    keys = ["school_form", "school", "term", "term_number", "first_treated_number", "ever_treated"]
    summed = (
        known.assign(_weighted=known[outcome.name] * weight, _weight=weight)
        .groupby(keys, dropna=False, as_index=False)
        .agg(_weighted=("_weighted", "sum"), weight=("_weight", "sum"), pupils=("pupil", "nunique"))
    )
    summed[outcome.name] = summed["_weighted"] / summed["weight"]
    return summed.drop(columns="_weighted")


def group_trends(data: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Return term means of pilot and comparison schools: each school counts once.

    Columns: school_form, ever_treated, term, term_number, mean, low, high (lowest and highest
    school are never shown; the band is mean plus and minus one standard error over schools),
    n_schools, n_pupils. In the outcome's unit.
    """
    cells = school_terms(data, outcome)
    grouped = cells.groupby(["school_form", "ever_treated", "term", "term_number"], as_index=False)
    trend = grouped.agg(
        mean=(outcome.name, "mean"),
        sd=(outcome.name, "std"),
        n_schools=("school", "nunique"),
        n_pupils=("pupils", "sum"),
    )
    error = outcome.scale * trend["sd"] / np.sqrt(trend["n_schools"])
    trend["mean"] *= outcome.scale
    return trend.assign(low=trend["mean"] - error, high=trend["mean"] + error).drop(columns="sd")


def change_table(panel: Panel, outcome: str) -> pd.DataFrame:
    """Return the mean before and after the first start, pilot and comparison schools, and the gap.

    In the outcome's unit; schools count once. A description, not an estimate.
    """
    described = OUTCOMES[outcome]
    cells = school_terms(panel.data, described)
    first = panel.data.groupby("school_form")["first_treated_number"].min()
    after = cells["term_number"] >= cells["school_form"].map(first)
    cells = cells.assign(period=np.where(after, "after", "before"))
    means = cells.groupby(["school_form", "ever_treated", "period"])[outcome].mean()
    table = described.scale * means.unstack("period")
    table["change"] = table["after"] - table["before"]
    table = table.reset_index()
    table["ever_treated"] = np.where(table["ever_treated"], "pilot", "comparison")
    return table.rename(columns={"ever_treated": "schools"})[
        ["school_form", "schools", "before", "after", "change"]
    ]


def balance(panel: Panel) -> pd.DataFrame:
    """Return `baseline_balance` of every school form."""
    return pd.concat(
        [baseline_balance(panel.data, form) for form in panel.school_forms], ignore_index=True
    )


def baseline_balance(data: pd.DataFrame, school_form: str) -> pd.DataFrame:
    """Compare pilot and comparison pupils in the last term before anything started.

    Returns covariate, mean_pilot, mean_comparison, hedges_g (pooled pupil standard deviation,
    small-sample factor 1 - 3/(4 df - 1); Hedges 1981), n_pilot, n_comparison.
    """
    rows = data[data["school_form"] == school_form]
    before = rows[rows["term_number"] < rows["first_treated_number"].min()]
    last = before[before["term_number"] == before["term_number"].max()]
    names = {
        "girl": "Girls", "foreign_background": "Foreign background",
        "newly_arrived": "Newly arrived", "parental_education_low": "Parents: compulsory school",
        "parental_education_high": "Parents: higher education", "absence_share": "Absence",
        "persistent_absence": "Persistent absence", "reporting_rate": "Lesson time reported",
        "goals_share_registered": "Goals reached, of registered", "merit": "Merit value",
        "grade_points": "Grade-point average",
    }  # fmt: skip
    table = []
    for column, name in names.items():
        pilot = last.loc[last["ever_treated"], column].dropna()
        other = last.loc[~last["ever_treated"], column].dropna()
        if len(pilot) < 2 or len(other) < 2:
            continue
        df = len(pilot) + len(other) - 2
        pooled = np.sqrt(((len(pilot) - 1) * pilot.var() + (len(other) - 1) * other.var()) / df)
        g = (pilot.mean() - other.mean()) / pooled * (1 - 3 / (4 * df - 1)) if pooled else np.nan
        table.append(
            {
                "covariate": name,
                "mean_pilot": pilot.mean(),
                "mean_comparison": other.mean(),
                "hedges_g": g,
                "n_pilot": len(pilot),
                "n_comparison": len(other),
            }
        )
    return pd.DataFrame(table).assign(school_form=school_form)


def exposure_map(processed: Path) -> pd.DataFrame:
    """Return school x term: school_form, status, organisation, for the timeline figure."""
    exposure = read_table(processed, "exposure")
    return exposure.assign(term_number=terms.numbers(exposure["term"])).sort_values(
        ["school_form", "school", "term_number"], ignore_index=True
    )
