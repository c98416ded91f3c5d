"""Plain sentences from rows of the estimates table, in any language of the catalogue.

A sentence never claims more than its interval allows: a direction is named only when the whole
interval lies on one side of zero, and 'cannot be determined' is a full answer.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal

from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.words import Words
from pilot_analysis.forms import graded_as
from pilot_analysis.report.amounts import BARE, counted, is_counted, measured
from pilot_analysis.words import small

Row = Mapping[str, Any]


def capital(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def where(row: Row, words: Words) -> str:
    """Return a row's population as the place in a sentence: 'in lower secondary school'."""
    name = f"place_{row['population']}"
    return words(
        name if words.has(name) else "place_all_pupils", form=words.form(row["school_form"])
    )


def row_label(row: Row, words: Words) -> str:
    """Return an estimate's outcome and school form as a figure's row has them."""
    form = row["school_form"]
    return f"{words.outcome(row['outcome'], form)}, {words.form(form)}"


def verdict(row: Row) -> Literal["not estimable", "open", "rose", "fell"]:
    """Return what an interval allows to be said."""
    low, high, estimate = row["ci_low"], row["ci_high"], row["estimate"]
    if row.get("reason") or not math.isfinite(estimate):
        return "not estimable"
    if math.isnan(low) or math.isnan(high) or low <= 0 <= high:
        return "open"
    return "rose" if low > 0 else "fell"


def is_bounded(row: Row) -> bool:
    """Say whether both ends of an interval are numbers."""
    return math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"])


def is_unbounded(row: Row) -> bool:
    """Say whether an estimate has no bounded interval: too few schools for any answer."""
    return verdict(row) != "not estimable" and not is_bounded(row)


def level(row: Row, words: Words) -> str:
    """Return an interval's level as per cent."""
    percent = words.percent(row["ci_level"])
    return words("interval_level", percent=percent, number=percent.removesuffix("\u00a0%"))


def p_value(value: float, words: Words) -> str:
    """Return a p-value with the digits it takes: three below .1, '< 0.001' below that."""
    if not math.isfinite(value):
        return "–"
    if value < 0.001:
        return f"< {words.number(0.001, 3)}"
    digits = 3 if value < 0.1 else 2
    # Just below a level is not at it.
    return words.number(value, digits + 1 if value < 0.05 == round(value, digits) else digits)


def subject(row: Row, words: Words) -> str:
    """Return a row's outcome as the subject of a sentence."""
    return words.subject(row["outcome"], row["school_form"])


def sentence(row: Row, words: Words) -> str:
    """Say what one estimate shows, with its interval and the number of schools."""
    shared = {
        "subject": subject(row, words),
        "outcome": small(subject(row, words)),
        "place": where(row, words),
    }
    found = verdict(row)
    if found == "not estimable":
        why = reasons.sentence(row, words.language) or words("reason_no_interval")
        return words("sentence_not_estimable", why=why, **shared)
    shared |= {
        name: f"{row[f'n_{key}']:.0f}"
        for name, key in (("pilot", "treated_schools"), ("schools", "schools"))
    }
    if is_unbounded(row):
        return words("sentence_unbounded", smallest=p_value(row["p_value_min"], words), **shared)
    own = measured(row)
    shared |= {"level": level(row, words), "span": own.span(row["ci_low"], row["ci_high"], words)}
    if found == "open":
        said = [words("sentence_open", **shared)]
    else:
        said = [words("sentence_effect", amount=own.amount(row["estimate"], words), **shared)]
    if is_counted(row):
        span = counted(row, words).span(row["ci_low"], row["ci_high"], words)
        said.append(words("sentence_counted", span=span))
    if found == "open":
        said.append(_detectable(row, words))
    if leans_on_assumption(row):
        said.append(_assumed(row, words))
    return " ".join(s for s in said if s)


def finding(row: Row, words: Words, *, one_of_several: bool = False) -> str:
    """Return an estimate as a figure's title: what was seen, and whether chance could do that.

    `one_of_several` main questions has an interval that is not adjusted for the others.
    """
    shared = {"subject": subject(row, words), "place": where(row, words)}
    found = verdict(row)
    if found == "not estimable" or is_unbounded(row):
        return words("finding_none", outcome=small(shared["subject"]), place=shared["place"])
    own = measured(row)
    scale = own if is_counted(row) or own.kind == BARE else counted(row, words)
    amount = scale.amount(row["estimate"], words)
    name = "open" if found == "open" else "effect_of_several" if one_of_several else "effect"
    return words(f"finding_{name}", amount=amount, **shared)


