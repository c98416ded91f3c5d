"""Other schools, other starts, other samples, other estimators."""

import numpy as np
import pandas as pd
from scipy import stats

from pilot_analysis import estimates, terms
from pilot_analysis.catalogue import reasons
from pilot_analysis.estimators import did
from pilot_analysis.evaluation.fitting import ADJUSTED_FOR, attempt, effect, label, with_start
from pilot_analysis.panel import Outcome
from pilot_analysis.parameters import Parameters

LEFT_OUT = "one school left out"
PLACEBO_START = "placebo start"


def leave_one_school_out(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the primary estimate without each school in turn, under the run's inference."""
    narrow = _read_by_effect(data, outcome)
    return estimates.combine(
        effect(
            narrow[narrow["school"] != school],
            outcome,
            school_form,
            parameters,
            str(school),
            model=LEFT_OUT,
        )
        for school in sorted(data["school"].unique())
    )


def _read_by_effect(data: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Return the columns that the primary estimator reads, text as categories.

    Of eighty schools' rows, taking every column and text anew costs more than eighty estimates.
    """
    read = ("school", "pupil", "term_number", "first_treated_number", *ADJUSTED_FOR)
    wanted = dict.fromkeys((*read, outcome.name, outcome.weights))
    narrow = data[[name for name in wanted if name in data]]
    return narrow.astype(dict.fromkeys(narrow.select_dtypes("str"), "category"))


def placebo_starts(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return effects of starts that did not happen: each one earlier by some terms, pilot cut off.

    Every shift that leaves at least one term before and one after. Effects should be near zero.
    """
    before = data[data["term_number"] < data["first_treated_number"].min()]
    n_terms = before["term_number"].nunique()
    tables = []
    for shift in range(1, n_terms):
        start = int(data["first_treated_number"].min()) - shift
        moved = with_start(before, start, before["ever_treated"])
        tables.append(
            effect(
                moved, outcome, school_form, parameters, "earlier_start", model=PLACEBO_START
            ).assign(term=terms.label(start))
        )
    return estimates.combine(tables)


def other_samples(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the primary estimate on samples that one threat each does not reach; none of no threat."""
    exceptional = data["term"].isin(parameters.exceptional_terms)
    earlier = data["earlier_prestudy"]
    samples = {
        **({"without_prestudy_schools": data[~earlier]} if earlier.any() else {}),
        **({"without_exceptional_terms": data[~exceptional]} if exceptional.any() else {}),
        "pupils_there_before": data[
            data["stay"].isin(
                data.loc[data["term_number"] < data["first_treated_number"].min(), "stay"]
            )
        ],
    }
    return estimates.combine(
        effect(rows, outcome, school_form, parameters, name) for name, rows in samples.items()
    )


def reporting_bounds(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Bound the effect on absence whatever happened in lesson time that nobody reported.

    Worst cases: at pilot schools after the start all of it was presence and elsewhere all absence,
    and the reverse. Two rows; an effect whose sign survives both does not hang on reporting.
    """
    scheduled = data["scheduled_minutes"]
    low = data["absent_minutes"] / scheduled
    high = low + 1 - data["reporting_rate"]
    treated = data["treated"] == 1
    tables = []
    for name, own, other in (("lowest", low, high), ("highest", high, low)):
        bounded = data.assign(**{outcome.name: np.where(treated, own, other).clip(0, 1)})
        tables.append(
            effect(
                bounded,
                outcome,
                school_form,
                parameters,
                f"{name}_possible",
                model="worst-case bounds",
            )
        )
    return estimates.combine(tables)


def other_estimators(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return synthetic DiD, one row a start term, and the Goodman-Bacon decomposition."""
    tables = []
    for start in sorted(data["first_treated_number"].dropna().unique()):
        rows = data[(data["first_treated_number"] == start) | ~data["ever_treated"]]
        table = attempt(
            did.synthetic_did,
            rows,
            outcome,
            treatment="treated",
            unit="school",
            time="term_number",
            seed=parameters.seed,
            ci_level=parameters.ci_level,
        )
        tables.append(
            label(table, outcome, school_form, "one_start").assign(term=terms.label(int(start)))
        )
    bacon = attempt(
        did.goodman_bacon,
        data,
        outcome,
        first_treated="first_treated_number",
        unit="school",
        time="term_number",
    )
    return estimates.combine([*tables, label(bacon, outcome, school_form)])


def comparison_placebo(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Ask whether something else, as a pandemic, moved comparison schools apart after the start.

    Among comparison schools alone each in turn plays the only pilot school, from the real start.
    The last row compares the spread of their changes over the start with the spread a year earlier
    (F test on school means): a ratio far above one says that these terms are noisier than before,
    so that the pilot's estimate deserves wider bounds than earlier terms suggest.
    """
    alone = data[~data["ever_treated"]]
    start = int(data["first_treated_number"].min())
    schools = sorted(alone["school"].unique())
    tables = []
    for school in schools:
        placed = with_start(alone, start, alone["school"] == school)
        table = effect(
            placed,
            outcome,
            school_form,
            parameters,
            str(school),
            model="placebo, comparison schools alone",
        )
        # What is asked is how far chance alone moves a school: the point is enough.
        blank = ["std_error", "statistic", "df", "p_value", "ci_low", "ci_high"]
        tables.append(table.assign(**dict.fromkeys(blank, np.nan)))
    tables.append(_spread(alone, outcome, school_form, start))
    return estimates.combine(tables)


def _spread(alone: pd.DataFrame, outcome: Outcome, school_form: str, start: int) -> pd.DataFrame:
    def changes(at: int, rows: pd.DataFrame) -> np.ndarray:
        period = np.where(rows["term_number"] >= at, "after", "before")
        means = rows.groupby(["school", period])[outcome.name].mean().unstack()
        means = means.reindex(columns=["before", "after"])
        return (means["after"] - means["before"]).dropna().to_numpy()

    # The same number of terms on both sides, a school year earlier; seasons then match.
    now = alone[(alone["term_number"] >= start - 2) & (alone["term_number"] < start + 2)]
    earlier = alone[(alone["term_number"] >= start - 4) & (alone["term_number"] < start)]
    own, then = changes(start, now), changes(start - 2, earlier)
    row: dict[str, object] = {"outcome": outcome.name, "estimand": "spread_now_over_then"}
    if len(own) < 3 or len(then) < 3 or np.var(then) == 0:
        row |= reasons.cells("few_clusters")
    else:
        ratio = float(np.var(own, ddof=1) / np.var(then, ddof=1))
        p = float(stats.f.sf(ratio, len(own) - 1, len(then) - 1))
        row |= {"estimate": ratio, "p_value": p, "n_schools": len(own), "method": "F"}
    table = label(
        estimates.table([row]),
        outcome,
        school_form,
        "comparison_schools_alone",
        model="placebo, comparison schools alone",
        scale=1.0,
    )
    return table.assign(unit="ratio of variances")
