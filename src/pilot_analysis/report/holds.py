"""Does the answer hold? Each primary question under other choices, and the one that moves it most."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pilot_analysis.evaluation import checks
from pilot_analysis.evaluation.fitting import PRIMARY_MODEL
from pilot_analysis.report.amounts import measured
from pilot_analysis.report.answers import Answer, Findings
from pilot_analysis.report.document import Block, Heading, Items, Paragraph, Table
from pilot_analysis.report.sentences import capital

# Rows of other models that answer the same question: model, estimand and the variant's name.
_OTHER_MODELS = (
    ("two-way fixed effects", "stayers", "stayers"),
    ("OLS with baseline covariates", "treated", "baseline_covariates"),
    ("Callaway-Sant'Anna", "overall", "callaway"),
    ("triple difference", "_both", "against_other_pupils_of_the_school"),
    ("multiple imputation", "per_school", "imputed"),
)
# Specifications of the primary estimator, in the order a reader meets them.
_SPECIFICATIONS = (
    "by_pupils",
    "ratio",
    "unreported_present",
    "unreported_absent",
    "unreported_dropped_without_remote_weeks",
    "without_exceptional_terms",
    "without_prestudy_schools",
    "pupils_there_before",
    "placebo_year_earlier",
)
_NAMES = {"unreported_dropped_without_remote_weeks": "without_remote_weeks"}
# Not another estimate of the effect, so it cannot move the answer.
_NO_RIVAL = frozenset({"placebo_year_earlier"})
_PER = ("per_school", "per_pupil")


def variants(table: pd.DataFrame, answer: Answer) -> dict[str, Mapping[str, Any]]:
    """Return the estimates of an answer's question under other choices, by variant."""
    outcome, population = answer.key
    return variants_of(own_rows(table, outcome, population, answer.form))


def own_rows(table: pd.DataFrame, outcome: str, population: str, form: str) -> pd.DataFrame:
    """Return the estimates of one outcome, population and school form that are of no one term."""
    return table[
        (table["outcome"] == outcome)
        & (table["population"] == population)
        & (table["school_form"] == form)
        & table["estimate"].notna()
        & table["event_time"].isna()
    ]


def variants_of(own: pd.DataFrame) -> dict[str, Mapping[str, Any]]:
    """Return the estimates under other choices among one question's rows, by variant."""
    found: dict[str, Mapping[str, Any]] = {}
    primary = own[(own["model"] == PRIMARY_MODEL) & own["estimand"].isin(_PER)]
    for name in _SPECIFICATIONS:
        _add(found, _NAMES.get(name, name), primary[primary["specification"] == name])
    for model, estimand, name in _OTHER_MODELS:
        rows = own[(own["model"] == model) & (own["estimand"] == estimand)]
        if name == "stayers":
            rows = rows[rows["specification"] == "stayers"]
        if name == "imputed":
            rows = rows[rows["specification"] == "imputed"]
        _add(found, name, rows)
    left = own[own["model"] == checks.LEFT_OUT].sort_values("estimate", kind="stable")
    _add(found, "left_out_lowest", left.head(1))
    _add(found, "left_out_highest", left.tail(1))
    return found


def _add(found: dict[str, Mapping[str, Any]], name: str, rows: pd.DataFrame) -> None:
    if len(rows):
        found[name] = rows.iloc[0].to_dict()


def blocks(findings: Findings) -> list[Block]:
    """Return the section: a table and a sentence for each primary question."""
    words = findings.words
    made: list[Block] = [Heading(words("report_holds"))]
    for asked in findings.material.plan.primary:
        answers = [
            a for a in findings.of(asked.outcome, asked.population) if not a.row.get("reason")
        ]
        if not answers:
            continue
        made.append(Heading(words(f"question_{asked.claim}"), 2))
        made += _question(asked.claim, answers, findings)
    return made


def _question(claim: str, answers: list[Answer], findings: Findings) -> list[Block]:
    words = findings.words
    by_form = {a.form: variants(findings.material.table, a) for a in answers}
    names = list(dict.fromkeys(name for found in by_form.values() for name in found))
    if not names:
        return [Paragraph(words("holds_none"))]
    rows = [[words("variant_primary"), *(_cell(a.row, findings) for a in answers)]]
    rows += [
        [words(f"variant_{name}"), *(_cell(by_form[a.form].get(name), findings) for a in answers)]
        for name in names
    ]
    forms = [capital(words.form(a.form)) for a in answers]
    unit = words.unit(answers[0].row["unit"])
    caption = words("holds_caption", question=words(f"question_{claim}"), unit=unit)
    told = [said for a in answers if (said := _moves_most(a, by_form[a.form], findings))]
    table = Table([words("holds_variant"), *forms], rows, caption, (2, *(1.4 for _ in forms)))
    return [Items(told), table] if told else [table]


def _cell(row: Mapping[str, Any] | None, findings: Findings) -> str:
    if row is None:
        return "–"
    words, digits = findings.words, measured(row).digits
    size = words.number(row["estimate"], digits)
    if not (math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"])):
        return size
    low, high = (words.number(row[end], digits) for end in ("ci_low", "ci_high"))
    return f"{size} ({words('span', first=low, second=high)})"


def _moves_most(answer: Answer, found: Mapping[str, Mapping[str, Any]], findings: Findings) -> str:
    """Name the variant that moves the estimate most, with both figures."""
    words, planned = findings.words, float(answer.row["estimate"])
    rivals = {k: float(v["estimate"]) for k, v in found.items() if k not in _NO_RIVAL}
    if not rivals:
        return ""
    name = max(rivals, key=lambda k: abs(rivals[k] - planned))
    digits = measured(answer.row).digits
    return words(
        "holds_most",
        form=capital(words.form(answer.form)),
        variant=words(f"variant_{name}"),
        to=words.number(rivals[name], digits),
        unit=words.unit(answer.row["unit"]),
        **{"from": words.number(planned, digits)},
    )
