"""Each primary question under other choices of window, sample, weights, scale and reading."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from pilot_analysis import estimates, terms
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation import checks
from pilot_analysis.evaluation.claims import as_ratio, callaway, stayers
from pilot_analysis.evaluation.fitting import ALL_PUPILS, check_comparable, effect, label
from pilot_analysis.evaluation.questions import question_data
from pilot_analysis.panel import OUTCOMES, Outcome, Panel, build, with_coding
from pilot_analysis.parameters import Parameters
from pilot_analysis.plan import Plan, Question

# Other windows of terms: how many are cut off at the first and at the last end.
WINDOWS = {"without_first_year": (2, 0), "without_last_term": (0, 1)}
_OF_ATTENDANCE = "C1"


def window(specification: str, parameters: Parameters) -> tuple[str, str]:
    """Return the first and last term of a row; the run's own but where its window is cut.

    >>> window("without_last_term", Parameters(first_term="HT2017", last_term="HT2020"))
    ('HT2017', 'VT2020')
    """
    first, last = (terms.number(t) for t in (parameters.first_term, parameters.last_term))
    early, late = WINDOWS.get(specification, (0, 0))
    return terms.label(first + early), terms.label(last - late)


def vary_questions(
    panel: Panel, processed: Path, plan: Plan, parameters: Parameters
) -> pd.DataFrame:
    """Return every primary question's estimate under other choices, each with its interval.

    Rows of the primary estimator, `specification` naming the choice, and of two other estimators.
    What is estimated with the answers themselves (weights and scale of all pupils) is not repeated,
    nor how time that nobody reported is read for all pupils (`claims.vary_attendance`). Questions
    that cannot be asked of a school form have no rows.
    """
    elsewhere = parameters.model_copy(update={"include_remote_weeks": False})
    without_remote = build(processed, elsewhere) if parameters.include_remote_weeks else None
    tables = []
    for question in plan.primary:
        outcome = OUTCOMES[question.outcome]
        for form in panel.school_forms:
            try:
                if not outcome.exists_in(form):
                    continue
                data = question_data(panel, question, form, parameters)
                check_comparable(data, outcome)
            except NotEstimable:
                continue
            found = [*_of_everybody(data, outcome, form, parameters)]
            if question.population != ALL_PUPILS:
                # These were picked before the start: all of them were there.
                found[0] = found[0][found[0]["specification"] != "pupils_there_before"]
                found += _of_some(data, outcome, form, parameters)
                if without_remote is not None and outcome.claim == _OF_ATTENDANCE:
                    found += _without_remote(without_remote, question, outcome, form, parameters)
            tables += [
                table.assign(claim=question.claim, population=question.population)
                for table in found
            ]
    return estimates.combine(tables)


def _of_everybody(
    data: pd.DataFrame, outcome: Outcome, form: str, parameters: Parameters
) -> Iterator[pd.DataFrame]:
    """Give other samples and windows."""
    yield checks.other_samples(data, outcome, form, parameters)
    first, last = data["term_number"].min(), data["term_number"].max()
    for name, (early, late) in WINDOWS.items():
        kept = data["term_number"].between(first + early, last - late)
        yield effect(data[kept], outcome, form, parameters, name)


def _of_some(
    data: pd.DataFrame, outcome: Outcome, form: str, parameters: Parameters
) -> Iterator[pd.DataFrame]:
    """Give what all pupils' answers have beside them anyway."""
    yield effect(data, outcome, form, parameters, "by_pupils", school_weights="pupils")
    yield as_ratio(data, outcome, form, parameters)
    yield stayers(data, outcome, form, parameters)
    yield _callaway(data, outcome, form, parameters)
    if outcome.claim == _OF_ATTENDANCE:
        for coding in ("present", "dropped", "absent"):
            if coding != parameters.absence_coding:
                # The pupils stay those whom the run's own reading picked.
                coded = with_coding(data, coding, parameters.persistent_absence_threshold)
                yield effect(coded, outcome, form, parameters, f"unreported_{coding}")


def _callaway(
    data: pd.DataFrame, outcome: Outcome, form: str, parameters: Parameters
) -> pd.DataFrame:
    table = callaway(data, outcome, parameters)
    overall = table[table["estimand"] == "overall"] if "estimand" in table else table
    after = data[data["treated"] == 1]
    counted = overall.assign(n_obs=len(after), n_pupils=after["pupil"].nunique())
    return label(counted, outcome, form)


def _without_remote(
    panel: Panel, question: Question, outcome: Outcome, form: str, parameters: Parameters
) -> Iterator[pd.DataFrame]:
    """Give the answer without weeks taught remotely, of the pupils whom these weeks' lack picks."""
    try:
        data = question_data(panel, question, form, parameters)
        check_comparable(data, outcome)
    except NotEstimable:
        return
    name = f"unreported_{parameters.absence_coding}_without_remote_weeks"
    yield effect(data, outcome, form, parameters, name)
