"""What the board decides on: class or targeted mentors, cost, the next pilot."""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.outcomes import OUTCOMES, find_outcome
from pilot_analysis.catalogue.units import CLASS
from pilot_analysis.catalogue.words import Words
from pilot_analysis.evaluation import evidence
from pilot_analysis.evaluation.cost import FREED
from pilot_analysis.evaluation.delivered import PER_MENTORED
from pilot_analysis.evaluation.targeting import BY_CLASS, TARGETED
from pilot_analysis.inference import two_sample
from pilot_analysis.report.amounts import bare, counted, measured
from pilot_analysis.report.answers import Findings
from pilot_analysis.report.document import Block, Heading, Items, Paragraph, Table
from pilot_analysis.report.register import pilot_terms
from pilot_analysis.report.results import estimate_cell
from pilot_analysis.report.sentences import (
    capital,
    cost_sentence,
    is_bounded,
    level,
    money,
    p_value,
    subject,
)
from pilot_analysis.report.studied import mentored_withheld
from pilot_analysis.words import small

DIFFERENCE = "targeted_minus_class"
# What a reader may hold a pupil more with all grades to be worth (kr): examples, not estimates.
_WORTH = (50_000, 100_000, 250_000, 1_000_000)
# And an hour of a teacher's time (kr).
_HOUR = (300, 400, 500)
# Schools of a next pilot, half of them drawn by lot to have mentors: examples too.
_NEXT = (12, 20, 40, 80)


def blocks(findings: Findings) -> list[Block]:
    """Return the section."""
    words = findings.words
    table = findings.material.table
    costs = table[table["model"] == "cost"].to_dict("records")
    made: list[Block] = [Heading(words("report_decisions"))]
    if told := _organisation(findings):
        made += [Heading(words("decision_organisation"), 2), *told]
        if said := findings.material.description.said_of_organisation:
            made.append(Paragraph(said.within(findings.language)))
    known = {row["outcome"] for row in costs if not row["reason"]}
    made.append(Heading(words("decision_cost"), 2))
    made += [Paragraph(_priced(findings))] if known else []
    made += [Items([cost_sentence(row, words) for row in costs])] if costs else []
    made += [Paragraph(told) for told in (_unknown_costs(row, words) for row in costs) if told]
    made += [Paragraph(words("cost_graded"))] if known - {"cost_per_pupil"} else []
    made += _mentored(findings)
    made += _net_of_time(findings)
    made += _break_even(findings)
    effects = _detectable(findings)
    made.append(Heading(words("decision_next"), 2))
    if effects:
        made.append(Paragraph(words("next_text", effects=words.listed(effects))))
    made += _next_designs(findings)
    made.append(Paragraph(words("next_command")))
    return made


def _priced(findings: Findings) -> str:
    """Say what costs are: in the prices of which years, where the register's terms are told."""
    words = findings.words
    years = {term[2:] for own in pilot_terms(findings).values() for term in own}
    told = words.listed(sorted(years))
    return words("cost_text", years=told or "none")


def _unknown_costs(row: Mapping[str, Any], words: Words) -> str:
    """Say of how many pilot schools the cost is known, where it is not of all."""
    known, pilot = row["n_treated_schools"], row["n_schools"]
    if row["outcome"] != "cost_per_pupil" or not known < pilot:
        return ""
    return words(
        "cost_known_of", form=words.form(row["school_form"]), n=int(known), pilot=int(pilot)
    )


def _mentored(findings: Findings) -> list[Block]:
    """Set the cost of a mentored pupil beside that of every pupil, by organisation."""
    words, table = findings.words, findings.material.table
    told = [
        words(
            "cost_mentored",
            form=capital(words.form(row["school_form"])),
            organisation=words(f"organisation_{row['specification']}"),
            money=money(row["estimate"], words),
        )
        for row in table[table["outcome"] == PER_MENTORED].to_dict("records")
        if math.isfinite(row["estimate"])
    ]
    told += mentored_withheld(findings) if told else []
    return [Paragraph(words("cost_mentored_text")), Items(told)] if told else []


