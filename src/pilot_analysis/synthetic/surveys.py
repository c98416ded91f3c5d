"""Answer sheets of pupils and staff."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.synthetic.population import Population
from pilot_analysis.synthetic.scenario import STAFF_OTHER_HOURS, SURVEY_SAFETY_POINTS, Scenario

ANSWERS = np.array(
    [
        "Stämmer inte alls",
        "Stämmer ganska dåligt",
        "Stämmer ganska bra",
        "Stämmer helt och hållet",
    ]
)
# The municipality's own weights, on a scale of 0 to 10.
ANSWER_POINTS = dict(zip(ANSWERS, (0.0, 3.3, 6.6, 10.0), strict=True))
DONT_KNOW = "vet ej"
REVERSED_ITEM = 5  # q5 is worded the other way round
N_PUPIL_ITEMS, N_STAFF_ITEMS = 10, 8
PUPILS_A_TEACHER = 12


def pupil_survey(scenario: Scenario, population: Population, stays: pd.DataFrame) -> pd.DataFrame:
    """Return one row an answer sheet; not linked to a pupil, as in the real questionnaire."""
    rng = scenario.rng("pupil survey")
    waves = [terms.number(w) for w in scenario.pupil_waves]
    sheet = stays[stays["term"].isin(waves) & ~stays["leaves"]]
    sheet = sheet[rng.random(len(sheet)) < 0.75]
    school_level = rng.normal(0, 0.35, len(population.schools))
    latent = (
        1.0
        + school_level[sheet["school"].to_numpy()]
        - 0.3 * population.pupils["absence_trait"].to_numpy()[sheet["pupil"].to_numpy()]
        + scenario.effect_scale * SURVEY_SAFETY_POINTS * sheet["active"].to_numpy()
        + rng.normal(0, 0.7, len(sheet))
    )
    items = latent[:, None] + rng.normal(0, 0.8, (len(sheet), N_PUPIL_ITEMS))
    items[:, REVERSED_ITEM - 1] *= -1
    answers = ANSWERS[np.searchsorted([-0.9, 0.1, 1.2], items)].astype(object)
    answers[rng.random(answers.shape) < 0.03] = DONT_KNOW
    answers[rng.random(answers.shape) < 0.02] = ""
    table = pd.DataFrame(answers, columns=[f"q{i + 1}" for i in range(N_PUPIL_ITEMS)])
    table.insert(0, "stay", sheet.index.to_numpy())
    table["fritext"] = np.where(
        rng.random(len(table)) < 0.04, "Bra stämning; men stökigt ibland", ""
    )
    return table


def staff_survey(scenario: Scenario, population: Population) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row a staff answer sheet by school and wave, and how many were asked."""
    rng = scenario.rng("staff survey")
    parts, sent = [], []
    schools = population.schools
    for wave in (terms.number(w) for w in scenario.staff_waves):
        if wave not in scenario.terms:
            continue
        active = ((schools["start"] > 0) & (wave >= schools["start"])).to_numpy()
        asked = (schools["size"] / PUPILS_A_TEACHER).astype(int)
        n_teachers = rng.binomial(asked, 0.65)
        n_mentors = np.where(active, 3 + (schools["size"] > 600), 0)
        for staff, number in (("larare", asked), ("rektor", 1), ("mentor", n_mentors)):
            sent.append(
                pd.DataFrame(
                    {"school": range(len(schools)), "term": wave, "roll": staff, "antal": number}
                )
            )
        school = np.repeat(np.arange(len(schools)), n_teachers + 1 + n_mentors)
        role = np.concatenate(
            [
                ["larare"] * t + ["rektor"] + ["mentor"] * m
                for t, m in zip(n_teachers, n_mentors, strict=True)
            ]
        )
        treated_teacher = active[school] & (role == "larare")
        change = scenario.effect_scale * STAFF_OTHER_HOURS * treated_teacher
        n = len(school)
        load = rng.normal(0, 1, n) + 0.15 * change
        items = np.clip(np.rint(3.2 + 0.6 * load[:, None] + rng.normal(0, 0.7, (n, 8))), 1, 5)
        table = pd.DataFrame(items.astype(int), columns=[f"q{i + 1}" for i in range(N_STAFF_ITEMS)])
        table.insert(0, "school", school)
        table.insert(1, "term", wave)
        table.insert(2, "roll", role)
        teaching = np.where(role == "larare", rng.normal(19, 3, n) - 0.3 * change, 0).clip(0)
        table.insert(3, "timmar_undervisning", np.round(teaching * 2) / 2)
        other = (rng.normal(11, 3, n) + change).clip(0)
        table.insert(4, "timmar_ovrigt", np.round(other * 2) / 2)
        table["fritext"] = ""
        parts.append(table)
    asked_all = pd.concat(sent, ignore_index=True)
    return pd.concat(parts, ignore_index=True), asked_all[asked_all["antal"] > 0]


