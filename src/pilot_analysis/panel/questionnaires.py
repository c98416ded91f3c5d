"""Questionnaires of staff and pupils: comparable answers, indices, response, what may be shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from pilot_analysis import description, terms
from pilot_analysis.catalogue import reasons
from pilot_analysis.description import INDICES, ROLES, Instrument, Instruments
from pilot_analysis.panel import explore
from pilot_analysis.panel.build import read_table, refused_controls
from pilot_analysis.parameters import Parameters

# An index is the mean of a sheet's answers when at least this share of the items was answered.
_ANSWERED_SHARE = 0.5
_BANDS = (0, 0.4, 0.5, 0.6, 0.7, 0.8, 1)
# Roles of which a school has so few that an answer would point to a person.
NEVER_BY_SCHOOL = ("principal", "mentor")


# Where each role's answer sheets are.
_TABLES = {role: "pupil_survey" if role == "pupil" else "staff_survey" for role in ROLES}


@dataclass(frozen=True)
class Answers:
    """One role's comparable answers, one row an answer sheet, with the design columns.

    `instrument` is what the role was asked; `data` has a column for each of its indices. `items`
    are those asked in every wave of `data`; `asked` has one row a school x term with the numbers
    asked and answered (asked is NaN where nobody knows); `left_out` says in words what could not be
    compared, and how much.
    """

    role: str
    instrument: Instrument
    data: pd.DataFrame
    items: list[str]
    asked: pd.DataFrame
    left_out: list[str]

    def asks(self, outcome: str) -> bool:
        """Say whether the questionnaire asks about an index or about hours."""
        return outcome in self.instrument.indices if outcome in INDICES else self.instrument.hours

    def bands(self, index: str) -> list[float]:
        """Return where an index is cut to show how answers spread: its upper half in narrow bands."""
        described = self.instrument.indices[index]
        return [described.low + share * (described.high - described.low) for share in _BANDS]

    def index_items(self, index: str) -> list[str]:
        """Return the comparable items that an index is made of."""
        return [item for item in self.instrument.indices[index].items if item in self.items]


def asked(processed: Path) -> Instruments:
    """Return the questionnaires of the evaluation that the tables were made for."""
    return description.load(description.beside_tables(processed)).instruments


def read(processed: Path, parameters: Parameters, role: str) -> Answers:
    """Return what one role answered, in the run's terms and schools.

    Waves across a change of the questionnaire, items and grades not asked in every wave are left
    out; the index is made anew from what remains. Don't-know counts as no answer. Schools refused
    as comparisons are dropped as they are for pupils.
    """
    instrument = asked(processed)[role]
    exposure = read_table(processed, "exposure")
    data = read_table(processed, _TABLES[role])
    if "role" in data.columns:
        data = data[data["role"] == role]
    dropped = [*parameters.exclude_schools, *refused_controls(exposure, parameters.admit_controls)]
    data = data[
        data["term"].isin(terms.between(parameters.first_term, parameters.last_term))
        & ~data["school"].isin(dropped)
    ]
    data, left_out = _comparable_waves(_with_start(data, exposure), parameters)
    if role == "pupil":
        data, told = _comparable_grades(data)
        left_out += told
    items, told = _comparable_items(data, instrument)
    left_out += told
    answers = Answers(role, instrument, data, items, data, left_out)
    for name in instrument.indices:
        data = data.assign(**{name: _index(answers, name)})
        few = int(data[name].isna().sum())
        if few:
            left_out.append(f"{few:,} of {len(data):,} sheets answered less than half of the items")
    if "n_dont_know" in data and len(data):
        share = 100 * data["n_dont_know"].sum() / max(1, len(data) * len(instrument.items))
        left_out.append(f"{share:.1f} % of the answers were don't know, read as no answer")
    sent = _asked(processed, data, role)
    sent = _with_start(sent[~sent["school"].isin(dropped)], exposure)
    return replace(answers, data=data.reset_index(drop=True), asked=sent)


def _index(answers: Answers, name: str) -> "pd.Series[float]":
    """Return each sheet's index: its mean item, unless it answered less than half of them."""
    index, (low, high) = answers.instrument.indices[name], answers.instrument.span
    items = answers.data[answers.index_items(name)]
    mean = (items.mean(axis=1) - low) / (high - low) * (index.high - index.low) + index.low
    enough = items.notna().sum(axis=1) >= _ANSWERED_SHARE * items.shape[1]
    return mean.where(enough & (items.shape[1] > 0))