def _net_of_time(findings: Findings) -> list[Block]:
    """Take from the cost what teachers' time may be worth, with the interval of the hours freed."""
    words, table = findings.words, findings.material.table
    cost = table[table["outcome"] == "cost_per_pupil"].set_index("school_form")["estimate"]
    freed = [
        row
        for row in table[table["model"] == FREED].to_dict("records")
        if math.isfinite(cost.get(row["school_form"], math.nan)) and is_bounded(row)
    ]
    if not freed:
        return []

    def told(value: float) -> str:
        return words.count(round(value, -1))

    rows = []
    for worth in _HOUR:
        cells = [words.count(worth)]
        for row in freed:
            net = [
                cost[row["school_form"]] - worth * row[k] for k in ("estimate", "ci_high", "ci_low")
            ]
            cells.append(
                words("net_between", net=told(net[0]), low=told(net[1]), high=told(net[2]))
            )
        rows.append(cells)
    said = [
        words(
            "net_hours",
            form=capital(words.form(row["school_form"])),
            hours=words.number(row["estimate"]),
            low=words.number(row["ci_low"]),
            high=words.number(row["ci_high"]),
            level=level(row, words),
        )
        for row in freed
    ]
    forms = [capital(words.form(row["school_form"])) for row in freed]
    return [
        Paragraph(words("net_text")),
        Items(said),
        Table([words("net_worth"), *forms], rows, words("net_caption")),
    ]


def _break_even(findings: Findings) -> list[Block]:
    """Say how many more pupils of a class have to reach the goals for the cost to be covered."""
    words, table = findings.words, findings.material.table
    costs = table[(table["outcome"] == "cost_per_pupil") & table["estimate"].notna()]
    costs = costs[costs["estimate"] > 0]
    if costs.empty:
        return []
    rows = [
        [words.count(value), *(words.number(CLASS * cost / value) for cost in costs["estimate"])]
        for value in _WORTH
    ]
    found = [
        bare(answer.row, words).span(answer.row["ci_low"], answer.row["ci_high"], words)
        if is_bounded(answer.row)
        else "–"
        for form in costs["school_form"]
        for answer in findings.of("goals_all", "all_pupils")
        if answer.form == form
    ]
    if len(found) == len(costs):
        rows.append([words("break_even_found"), *found])
    forms = [capital(words.form(form)) for form in costs["school_form"]]
    return [
        Paragraph(words("break_even_text")),
        Table([words("break_even_worth"), *forms], rows, words("break_even_caption")),
    ]


def _organisation(findings: Findings) -> list[Block]:
    """Set the effects of both kinds of mentors side by side, and say whether they differ.

    Nothing where no school form had both.
    """
    words, table = findings.words, findings.material.table
    rows = table[table["estimand"] == DIFFERENCE].to_dict("records")
    if all(row["reason"] == "no_treated" for row in rows):
        return []
    known = [row for row in rows if math.isfinite(row["estimate"])]
    made: list[Block] = [Paragraph(words("organisation_text"))]
    if known:
        names = ("what", "targeted", "class", "difference", "p")
        unit = known[0]["unit"]
        caption = words("organisation_caption", unit=words.unit(unit), level=level(known[0], words))
        made.append(
            Table(
                [words(f"organisation_column_{name}") for name in names],
                [_two_kinds(row, unit, findings) for row in known],
                caption,
                (1.8, 1.5, 1.5, 1.5, 1.1),
            )
        )
    why = dict.fromkeys(
        words(
            "organisation_unknown",
            form=words.form(row["school_form"]),
            why=reasons.sentence(row, words.language),
        )
        for row in rows
        if not math.isfinite(row["estimate"])
    )
    said = [*why, *_decided(known, findings)]
    made.append(Items(said) if len(said) > 1 else Paragraph(said[0]))
    if any(is_bounded(row) for row in known):
        made.append(Paragraph(words("organisation_assumption")))
    if findings.material.quality.get("synthetic"):
        made.append(Paragraph(words("organisation_synthetic")))
    return made


