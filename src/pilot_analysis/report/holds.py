"""Does the answer hold? Each primary question under other choices, and the one that moves it most."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from pilot_analysis.evaluation import checks
from pilot_analysis.evaluation.fitting import PRIMARY_MODEL
from pilot_analysis.evaluation.variants import WINDOWS
from pilot_analysis.figures.variants import BOUND, LEFT_OUT, PLACEBO, PLANNED, RIVAL
from pilot_analysis.report import pictures
from pilot_analysis.report.amounts import measured
from pilot_analysis.report.answers import Answer, Findings, Material
from pilot_analysis.report.document import Block, Heading, Items, Paragraph
from pilot_analysis.report.sentences import capital

# Rows of other models that answer the same question: model, estimand and the variant's name.
_OTHER_MODELS = (
    ("two-way fixed effects", "stayers", "stayers"),
    ("OLS with baseline covariates", "treated", "baseline_covariates"),
    ("Callaway-Sant'Anna", "overall", "callaway"),
    ("triple difference", "eligible_minus_others", "against_other_pupils_of_the_school"),
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
    *WINDOWS,
    "placebo_year_earlier",
)
_NAMES = {"unreported_dropped_without_remote_weeks": "without_remote_weeks"}
_READINGS = frozenset({"unreported_present", "unreported_absent"})
# Not another estimate of the effect, so it cannot move the answer.
_NO_RIVAL = frozenset({"placebo_year_earlier"})
# The dot plots' files are named by it.
STEM = "holds"
_PER = ("per_school", "per_pupil")


def variants(material: Material, answer: Answer) -> dict[str, Mapping[str, Any]]:
    """Return the estimates that the plan sets beside an answer under other choices, by variant."""
    own = own_rows(material.table, *answer.key, answer.form)
    found = variants_of(own)
    if not _share_missing(own) > material.plan.missing_outcomes.imputation_above:
        found.pop("imputed", None)
    return found


def _share_missing(own: pd.DataFrame) -> float:
    """Return the share of rows that imputation has added; NaN where nothing was imputed."""
    rows = own[own["model"] == "multiple imputation"].set_index("specification")["n_obs"]
    if not {"complete_cases", "imputed"} <= set(rows.index):
        return math.nan
    return 1 - float(rows["complete_cases"]) / float(rows["imputed"])


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
    rows = own.to_dict("records")
    primary = [r for r in rows if r["model"] == PRIMARY_MODEL and r["estimand"] in _PER]
    for name in _SPECIFICATIONS:
        _add(found, _NAMES.get(name, name), [r for r in primary if r["specification"] == name])
    for model, estimand, name in _OTHER_MODELS:
        same = [r for r in rows if r["model"] == model and r["estimand"] == estimand]
        if name in ("stayers", "imputed"):
            same = [r for r in same if r["specification"] == name]
        _add(found, name, same)
    left = sorted((r for r in rows if r["model"] == checks.LEFT_OUT), key=lambda r: r["estimate"])
    _add(found, "left_out_lowest", left[:1])
    _add(found, "left_out_highest", left[-1:])
    return found


def _add(found: dict[str, Mapping[str, Any]], name: str, rows: Sequence[Mapping[Any, Any]]) -> None:
    if rows:
        found[name] = rows[0]


def blocks(findings: Findings) -> list[Block]:
    """Return the section: for each primary question a sentence and a dot plot."""
    words = findings.words
    made: list[Block] = [Heading(words("report_holds"))]
    for claim, answers in asked(findings):
        found = {a.form: variants(findings.material, a) for a in answers}
        told = [said for a in answers if (said := _moves_most(a, found[a.form], findings))]
        question = words(f"question_{claim}")
        made.append(Heading(question, 2))
        made.append(Items(told) if told else Paragraph(words("holds_none")))
        made += pictures.show(
            findings.material.figures,
            stem(claim),
            words,
            caption=words("holds_caption", question=question),
        )
    return made


def asked(findings: Findings) -> Iterator[tuple[str, list[Answer]]]:
    """Give each primary question that could be answered: its claim, an answer a school form."""
    for question in findings.material.plan.primary:
        answers = [
            a for a in findings.of(question.outcome, question.population) if not a.row.get("reason")
        ]
        if answers:
            yield question.claim, answers


def stem(claim: str) -> str:
    """Return the name of a question's dot plot."""
    return f"{STEM}_{claim}"