def _with_start(data: pd.DataFrame, exposure: pd.DataFrame) -> pd.DataFrame:
    pilot = exposure[exposure["status"] == "pilot"]
    pilot = pilot.assign(number=terms.numbers(pilot["term"]))
    number = terms.numbers(data["term"]).astype(float)
    start = data["school"].map(pilot.groupby("school")["number"].min()).astype(float)
    first = data["school_form"].map(pilot.groupby("school_form")["number"].min())
    begun = number >= first.astype(float)
    return data.assign(
        term_number=number,
        first_treated_number=start,
        ever_treated=start.notna(),
        treated=((number >= start) & start.notna()).astype(float),
        period=np.where(begun, "after", "before"),
    )


def _comparable_waves(data: pd.DataFrame, parameters: Parameters) -> tuple[pd.DataFrame, list[str]]:
    """Keep the waves on the first start's side of every change of the questionnaire."""
    start = data["first_treated_number"].min()
    keep = pd.Series(True, index=data.index)
    for change in (terms.number(t) for t in parameters.questionnaire_changes):
        later = data["term_number"] >= change
        keep &= later if np.isfinite(start) and change < start else ~later
    gone = sorted(data.loc[~keep, "term_number"].unique())
    told = [f"wave {terms.label(int(t))}: the questionnaire had changed" for t in gone]
    return data[keep], told


