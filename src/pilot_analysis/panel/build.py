"""Processed tables to the analysis panel: who is treated, from when, compared with whom."""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import description, terms
from pilot_analysis.errors import PilotError
from pilot_analysis.forms import LAST_GRADES, in_order
from pilot_analysis.parameters import Parameters

# What makes a school no silent comparison: a history that is unknown, or earlier mentors.
_NOT_A_SILENT_CONTROL = ("unknown", "prestudy")
BASELINE_COVARIATES = (
    "girl",
    "foreign_background",
    "newly_arrived",
    "parental_education_low",
    "parental_education_high",
    "grade_second",
    "grade_third",
)


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
        found = self._by_form.get(school_form, self.data.iloc[:0])
        return found.copy(deep=False)

    @functools.cached_property
    def _by_form(self) -> dict[str, pd.DataFrame]:
        return {str(form): rows for form, rows in self.data.groupby("school_form")}

    @property
    def school_forms(self) -> list[str]:
        """The school forms in the data, whether or not they can be compared."""
        return in_order(str(name) for name in self.data["school_form"].unique())


def read_table(processed: Path, name: str, **wanted: Any) -> pd.DataFrame:
    """Read one processed table; `wanted` as in `pd.read_parquet`: its `columns`, `filters`.

    Raises `FileNotFoundError` with what to do when ingest has not been run.
    """
    path = Path(processed) / f"{name}.parquet"
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; run pilot ingest first")
    return pd.read_parquet(path, **wanted)


def school_forms(processed: Path) -> list[str]:
    """Return the school forms that the processed tables hold, in the order of reports."""
    path = Path(processed) / "pupil_terms.parquet"
    if not path.exists():
        return []
    found = pd.read_parquet(path, columns=["school_form"])["school_form"]
    return in_order(str(name) for name in found.unique())


def terms_lacking(processed: Path, parameters: Parameters) -> str:
    """Return which terms of the analysis have no pupil in the tables, as text; empty where all have."""
    path = Path(processed) / "pupil_terms.parquet"
    there = pd.read_parquet(path, columns=["term"])["term"].unique()
    return terms.lacking(there, parameters.first_term, parameters.last_term)


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
    path = Path(processed).resolve() / "pupil_weeks.parquet"
    made = path.stat().st_mtime_ns if path.exists() else 0
    return _summed_weeks(path.parent, include_remote, made).copy(deep=False)


@functools.lru_cache(maxsize=2)
def _summed_weeks(processed: Path, include_remote: bool, made: int) -> pd.DataFrame:
    """Sum the weeks; `made` tells one ingest from another."""
    keys = ["pupil", "school", "term"]
    columns = ["scheduled_minutes", "reported_minutes", "absent_minutes", "invalid_minutes"]
    rows = None if include_remote else [("remote_share", "<", 0.5)]
    weeks = read_table(processed, "pupil_weeks", columns=[*keys, *columns], filters=rows)
    # What is missing in every week stays missing.
    return weeks.groupby(keys, as_index=False, sort=False)[columns].sum(min_count=1)


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


def with_coding(table: pd.DataFrame, coding: str, threshold: float) -> pd.DataFrame:
    """Return the table with absence, invalid and persistent absence (from `threshold`) coded.

    Time nobody reported is never read as invalid absence, only dropped where the coding drops it.
    """
    share = absence_share(table, coding)
    persistent = (share >= threshold).astype(float).where(share.notna())
    held = table["reported_minutes" if coding == "dropped" else "scheduled_minutes"]
    invalid = (table["invalid_minutes"] / held.where(held > 0)).clip(0, 1)
    return table.assign(
        absence_share=share, invalid_absence_share=invalid, persistent_absence=persistent
    )


def _school_days(data: pd.DataFrame, processed: Path) -> pd.Series:
    """Return the school days of each row's term by the calendar; missing where it has none."""
    weeks = read_table(processed, "calendar")
    days = weeks.groupby(["school_form", "term"])["school_days"].sum()
    rows = pd.MultiIndex.from_frame(data[["school_form", "term"]])
    return pd.Series(days[days > 0].reindex(rows).to_numpy(dtype=float), index=data.index)


def _with_outcomes(data: pd.DataFrame, processed: Path, parameters: Parameters) -> pd.DataFrame:
    minutes = ["scheduled_minutes", "reported_minutes", "absent_minutes", "invalid_minutes"]
    if not parameters.include_remote_weeks:
        found = _week_minutes(processed, include_remote=False)
        data = data.drop(columns=minutes).merge(
            found, on=["pupil", "school", "term"], how="left", validate="one_to_one"
        )
        if data["scheduled_minutes"].notna().any():
            data["scheduled_minutes"] = data["scheduled_minutes"].fillna(0)
    scheduled = data["scheduled_minutes"].where(data["scheduled_minutes"] > 0)
    data = with_coding(data, parameters.absence_coding, parameters.persistent_absence_threshold)
    passed = data["n_passed"].astype(float)
    graded, registered = (
        data[name].astype(float).where(data[name] > 0) for name in ("n_graded", "n_registered")
    )
    return data.assign(
        absence_minutes=data["absent_minutes"].astype(float) / _school_days(data, processed),
        reporting_rate=(data["reported_minutes"] / scheduled).clip(0, 1),
        goals_share=passed / graded,
        goals_share_registered=passed / registered,
        # Whether every registered subject or course was passed, and how many were graded at all.
        goals_all=(passed == registered).astype(float).where(registered.notna()),
        graded_share=data["n_graded"] / registered,
    )


