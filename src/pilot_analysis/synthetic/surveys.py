"""Answer sheets of pupils and staff."""

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.synthetic.population import Population
from pilot_analysis.synthetic.scenario import STAFF_OTHER_HOURS, SURVEY_SAFETY_POINTS, Scenario

PUPIL_WAVES = ("VT2018", "VT2019", "VT2020")
STAFF_WAVES = ("VT2019", "HT2019", "VT2020", "HT2020")
ANSWERS = np.array(
    [
        "Stämmer inte alls",
        "Stämmer ganska dåligt",
        "Stämmer ganska bra",
        "Stämmer helt och hållet",
    ]
)
DONT_KNOW = "vet ej"
REVERSED_ITEM = 5  # q5 is worded the other way round
N_PUPIL_ITEMS, N_STAFF_ITEMS = 10, 8
PUPILS_A_TEACHER = 12


def pupil_survey(scenario: Scenario, population: Population, stays: pd.DataFrame) -> pd.DataFrame:
    """Return one row an answer sheet; not linked to a pupil, as in the real questionnaire."""
    rng = scenario.rng("pupil survey")
    waves = [terms.number(w) for w in PUPIL_WAVES]
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


def staff_survey(scenario: Scenario, population: Population) -> pd.DataFrame:
    """Return one row a staff answer sheet, by school and wave."""
    rng = scenario.rng("staff survey")
    parts = []
    schools = population.schools
    for wave in (terms.number(w) for w in STAFF_WAVES):
        if wave not in scenario.terms:
            continue
        active = ((schools["start"] > 0) & (wave >= schools["start"])).to_numpy()
        n_teachers = rng.binomial((schools["size"] / PUPILS_A_TEACHER).astype(int), 0.65)
        n_mentors = np.where(active, 3 + (schools["size"] > 600), 0)
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
    return pd.concat(parts, ignore_index=True)
