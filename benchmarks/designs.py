"""Pilots of every shape that exports can have: each must end in a report that answers or says why not.

A seed draws a design: school forms, schools per arm, start and end terms, the window, grades, and
which tables and columns are missing, and what the questionnaires asked. It is made of one set of
processed tables by leaving out, so that a design costs no simulation. `evaluated` runs every section
on it, `faults` what may not be; with --report every notebook, the report and the site are made.

    python benchmarks/designs.py PROCESSED [--designs 40] [--first 0] [--report]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import re
import shutil
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from pilot_analysis import description, estimates, evaluation, panel, registry, terms
from pilot_analysis.catalogue import language as languages
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.errors import PilotError
from pilot_analysis.evaluation import checks, cost, evidence, questionnaires, targeting
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.parameters import Parameters
from pilot_analysis.plan import load
from pilot_analysis.report.answers import CLAIMS
from pilot_analysis.report.sentences import sentence
from pilot_analysis.runs import publish
from pilot_analysis.runs.steps import notebook, report, site

QUICK = {"bootstrap_draws": 99, "max_placements": 99}
# What may be missing: tables whole, parts of the pupils' table, and columns nobody must have.
MISSING = (
    "pupil_survey",
    "staff_survey",
    "staff_asked",
    "grades",
    "absence",
    "lesson_time",
    "mentors",
)
OPTIONAL = ("foreign_background", "newly_arrived", "parental_education", "birth_year", "program")
_GRADES = (
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
)
_ABSENCE = ("absent_minutes", "invalid_minutes")
_MINUTES = ("scheduled_minutes", "reported_minutes", *_ABSENCE)
_BY_SCHOOL = ("pupil_terms", "pupil_weeks", "exposure", "pupil_survey", "staff_survey")
_AROUND_START = 0.8  # most designs have terms on both sides of a start


@dataclass(frozen=True)
class Design:
    """A design: what is kept of the tables, and when the pilot was. Made by `drawn` from a seed."""

    seed: int
    forms: tuple[str, ...]
    # Schools at most, by arm.
    pilot: int
    comparison: int
    # Terms by which starts are moved, school by school in turn, and for how many a school took part.
    moved: tuple[int, ...]
    lasted: int | None
    first_term: str
    last_term: str
    # Grades from the top of a form that are kept.
    grades: int
    missing: frozenset[str]
    # Of the questionnaires: how many items are left, how many steps, the roles that were asked, and
    # whether staff told their hours.
    items: int
    steps: int
    roles: tuple[str, ...]
    hours: bool
    # Themes that free-text answers were coded by.
    themes: int

    def parameters(self) -> Parameters:
        """Return the parameters of a quick run of the design."""
        window = {"first_term": self.first_term, "last_term": self.last_term}
        return Parameters.model_validate(QUICK | window)

    def apply(self, folder: Path) -> None:
        """Make the tables in a folder those of the design."""
        exposure = pd.read_parquet(folder / "exposure.parquet")
        exposure = exposure[exposure["school"].isin(self._schools(exposure))]
        change(folder, "exposure", lambda _: self._retold(exposure))
        for name in _BY_SCHOOL:
            change(folder, name, lambda t: t[t["school"].isin(exposure["school"])])
        told = pd.read_parquet(folder / "exposure.parquet")[
            ["school", "term", "status", "organisation"]
        ]
        change(
            folder,
            "pupil_terms",
            lambda t: (
                t.drop(columns=["status", "organisation"])
                .merge(told, on=["school", "term"], how="left")
                .assign(status=lambda s: s["status"].fillna("unknown"))
            ),
        )
        change(folder, "pupil_terms", lambda t: t[self._in_grade(t)])
        self._ask(folder)
        self._lose(folder)

    def _ask(self, folder: Path) -> None:
        """Describe other questionnaires beside the tables, and make the answers theirs."""
        values = yaml.safe_load((description.FOLDER / description.FILE).read_text("utf-8"))
        values["instruments"] = {role: self._instrument(role) for role in self.roles}
        names = [f"tema {i + 1}" for i in range(self.themes)]
        values["themes"] = {name: {"sv": name, "en": f"theme {name[5:]}"} for name in names}
        rng = np.random.default_rng(self.seed)
        counted = [
            (role, name, None, n)
            for role in self.roles
            for name in names
            for n in rng.integers(0, 60, 1)
        ]
        change(folder, "themes", lambda t: pd.DataFrame(counted, columns=t.columns))
        own = folder / description.OWN
        own.mkdir()
        (own / description.FILE).write_text(yaml.safe_dump(values, allow_unicode=True), "utf-8")
        shutil.copyfile(description.FOLDER / description.PLAN, own / description.PLAN)
        asked = [f"q{i + 1}" for i in range(self.items)]
        for name, (low, high) in (("pupil_survey", (0, 100)), ("staff_survey", (1, 5))):
            change(folder, name, lambda t, low=low, high=high: self._answered(t, asked, low, high))
        if not self.hours:
            _empty(folder, "staff_survey", ("hours_teaching", "hours_other"))

    def _instrument(self, role: str) -> dict[str, object]:
        items = {
            f"q{i + 1}": {"sv": f"Fråga {i + 1}.", "en": f"Item {i + 1}.", "reversed": i == 1}
            for i in range(self.items)
        }
        steps = [
            {"score": i, "written": [f"steg {i}"], "sv": f"steg {i}", "en": f"step {i}"}
            for i in range(self.steps)
        ]
        safety = {"items": list(items)[:-1], "low": 0, "high": 10}
        indices = {"safety_index": safety}
        if role != "pupil":
            indices["purpose_index"] = safety | {"items": [list(items)[-1]]}
        return {
            "items": items,
            "steps": steps,
            "indices": indices,
            "hours": self.hours and role != "pupil",
        }

    def _answered(
        self, table: pd.DataFrame, asked: list[str], low: float, high: float
    ) -> pd.DataFrame:
        kept = table[[c for c in table if c[0] != "q" or c in asked]]
        share = (kept[asked].astype(float) - low) / (high - low)
        return kept.assign(**(share * (self.steps - 1)).round())

    def _schools(self, exposure: pd.DataFrame) -> list[str]:
        inside = exposure[exposure["school_form"].isin(self.forms)]
        ever = inside["status"].eq("pilot").groupby([inside["school_form"], inside["school"]]).any()
        kept: list[str] = []
        for _, arm in ever.groupby(level=0):
            names = arm.droplevel(0)
            kept += [*names.index[names][: self.pilot], *names.index[~names][: self.comparison]]
        return kept

    def _retold(self, exposure: pd.DataFrame) -> pd.DataFrame:
        """Return the register with starts moved and, where the pilot ended, no mentors after."""
        number = terms.numbers(exposure["term"])
        pilot = exposure["status"] == "pilot"
        first = number[pilot].groupby(exposure["school"]).min()
        moved = pd.Series(
            [self.moved[i % len(self.moved)] for i in range(len(first))], first.index, dtype=float
        )
        start = exposure["school"].map(first + moved)
        last = start + (self.lasted or np.inf)
        took_part = (number >= start) & (number < last)
        organisation = exposure["school"].map(
            exposure[pilot].groupby("school")["organisation"].first()
        )
        was = exposure["status"].where(~pilot, "none")
        return exposure.assign(
            status=was.mask(took_part, "pilot"), organisation=organisation.where(took_part)
        )

    def _in_grade(self, table: pd.DataFrame) -> "pd.Series[bool]":
        top = table.groupby("school_form")["grade"].transform("max")
        return table["grade"] > top - self.grades

    def _lose(self, folder: Path) -> None:
        for name in ("pupil_survey", "staff_survey", "staff_asked", "mentors"):
            if name in self.missing:
                change(folder, name, lambda t: t.head(0))
        for name, columns in (
            ("grades", _GRADES),
            ("absence", _ABSENCE),
            ("lesson_time", _MINUTES),
        ):
            if name in self.missing:
                _empty(folder, "pupil_terms", columns)
                _empty(folder, "pupil_weeks", columns)
        _empty(folder, "pupil_terms", [c for c in OPTIONAL if c in self.missing])


def drawn(seed: int) -> Design:
    """Return the design of a seed."""
    rng = np.random.default_rng(seed)
    every = terms.between("HT2017", "HT2020")
    around = rng.random() < _AROUND_START
    first = int(rng.integers(0, 3)) if around else int(rng.integers(3, 6))
    lost = [name for name in MISSING if rng.random() < 0.2]
    lost += [name for name in OPTIONAL if rng.random() < 0.2]
    return Design(
        seed=seed,
        forms=(("GR",), ("GY",), ("GR", "GY"))[rng.integers(3)],
        pilot=int(rng.integers(1, 5)),
        comparison=int(rng.choice([0, 1, 2, 5, 40], p=[0.1, 0.1, 0.2, 0.3, 0.3])),
        moved=tuple(int(m) for m in rng.integers(-1, 2, int(rng.integers(1, 4)))),
        lasted=None if rng.random() < 0.6 else int(rng.integers(1, 3)),
        first_term=every[first],
        last_term=every[-1 if rng.random() < 0.7 else -2],
        grades=int(rng.integers(1, 4)),
        missing=frozenset(lost),
        items=int(rng.integers(2, 9)),
        steps=int(rng.integers(2, 8)),
        roles=tuple(role for role in description.ROLES if rng.random() < 0.75),
        hours=bool(rng.random() < 0.5),
        themes=int(rng.choice([0, 1, 3, 8])),
    )


def change(folder: Path, name: str, how) -> None:
    """Change one of the processed tables, where it is there."""
    path = folder / f"{name}.parquet"
    if path.exists():
        how(pd.read_parquet(path)).to_parquet(path, index=False)


def _empty(folder: Path, name: str, columns) -> None:
    def emptied(table: pd.DataFrame) -> pd.DataFrame:
        here = [c for c in columns if c in table]
        return table.assign(
            **{
                c: pd.Series(None, table.index, table[c].dtype)
                if pd.api.types.is_extension_array_dtype(table[c].dtype) or table[c].dtype == object
                else np.nan
                for c in here
            }
        )

    change(folder, name, emptied)


def evaluated(folder: Path, parameters: Parameters) -> pd.DataFrame:
    """Return the estimates of every section, as the notebooks make them."""
    built = panel.build(folder, parameters)
    plan, checked = load(), [OUTCOMES["absence_share"]]
    everything = estimates.combine(
        [
            *(evaluation.evaluate_claim(built, claim, parameters) for claim in ("C1", "C2")),
            targeting.evaluate_targeting(built, folder, parameters),
            questionnaires.evaluate_questionnaires(
                panel.questionnaires.roles(folder, parameters), parameters
            ),
            *(
                checks.over_forms(check, built, checked, parameters)
                for check in (
                    checks.pre_trend,
                    checks.leave_one_school_out,
                    checks.other_samples,
                    checks.lee_bounds,
                    checks.reporting_bounds,
                )
            ),
            checks.attrition_by_form(built),
        ]
    )
    headline = evaluation.headline(everything)
    for name in ("absence_share", "goals_all"):
        panel.change_table(built, name)
        panel.group_trends(built.data, OUTCOMES[name])
        panel.reversion(built, parameters, OUTCOMES[name])
    panel.balance(built)
    panel.holdings(built)
    return estimates.combine(
        [
            everything,
            evidence.evaluate_plan(built, plan, parameters, everything),
            evidence.holm_rows(plan, headline),
            cost.evaluate_cost(built, folder, headline),
        ]
    )


def faults(table: pd.DataFrame, parameters: Parameters) -> list[str]:
    """Return rows that neither answer nor say why not, in both languages."""
    found = []
    empty = table[["estimate", "p_value", "statistic"]].isna().all(axis=1)
    silent = table[empty & (table["reason"] == "") & (table["model"] != evidence.MODEL)]
    for row in silent.to_dict("records"):
        found.append(
            f"neither number nor reason: {row['outcome']} {row['model']} "
            f"{row['estimand']} {row['specification']} ({row['school_form']})"
        )
    for row in evaluation.headline(table).to_dict("records"):
        for language in ("en", "sv"):
            if not sentence(row, words_for(language, parameters)):
                found.append(f"no sentence in {language}: {row['outcome']}")
            if row["reason"] and not reasons.sentence(row, language):
                found.append(f"no reason in {language}: {row['reason']}")
    graded = evidence.grades(table, load(), exploratory=False)
    if len(graded) != len(evaluation.headline(table)):
        found.append("answers without a grade")
    return found


def outcome_of(design: Design, processed: Path, folder: Path) -> tuple[str, list[str]]:
    """Return how a design ended (`answered` or what the user is told) and its faults."""
    shutil.copytree(processed, folder)
    design.apply(folder)
    parameters = design.parameters()
    try:
        table = evaluated(folder, parameters)
    except PilotError as error:  # told in a sentence, as any mistake of a user is
        return str(error), []
    return "answered", faults(table, parameters)


def reported(design: Design, processed: Path, folder: Path) -> tuple[str, list[str]]:
    """Return how a design ended whose notebooks, report and site are all made, and its faults."""
    tables, work = folder / "processed", folder / "work"
    shutil.copytree(processed, tables)
    design.apply(tables)
    work.mkdir(parents=True)
    parameters, every = design.parameters(), registry.notebooks()
    config = {
        "processed": str(tables),
        "work": str(work),
        "notebooks": list(every),
        "estimating": [name for name in every if every[name].estimates],
        "board": True,
        "evaluation": str(tables / description.OWN),
        "parameters": parameters.model_dump(),
    }
    try:
        for name in sorted(every, key=lambda name: len(every[name].needs)):
            notebook.make(config, name)
        report.make(config, "")
        site.make(config, "")
        publish.check_disclosure(work)
    except PilotError as error:
        told = str(error)
        return "refused", [] if "no pupil is left" in told else [told]
    found = []
    for language in languages.languages():
        page = (work / "report" / f"report_{language}.html").read_text("utf-8")
        words = words_for(language, parameters)
        found += [
            f"{language}: claim {claim} is not in the report"
            for claim in CLAIMS
            if words(f"question_{claim}") not in page
        ]
        text = re.sub(
            r"<(script|style).*?</\1>|<[^>]*>|data:image[^\"]*", " ", page, flags=re.DOTALL
        )
        found += [f"{language}: {hit}" for hit in re.findall(r"\b(?:nan|None|NaN|inf)\b", text)]
    for path in (work / "site").rglob("*.html"):
        if "Traceback" in path.read_text("utf-8"):
            found.append(f"{path.name}: a traceback")
    return "reported", found


def main() -> None:
    """Run the designs and print how each ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("processed", type=Path)
    parser.add_argument("--designs", type=int, default=40)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    wrong = 0
    for seed in range(options.first, options.first + options.designs):
        design, begun = drawn(seed), time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            try:
                end = reported if options.report else outcome_of
                ended, found = end(design, options.processed, Path(scratch) / "design")
            except Exception as error:
                traceback.print_exc()
                ended, found = "failed", [f"{type(error).__name__}: {error}"]
        wrong += bool(found)
        print(f"{seed:4d} {time.monotonic() - begun:6.1f} s  {ended}  {design}", flush=True)
        for line in found:
            print(f"       {line}", flush=True)
    print(f"{options.designs} designs, {wrong} with faults")
    raise SystemExit(wrong > 0)


if __name__ == "__main__":
    main()