def _last_grades(processed: Path) -> dict[str, int]:
    """Return the grade after which pupils leave, by school form, in the tables' evaluation."""
    described = description.load(description.beside_tables(processed))
    return {
        form: min(last, LAST_GRADES.get(form, last))
        for form, (_, last) in described.evaluated_grades.items()
    }


def first_treated(exposure: pd.DataFrame) -> pd.Series:
    """Return the first term of the pilot by school, for schools that have one."""
    pilot = exposure[exposure["status"] == "pilot"]
    first = terms.numbers(pilot["term"]).groupby(pilot["school"]).min()
    return first.map(lambda number: terms.label(int(number)))


def _with_design(data: pd.DataFrame) -> pd.DataFrame:
    """Add what the estimators need: numbers for terms, effects to absorb, covariates."""
    first = terms.numbers(data["first_treated"])
    number = terms.numbers(data["term"])
    education = data["parental_education"]
    from_last = data.groupby("school_form")["grade"].transform("max") - data["grade"]
    return data.assign(
        term_number=number,
        first_treated_number=first,
        ever_treated=first.notna(),
        treated=((number >= first) & first.notna()).astype(float),
        event_time=number - first,
        # A number, not text: it is factorised in every model.
        stay=pd.factorize(data["pupil"] + " " + data["school"], sort=True)[0],
        girl=(data["sex"] == "girl").astype(float),
        # Unknown is not no: the first step gives it a level of its own.
        foreign_background=data["foreign_background"].astype(float),
        newly_arrived=data["newly_arrived"].astype(float),
        parental_education_low=(education == 1).astype(float),
        parental_education_high=(education == 3).astype(float),
        grade_name=data["grade"].astype("Int64").astype("str"),
        # The last two grades of a form, whatever their names: 8 and 9, 2 and 3, 5 and 6.
        grade_second=(from_last == 1).astype(float),
        grade_third=(from_last == 0).astype(float),
    )


def build(processed: Path, parameters: Parameters) -> Panel:
    """Return the analysis panel of a run.

    Keeps the terms and schools the parameters name, refuses comparison schools with unknown or
    earlier treatment unless admitted by name, and drops rows without lesson time where lesson time
    is known at all. Terms from
    which a pilot school's status is unknown are dropped too. Every step is counted in `flow`.
    """
    processed = Path(processed)
    data = read_table(processed, "pupil_terms")
    exposure = read_table(processed, "exposure")
    flow = _Flow(data)
    unknown = sorted(set(parameters.exclude_schools) - set(exposure["school"]))
    if unknown:
        raise ValueError(f"exclude_schools: not in the exposure register: {', '.join(unknown)}")
    every_term = data["term"].unique()
    wanted = terms.between(parameters.first_term, parameters.last_term)
    data = data[data["term"].isin(wanted)]
    lacking = terms.lacking(every_term, parameters.first_term, parameters.last_term)
    without = f" (the exports hold nothing of {lacking})" if lacking else ""
    flow.add(f"terms {parameters.first_term} to {parameters.last_term}{without}", data)
    data = data[~data["school"].isin(parameters.exclude_schools)]
    flow.add("schools left out by parameter", data)
    refused = refused_controls(exposure, parameters.admit_controls)
    data = data[~data["school"].isin(list(refused))]
    flow.add("schools whose history forbids comparison", data)
    admitted = data["school"].isin(parameters.admit_controls)
    data = data[(data["status"] != "unknown") | admitted]
    flow.add("terms with unknown status", data)
    data = data.assign(
        first_treated=data["school"].map(first_treated(exposure)),
        last_grade=data["school_form"].map(_last_grades(processed)),
    )
    data = _with_outcomes(data, processed, parameters)
    # Where a school form's exports hold no lesson time at all, its grades can still be compared.
    taught = data["scheduled_minutes"].fillna(0) > 0
    data = data[taught | ~taught.groupby(data["school_form"]).transform("any")]
    flow.add("no lesson time", data)
    if data.empty:
        seen = sorted(set(every_term), key=terms.number)
        raise PilotError(
            f"no pupil is left in the analysis of {parameters.first_term} to "
            f"{parameters.last_term}: the exports hold "
            + (f"{seen[0]} to {seen[-1]}" if seen else "no terms")
            + "; set first_term and last_term, or see the sample's other parameters"
        )
    data = _with_design(data.reset_index(drop=True))
    prestudy = set(exposure.loc[exposure["status"] == "prestudy", "school"])
    data["earlier_prestudy"] = data["school"].isin(prestudy)
    return Panel(data, pd.DataFrame(flow.rows), refused, read_quality(processed))