def no_effect(row: Row, words: Words) -> str:
    """Say that an interval holds nothing of importance."""
    span = measured(row).span(row["ci_low"], row["ci_high"], words)
    said = words(
        "sentence_none",
        subject=subject(row, words),
        place=where(row, words),
        span=span,
        level=level(row, words),
        pilot=f"{row['n_treated_schools']:.0f}",
        schools=f"{row['n_schools']:.0f}",
    )
    if leans_on_assumption(row):
        said += f" {_assumed(row, words)}"
    return said


def leans_on_assumption(row: Row) -> bool:
    """Say whether no placement of so few schools reaches the level, so that an assumption decides."""
    smallest = row.get("p_value_min", 0.0)
    return bool(row.get("assumption")) and smallest > 1 - row["ci_level"] + 1e-12


def assumption(row: Row, words: Words) -> str:
    """Return in words what has to hold for a row's interval."""
    bound = row.get("bound", math.nan)
    known = math.isfinite(bound) and bound > 0
    most, least = (words.decimal(v) if known else "" for v in (bound, 1 / bound if known else 0))
    return words(f"assumption_{row.get('assumption') or ''}", bound=most, least=least)


def _assumed(row: Row, words: Words) -> str:
    smallest = p_value(row["p_value_min"], words)
    return words("sentence_assumption", assumption=assumption(row, words), smallest=smallest)


def _detectable(row: Row, words: Words) -> str:
    """Say how small an effect could have been found, so that 'not found' is not read as 'none'."""
    smallest = row.get("detectable_effect", math.nan)
    if not math.isfinite(smallest):
        return ""
    size = words.number(smallest, measured(row).digits)
    return words("sentence_detectable", size=size, unit=words.unit(row["unit"]))


def cost_sentence(row: Row, words: Words) -> str:
    """Say what a gain cost, with its interval; no upper limit where the gain may be nothing."""
    form = row["school_form"]
    shared = {
        "cost": words(f"cost_{row['outcome']}", form=graded_as(form)),
        "form": words.form(form),
    }
    if row["reason"]:
        why = reasons.sentence(row, words.language)
        return words("cost_is_unknown_why", why=why, **shared)
    low, high = row["ci_low"], row["ci_high"]
    if row["outcome"] == "cost_per_pupil":
        return words("cost_is", money=money(row["estimate"], words), **shared)
    if not math.isfinite(low):
        return words("cost_is_no_gain", **shared)
    if not math.isfinite(high):
        name = "cost_is_unknown" if low == 0 else "cost_is_at_least"
        return words(name, low=money(low, words), **shared)
    return words(
        "cost_is_between",
        money=money(row["estimate"], words),
        low=money(low, words),
        high=money(high, words),
        level=level(row, words),
        **shared,
    )


def money(value: float, words: Words) -> str:
    """Return kronor with three significant digits."""
    digits = 0 if value == 0 else max(0, math.floor(math.log10(abs(value))) - 2)
    return words("money", kronor=words.count(round(value / 10**digits) * 10**digits))


def true_effect(row: Row, truth: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the generator's effect (`effect`, `unit`) that an estimate aims at, if it is known."""
    population = "all" if row["population"] == "all_pupils" else row["population"]
    wanted = (row["outcome"], population, row["school_form"])
    for effect in truth["effects"] if truth is not None else ():
        if (effect["outcome"], effect["population"], effect["school_form"]) == wanted:
            per_school = row.get("estimand") == "per_school" and "effect_per_school" in effect
            return dict(effect) | ({"effect": effect["effect_per_school"]} if per_school else {})
    return None


def truth_sentence(row: Row, truth: Mapping[str, Any] | None, words: Words) -> str:
    """Say the known true effect beside an estimate from synthetic data; empty for real data."""
    effect = true_effect(row, truth)
    if effect is None:
        return ""
    size, unit = words.number(effect["effect"]), words.unit(effect["unit"])
    return words("sentence_truth", size=size, unit=unit)