def title(claim: str, rows: pd.DataFrame, findings: Findings) -> str:
    """Return a dot plot's title: how far other choices move the first school form's answer."""
    words = findings.words
    own = rows[rows["school_form"] == rows["school_form"].iloc[0]]
    others = own.loc[own["kind"].isin([RIVAL, LEFT_OUT]), "estimate"]
    question = words(f"question_{claim}")
    if others.empty:
        return question
    digits = measured(own.iloc[0].to_dict()).digits
    first, second = (words.number(value, digits) for value in (others.min(), others.max()))
    return words(
        "figure_holds_title",
        question=question,
        form=words.form(own["school_form"].iloc[0]),
        planned=words.number(own["estimate"].iloc[0], digits),
        span=first if first == second else words("span", first=first, second=second),
        unit=words.unit(own["unit"].iloc[0]),
    )


def plotted(answers: Sequence[Answer], material: Material) -> pd.DataFrame:
    """Return what a question's dot plot draws: a row an estimate, as `figures.variants` takes them.

    Schools are left out by no name: their rows go by size.
    """
    rows: list[dict[str, Any]] = []
    for answer in answers:
        own = own_rows(material.table, *answer.key, answer.form)
        shown = variants(material, answer)
        found = {k: v for k, v in shown.items() if not k.startswith("left_out")}
        named = [("primary", PLANNED, answer.row)]
        named += [(k, RIVAL, v) for k, v in found.items() if k not in _NO_RIVAL]
        left = own[own["model"] == checks.LEFT_OUT].sort_values("estimate", kind="stable")
        named += [("left_out", LEFT_OUT, row) for row in left.to_dict("records")]
        limit = material.plan.warnings.breakdown_below
        honest = _honest(own)
        named += [("honest", BOUND, r) for r in honest if r["bound"] == limit]
        straight = (r for r in honest if r["specification"] == checks.STRAIGHT_TREND)
        named += [("straight_trend", BOUND, r) for r in straight]
        named += [(k, PLACEBO, v) for k, v in found.items() if k in _NO_RIVAL]
        rows += [
            {"school_form": answer.form, "variant": variant, "kind": kind, "unit": row["unit"]}
            | {name: row[name] for name in ("estimate", "ci_low", "ci_high", "ci_level")}
            for variant, kind, row in named
        ]
    table = pd.DataFrame(rows)
    order = dict.fromkeys(table["variant"])
    last = ("left_out", "honest", "straight_trend", *_NO_RIVAL)
    ranks = {name: (last.index(name) + 1 if name in last else 0) for name in order}
    return table.sort_values("variant", key=lambda names: names.map(ranks), kind="stable")


def _honest(own: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the intervals of honest DiD, by size and kind of drift."""
    rows = own[(own["model"] == checks.HONEST) & own["ci_low"].map(math.isfinite)]
    return rows.to_dict("records")


def _moves_most(answer: Answer, found: Mapping[str, Mapping[str, Any]], findings: Findings) -> str:
    """Name the variant that moves the estimate most, with both figures."""
    words, planned = findings.words, float(answer.row["estimate"])
    rivals = {k: float(v["estimate"]) for k, v in found.items() if k not in _NO_RIVAL}
    if not rivals:
        return ""
    name = max(rivals, key=lambda k: abs(rivals[k] - planned))
    digits = measured(answer.row).digits
    low, high = (found[name][end] for end in ("ci_low", "ci_high"))
    bounded = math.isfinite(low) and math.isfinite(high)
    ends = {"first": words.number(low, digits), "second": words.number(high, digits)}
    said = words(
        "holds_most",
        form=capital(words.form(answer.form)),
        variant=words(f"variant_{name}"),
        to=words.number(rivals[name], digits),
        unit=words.unit(answer.row["unit"]),
        span=words("span", **ends) if bounded else "none",
        level=findings.level,
        **{"from": words.number(planned, digits)},
    )
    return f"{said} {_by_reporting(answer, findings)}" if name in _READINGS else said


def _by_reporting(answer: Answer, findings: Findings) -> str:
    """Say that how unreported time is read moves an estimate by itself where reporting moved."""
    words, (_, population) = findings.words, answer.key
    moved = [a for a in findings.of("reporting_rate", population) if a.form == answer.form]
    size = float(moved[0].row["estimate"]) if moved else math.nan
    if not math.isfinite(size):
        return ""
    way = "more" if size > 0 else "less"
    return words("holds_reporting", way=way, size=words.number(abs(size)))