def _two_kinds(row: Mapping[str, Any], unit: str, findings: Findings) -> list[str]:
    words, table = findings.words, findings.material.table
    own = table[
        (table["specification"] == row["specification"])
        & (table["outcome"] == row["outcome"])
        & (table["school_form"] == row["school_form"])
        & table["estimate"].notna()
    ].drop_duplicates("population")
    by_kind = own.set_index("population").to_dict("index")
    arms = [by_kind.get(name, {}) for name in (TARGETED, BY_CLASS)]
    return [
        f"{subject(row, words)}, {words.form(row['school_form'])}",
        *(estimate_cell(arm, words, unit) if arm else "–" for arm in arms),
        estimate_cell(row, words, unit),
        " ".join(
            shape.format(p_value(row[name], words))
            for name, shape in (("p_value", "{}"), ("p_value_min", "({})"))
            if math.isfinite(row[name])
        )
        or "–",
    ]


def _decided(rows: Sequence[Mapping[str, Any]], findings: Findings) -> list[str]:
    """Say which differences hold once all are counted together; else that nothing is decided."""
    words = findings.words
    if not rows:
        return []
    adjusted = evidence.holm([row["p_value"] for row in rows])
    told = [
        words(
            "organisation_differs",
            form=words.form(row["school_form"]),
            outcome=small(subject(row, words)),
            amount=measured(row).amount(row["estimate"], words),
            p=p_value(p, words),
        )
        for row, p in zip(rows, adjusted, strict=True)
        if is_bounded(row) and not row["ci_low"] <= 0 <= row["ci_high"] and p <= 1 - row["ci_level"]
    ]
    finite = [p for p in adjusted if math.isfinite(p)]
    lowest = p_value(min(finite), words) if finite else ""
    return told or [words("organisation_open", n=len(rows), p=lowest or "none")]


def _next_designs(findings: Findings) -> list[Block]:
    """Say how many schools drawn by lot find what, if schools vary as the pilot's did."""
    words = findings.words
    asked = findings.material.plan.primary[0]
    answers = [
        answer
        for answer in findings.of(asked.outcome, asked.population)
        if math.isfinite(answer.row.get("std_error", math.nan))
    ]
    if not answers:
        return []
    known = find_outcome(asked.outcome)
    better = known.better if known else 1
    rows = [
        [
            f"{schools}",
            *(
                counted(a.row, words).amount(
                    math.copysign(_spread(a.row) * _smallest(schools), better), words, short=True
                )
                for a in answers
            ),
        ]
        for schools in _NEXT
    ]
    forms = [capital(words.form(answer.form)) for answer in answers]
    outcome = small(subject(answers[0].row, words))
    return [
        Table([words("next_schools"), *forms], rows, words("next_caption", outcome=outcome)),
    ]


def _spread(row: Mapping[str, Any]) -> float:
    """Return the standard deviation of schools' changes that an estimate's error stands for."""
    pilot = row["n_treated_schools"]
    return float(row["std_error"] / math.sqrt(1 / pilot + 1 / (row["n_schools"] - pilot)))


@cache
def _smallest(schools: int) -> float:
    """Return the effect that half of so many schools finds, in standard deviations of schools."""
    arms = two_sample.TwoArms.equal(1.0, 1.0, schools // 2, schools - schools // 2)
    return two_sample.detectable(arms, "least_favourable")


def _detectable(findings: Findings) -> list[str]:
    """Return what the pilot could have found on its first primary question, by school form."""
    words = findings.words
    asked = findings.material.plan.primary[0]
    told = []
    for answer in findings.of(asked.outcome, asked.population):
        size = answer.row["detectable_effect"]
        if math.isfinite(size):
            scale = counted(answer.row, words)
            value = scale.amount(math.copysign(size, OUTCOMES[asked.outcome].better), words)
            told.append(words("effect_in_form", size=value, form=words.form(answer.form)))
    return told
