"""Claims C5 and C6: what staff and pupils answered, against the comparison schools."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.multivariate.factor import Factor
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.evaluation import evidence
from pilot_analysis.evaluation.fitting import answer, effect
from pilot_analysis.forms import in_order
from pilot_analysis.panel import SURVEY_OUTCOMES, Outcome
from pilot_analysis.panel.questionnaires import Answers, group_response, too_few
from pilot_analysis.parameters import Parameters
from pilot_analysis.plan import Plan, Question

POPULATIONS = {
    "teacher": "teachers",
    "pupil": "pupils_answering",
    "principal": "principals",
    "mentor": "mentors",
}
RELIABILITY, RESPONSE = "reliability", "response rate"
_RESPONSE_OUTCOME = Outcome(
    "response",
    "",
    estimates.PERCENTAGE_POINTS,
    1,
    weights="asked",
    absorb="school",
)


def cronbach_alpha(items: pd.DataFrame) -> float:
    """Return Cronbach's (1951, eq. 2) alpha of items in columns; NaN where it is not defined.

    From the covariances of the pairs both answered.
    """
    covariance = items.cov().to_numpy()
    k, total = len(covariance), covariance.sum()
    if k < 2 or not total > 0:
        return math.nan
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def mcdonald_omega(items: pd.DataFrame) -> float:
    """Return McDonald's (1999) omega: the one factor's share of the standardised sum's variance.

    Loadings by maximum likelihood on the correlations of the pairs both answered. NaN where no
    factor can be fitted: fewer than three items, one without variation, or no convergence.
    """
    correlation = items.corr().to_numpy()
    if len(correlation) < 3 or not np.isfinite(correlation).all():
        return math.nan
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            fitted = Factor(corr=correlation, n_factor=1, method="ml", nobs=len(items)).fit(
                start=_start(correlation)
            )
    except (ValueError, np.linalg.LinAlgError, ConvergenceWarning):
        return math.nan
    common = float(np.sum(fitted.loadings)) ** 2
    return common / (common + float(np.sum(fitted.uniqueness)))


def _start(correlation: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return loadings and uniquenesses of the first principal component: without chance."""
    values, vectors = np.linalg.eigh(correlation)
    loadings = np.clip(vectors[:, -1] * np.sqrt(values[-1]), -0.95, 0.95)
    loadings *= np.sign(loadings.sum()) or 1.0
    return loadings[:, None], 1 - loadings**2


def evaluate_questionnaires(roles: Mapping[str, Answers], parameters: Parameters) -> pd.DataFrame:
    """Return the rows of C5 and C6: effects, response, reliability, each school form apart.

    Effects are those of teachers and pupils, who are enough for a comparison: the outcomes that
    are theirs, and of the other indices those of their questionnaire. A group with too few
    answers, or too few of those asked, gets a row that says so; so does what nobody was asked.
    """
    tables = []
    for role, answers in roles.items():
        for form in in_order(answers.data["school_form"]):
            tables += [
                _reliability(answers, index, form, parameters)
                for index in answers.instrument.indices
            ]
            if role in ("teacher", "pupil"):
                tables += [
                    _answer(answers, outcome, form, parameters) for outcome in _outcomes(answers)
                ]
                tables.append(_response_effect(answers, role, form, parameters))
        tables.append(_response(answers, role, parameters))
    return estimates.combine(tables)


def evaluate_warnings(
    roles: Mapping[str, Answers], plan: Plan, parameters: Parameters, *, drawn_by_lot: bool = False
) -> pd.DataFrame:
    """Return what the answer sheets allow to look at of the plan's warnings: likeness before.

    A row an effect's outcome and school form, as `evidence.warnings_of`; none where pilot schools
    were drawn by lot if the plan leaves it out there.
    """
    name = "unlike_before"
    if drawn_by_lot and name in plan.warnings.not_where_drawn_by_lot:
        return estimates.table([])
    tables = []
    for role in ("teacher", "pupil"):
        answers = roles.get(role)
        for form in in_order(answers.data["school_form"]) if answers else ():
            for outcome in _outcomes(answers) if answers else ():
                rows = comparable_rows(roles, outcome, form, parameters)
                if rows.empty or rows[outcome.name].isna().all():
                    continue
                check = evidence.unlike_before(rows, outcome, form, plan.warnings.baseline_g)
                question = Question(
                    claim=_claim(role), outcome=outcome.name, population=POPULATIONS[role]
                )
                tables.append(evidence.rows_of([check], question, form))
    return estimates.combine(tables)