def index(sheets: pd.DataFrame, n_items: int) -> pd.Series:
    """Return each sheet's mean item, as a number; what nobody answered is left out."""
    items = sheets[[f"q{i + 1}" for i in range(n_items)]]
    if not pd.api.types.is_numeric_dtype(items.dtypes.iloc[0]):
        items = items.apply(lambda column: column.map(ANSWER_POINTS))
        items[f"q{REVERSED_ITEM}"] = 10 - items[f"q{REVERSED_ITEM}"]
    return items.mean(axis=1)


def true_effects(
    scenario: Scenario, population: Population, stays: pd.DataFrame
) -> list[dict[str, object]]:
    """Return the mean effects on those who answered at pilot schools, by school form.

    The same sheets are drawn with and without the pilot's effect, so that the difference holds
    nothing else.
    """
    without = replace(scenario, effect_scale=0.0)
    forms = population.schools["form"].to_numpy()
    changes: list[tuple[Any, ...]] = []
    if scenario.staff_waves:
        changes += _of_staff(scenario, without, population)
    if scenario.pupil_waves:
        answered, same = (pupil_survey(s, population, stays) for s in (scenario, without))
        of = stays.loc[answered["stay"]]
        changes.append(
            (
                "C6",
                "safety_index",
                "pupils who answered",
                "index points",
                pd.Series(of["active"].to_numpy(bool)),
                forms[of["school"].to_numpy()],
                index(answered, N_PUPIL_ITEMS) - index(same, N_PUPIL_ITEMS),
            )
        )
    return [
        {
            "claim": claim,
            "outcome": outcome,
            "population": who,
            "school_form": form,
            "effect": float(change[treated & (form_of == form)].mean()),
            "unit": unit,
        }
        for claim, outcome, who, unit, treated, form_of, change in changes
        for form in scenario.forms
    ]


def _of_staff(scenario: Scenario, without: Scenario, people: Population) -> list[tuple[Any, ...]]:
    """Return how the pilot changed each outcome of teachers, sheet by sheet."""
    forms = people.schools["form"].to_numpy()
    start = people.schools["start"].to_numpy()
    sheets, same = (staff_survey(s, people)[0] for s in (scenario, without))
    school = sheets["school"].to_numpy()
    teaching = (
        (sheets["roll"] == "larare") & (start[school] > 0) & (sheets["term"] >= start[school])
    )
    return [
        (
            "C5",
            "hours_other",
            "teachers",
            "hours a week",
            teaching,
            forms[school],
            sheets["timmar_ovrigt"] - same["timmar_ovrigt"],
        ),
        (
            "C5",
            "hours_teaching",
            "teachers",
            "hours a week",
            teaching,
            forms[school],
            sheets["timmar_undervisning"] - same["timmar_undervisning"],
        ),
        (
            "C5",
            "workload_index",
            "teachers",
            "index points",
            teaching,
            forms[school],
            index(sheets, N_STAFF_ITEMS) - index(same, N_STAFF_ITEMS),
        ),
    ]