def _comparable_grades(data: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    told, kept = [], []
    for school_form, rows in data.groupby("school_form"):
        waves = rows.groupby("term")["grade"].unique()
        always = set.intersection(*(set(w) for w in waves)) if len(waves) else set()
        gone = sorted(set(rows["grade"]) - always)
        if gone:
            named = ", ".join(str(g) for g in gone)
            told.append(f"{school_form}: grade {named} was not asked in every wave")
        kept.append(rows[rows["grade"].isin(always)])
    return (pd.concat(kept) if kept else data), told


def _comparable_items(data: pd.DataFrame, instrument: Instrument) -> tuple[list[str], list[str]]:
    every = list(instrument.items)
    if data.empty:
        return every, []
    asked = data.groupby("term")[every].count() > 0
    items = [item for item in every if asked[item].all()]
    told = [
        f"{item}: not asked in {', '.join(asked.index[~asked[item]])}"
        for item in every
        if item not in items
    ]
    return items, told


def _asked(processed: Path, data: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return school x term: asked, answered and response, in every wave, silent schools too.

    Pupils asked are those enrolled in the grades of the wave; staff asked are in `utskick.csv`,
    and not known without it.
    """
    keys = ["school_form", "school", "term"]
    waves = data[["school_form", "term"]].drop_duplicates()
    if role == "pupil":
        enrolled = read_table(processed, "pupil_terms")
        wanted = data[["school_form", "term", "grade"]].drop_duplicates()
        enrolled = enrolled.merge(wanted, on=["school_form", "term", "grade"])
        asked = enrolled.groupby(keys)["pupil"].nunique().rename("asked").reset_index()
    elif (processed / "staff_asked.parquet").exists():
        sent = read_table(processed, "staff_asked")
        asked = sent[sent["role"] == role].drop(columns="role").merge(waves)
    else:
        asked = data[keys].drop_duplicates().assign(asked=np.nan)
    answered = data.groupby(keys).size().rename("answered").reset_index()
    both = asked.merge(answered, on=keys, how="outer")
    both["answered"] = both["answered"].fillna(0)
    return both.assign(response=(both["answered"] / both["asked"]).clip(upper=1.0))


# --- What may be shown -----------------------------------------------------------------------


Reason = tuple[str, dict[str, float]]  # a code of the catalogue and its values


def withheld(answered: float, asked: float, schools: int, parameters: Parameters) -> Reason | None:
    """Return why a group's answers may not be published; None when they may.

    The municipality's rule: at least 10 answers and half of those asked. A group of one school
    would be that school.
    """
    if answered < parameters.survey_min_answers:
        return "few_answers", {"least": parameters.survey_min_answers}
    if asked > 0 and answered / asked < parameters.survey_min_response:
        return "few_of_those_asked", {"least": 100 * parameters.survey_min_response}
    return ("one_school", {}) if schools < 2 else None


def too_few(
    answers: Answers, school_form: str, parameters: Parameters
) -> tuple[str, dict[str, float | str]] | None:
    """Return why the four groups of a difference-in-differences may not be published; None when they may."""
    asked = answers.asked[answers.asked["school_form"] == school_form]
    for (ever, period), cells in asked.groupby(["ever_treated", "period"]):
        reason = withheld(
            cells["answered"].sum(), cells["asked"].sum(), cells["school"].nunique(), parameters
        )
        if reason:
            code, values = reason
            group = {"group": "pilot" if ever else "comparison", "period": str(period)}
            return f"{code}_in_group", {**values, **group}
    return None


When = Literal["term", "period"]
# Sorted by these: in time, not by name.
_WHEN = {"term": ["term_number", "term"], "period": ["period"]}


def group_response(answers: Answers, when: When, parameters: Parameters) -> pd.DataFrame:
    """Return asked, answered and response by school form, pilot or not, and wave or period.

    `when` is `term` for waves, `period` for before and after the school form's first start.

    Columns beside the keys: n_schools, asked, answered, response (0 to 1; NaN where the number
    asked is not known), reason and reason_values (why nothing of the group may be shown).
    """
    keys = ["school_form", "ever_treated", *_WHEN[when]]
    table = answers.asked.groupby(keys, as_index=False).agg(
        n_schools=("school", "nunique"), asked=("asked", "sum"), answered=("answered", "sum")
    )
    # A sum of unknown numbers is zero.
    table["asked"] = table["asked"].where(table["asked"] > 0)
    table["response"] = (table["answered"] / table["asked"]).clip(upper=1.0)
    why = [withheld(r.answered, r.asked, r.n_schools, parameters) for r in table.itertuples()]
    cells = [reasons.cells(w[0], **w[1]) if w else {"reason": "", "reason_values": ""} for w in why]
    return table.assign(**pd.DataFrame(cells, columns=["reason", "reason_values"], dtype=str))


def group_means(answers: Answers, column: str, when: When, parameters: Parameters) -> pd.DataFrame:
    """Return means of pilot and comparison schools by wave or period; each school counts once.

    Columns as `group_trends`, with `reason`; a suppressed group has no figure. The band is one
    standard error over schools, and `largest_weight` a sheet's weight at the smallest school.
    """
    keys = ["school_form", "ever_treated", *_WHEN[when]]
    cells = answers.data.groupby([*keys, "school"], as_index=False).agg(
        **{column: (column, "mean"), "_sheets": (column, "count")}
    )
    known = cells[cells["_sheets"] > 0]
    means = known.groupby(keys, as_index=False).agg(
        mean=(column, "mean"),
        sd=(column, "std"),
        schools=(column, "size"),
        least=("_sheets", "min"),
    )
    means["largest_weight"] = 1 / (means.pop("schools") * means.pop("least"))
    table = group_response(answers, when, parameters).merge(means, on=keys, how="left")
    error = table["sd"] / np.sqrt(table["n_schools"])
    table = table.assign(low=table["mean"] - error, high=table["mean"] + error).drop(columns="sd")
    hidden = table["reason"] != ""
    table[["mean", "low", "high"]] = table[["mean", "low", "high"]].mask(hidden)
    table["answered"] = table["answered"].mask(hidden)
    table["response"] = table["response"].mask(hidden)
    return table.drop(columns="asked")


def distribution(
    answers: Answers, column: str, edges: Sequence[float], parameters: Parameters
) -> pd.DataFrame:
    """Count answer sheets by band of an index or number of hours, as `explore.distribution`.

    Groups are school form, arm and period. Groups that may not be published count nobody.
    """
    table = explore.distribution(
        explore.with_groups(answers.data), column, by=["school_form", "arm", "period"], edges=edges
    )
    asked = group_response(answers, "period", parameters)
    hidden = asked[asked["reason"] != ""]
    arm = np.where(hidden["ever_treated"].astype(bool), "pilot", "comparison")
    gone = set(zip(hidden["school_form"], arm, hidden["period"], strict=True))
    keys = zip(table["school_form"], table["arm"], table["period"], strict=True)
    return table.assign(n=table["n"].mask([key in gone for key in keys], 0))


def item_shares(answers: Answers, school_form: str, parameters: Parameters) -> pd.DataFrame:
    """Return the share of each answer by item, pilot or not, before and from the first start.

    Columns: item, ever_treated, period, answer (score), share (0 to 1), n. Groups that may not be
    published are left out; so is an item with fewer answers than the rule asks.
    """
    data = answers.data[answers.data["school_form"] == school_form]
    scores = np.array([step.score for step in answers.instrument.steps])
    rows = []
    for (ever, period), group in data.groupby(["ever_treated", "period"]):
        own = answers.asked[
            (answers.asked["school_form"] == school_form)
            & (answers.asked["ever_treated"] == ever)
            & (answers.asked["period"] == period)
        ]
        reason = withheld(
            len(group), float(own["asked"].sum()), group["school"].nunique(), parameters
        )
        for item in answers.items if not reason else ():
            known = group[item].dropna()
            if len(known) < parameters.survey_min_answers:
                continue
            # A reversed item is scored from the other end, which shifts thirds by a point.
            nearest = scores[np.abs(known.to_numpy()[:, None] - scores).argmin(axis=1)]
            for score in scores:
                share = float((nearest == score).mean())
                rows.append(
                    {
                        "item": item,
                        "ever_treated": bool(ever),
                        "period": str(period),
                        "answer": score,
                        "share": share,
                        "n": len(known),
                    }
                )
    columns = ["item", "ever_treated", "period", "answer", "share", "n"]
    return pd.DataFrame(rows, columns=columns)


def roles(processed: Path, parameters: Parameters) -> dict[str, Answers]:
    """Return the answers of every role that has any."""
    return {r: a for r, a in every_role(processed, parameters).items() if len(a.data)}


def every_role(processed: Path, parameters: Parameters) -> dict[str, Answers]:
    """Return what every role answered, also where none of it can be compared (`left_out`)."""
    return {
        role: read(processed, parameters, role)
        for role in asked(processed)
        if (processed / f"{_TABLES[role]}.parquet").exists()
    }


def themes(processed: Path, parameters: Parameters) -> pd.DataFrame:
    """Return how many free-text answers of each role speak of each theme: role, theme, n_answers.

    In the run's terms, where exports say of which; themes in the order that the evaluation lists.
    """
    described = description.load(description.beside_tables(processed))
    if not (processed / "themes.parquet").exists():
        return pd.DataFrame(columns=["role", "theme", "n_answers"])
    data = read_table(processed, "themes")
    window = terms.between(parameters.first_term, parameters.last_term)
    data = data[data["term"].isna() | data["term"].isin(window)]
    table = data.groupby(["role", "theme"], as_index=False)["answers"].sum()
    place = {name: i for i, name in enumerate((*ROLES, *described.themes))}
    table = table.sort_values(["role", "theme"], key=lambda names: names.map(place))
    return table.rename(columns={"answers": "n_answers"}).reset_index(drop=True)


def role_means(answers: Iterable[Answers], parameters: Parameters) -> pd.DataFrame:
    """Return each role's indices before and after the start: role, index, and as `group_means`."""
    parts = [
        group_means(a, index, "period", parameters).assign(role=a.role, index=index)
        for a in answers
        for index in a.instrument.indices
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