def _outcomes(answers: Answers) -> list[Outcome]:
    """Return what a role's answers can have an effect on; mentors' purpose is theirs alone."""
    own = [outcome for outcome in SURVEY_OUTCOMES.values() if outcome.role == answers.role]
    others = [
        replace(SURVEY_OUTCOMES[index], role=answers.role)
        for index in answers.instrument.indices
        if index in SURVEY_OUTCOMES and SURVEY_OUTCOMES[index].role != answers.role
    ]
    return own + others


def _claim(role: str) -> str:
    return "C6" if role == "pupil" else "C5"


def _too_few(answers: Answers, school_form: str, parameters: Parameters) -> dict[str, str]:
    """Return why the four groups of a difference-in-differences may not be published, as cells."""
    found = too_few(answers, school_form, parameters)
    return reasons.cells(found[0], **found[1]) if found else {}


def comparable_rows(
    roles: Mapping[str, Answers], outcome: Outcome, form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the answer sheets that an outcome's estimate in a school form rests on.

    None of them where nobody was asked, or a group is too small to be published: what is computed
    from these rows may be shown.
    """
    columns = ["school", "term_number", "first_treated_number", outcome.name]
    answers = roles.get(outcome.role)
    if answers is None or not answers.asks(outcome.name):
        return pd.DataFrame(columns=columns, dtype=float)
    data = answers.data[answers.data["school_form"] == form]
    return data.iloc[:0] if _too_few(answers, form, parameters) else data


def _answer(answers: Answers, outcome: Outcome, form: str, parameters: Parameters) -> pd.DataFrame:
    data = answers.data[answers.data["school_form"] == form]
    name = POPULATIONS[outcome.role]
    asked = answers.asks(outcome.name)
    reason = _too_few(answers, form, parameters) if asked else reasons.cells("not_asked")
    if not reason:
        return answer(data, outcome, form, parameters, name=name)
    empty = answer(
        data.iloc[:0].assign(**{outcome.name: np.nan}), outcome, form, parameters, name=name
    )
    return empty.assign(**reason)


def _response_effect(
    answers: Answers, role: str, form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return how much more response changed at pilot schools: a warning of selective answering."""
    cells = answers.asked[(answers.asked["school_form"] == form) & answers.asked["asked"].gt(0)]
    outcome = replace(_RESPONSE_OUTCOME, claim=_claim(role), role=role)
    return effect(
        cells,
        outcome,
        form,
        parameters,
        "response",
        name=POPULATIONS[role],
    )


def _response(answers: Answers, role: str, parameters: Parameters) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for cell in group_response(answers, "term", parameters).to_dict("records"):
        hidden = cell["reason"] != ""
        known = not hidden and math.isfinite(cell["response"])
        rows.append(
            {
                "claim": _claim(role),
                "outcome": "response",
                "model": RESPONSE,
                "school_form": cell["school_form"],
                "population": POPULATIONS[role],
                "specification": "pilot_schools" if cell["ever_treated"] else "comparison_schools",
                "term": cell["term"],
                "unit": "per cent",
                "estimate": 100 * cell["response"] if known else math.nan,
                "n_obs": cell["answered"] if not hidden else math.nan,
                "n_schools": cell["n_schools"],
            }
            | (
                {k: cell[k] for k in ("reason", "reason_values")}
                if hidden or known
                else reasons.cells("answers_unasked")
            )
        )
    return estimates.table(rows)


def _reliability(answers: Answers, index: str, form: str, parameters: Parameters) -> pd.DataFrame:
    data = answers.data[answers.data["school_form"] == form]
    items = data[answers.index_items(index)]
    shared = {
        "claim": _claim(answers.role),
        "outcome": index,
        "model": RELIABILITY,
        "school_form": form,
        "population": POPULATIONS[answers.role],
        "unit": "0 to 1",
        "n_obs": len(items),
        "n_schools": data["school"].nunique(),
    }
    if len(items) < parameters.survey_min_answers:
        why = reasons.cells("few_answers", least=parameters.survey_min_answers)
        return estimates.table([shared | {"n_obs": math.nan} | why])
    rows = [
        shared
        | {"specification": name, "estimate": value}
        | ({} if math.isfinite(value) else _why_unreliable(items, least))
        for name, value, least in (
            ("cronbach_alpha", cronbach_alpha(items), 2),
            ("mcdonald_omega", mcdonald_omega(items), 3),
        )
    ]
    return estimates.table(rows)


def _why_unreliable(items: pd.DataFrame, least: int) -> dict[str, str]:
    """Return why a reliability, which needs some items at least, could not be computed."""
    if items.shape[1] < least:
        return reasons.cells("few_items", least=least)
    return reasons.cells("constant_item" if (items.nunique() < 2).any() else "no_factor")
