"""What the figures that a notebook draws with seaborn show: titles in numbers, names of lines."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pilot_analysis import figures
from pilot_analysis.catalogue.words import Words
from pilot_analysis.words import capital

# What stands on the horizontal axis: terms, periods or bands of another outcome.
_OVER = ("term", "period")


def title_of(title: str, numbers: pd.DataFrame, above: float | None, words: Words) -> str:
    """Return a title that ends in what the numbers show; itself where they show nothing.

    `numbers` are of changes since before the start, of means by band of another outcome, or of
    people by band; then `title` names those in the bands from the edge `above` on.
    """
    if "change" in numbers:
        return _since_start(title, numbers, words)
    if "mean" in numbers:
        return _by_band(title, numbers, words)
    if above is None or "share" not in numbers or not numbers["share"].any():
        return title
    over = next(name for name in _OVER if name in numbers)
    keys = [name for name in ("school_form", "arm", "school", over) if name in numbers]
    there = numbers[numbers.groupby(keys)["share"].transform("sum") > 0]  # the others are withheld
    shares = there[there["low"] >= above].groupby(keys, sort=False)["share"].sum().reset_index()
    if shares.empty:
        return title
    return _of_arms(title, shares, over, words) or _of_schools(title, shares, over, words)


def _since_start(title: str, changes: pd.DataFrame, words: Words) -> str:
    """Return how far each arm had moved by the last term drawn."""
    form = changes["school_form"].iloc[0]
    own = changes[(changes["school_form"] == form) & changes["change"].notna()]
    last = own.sort_values("term_number", kind="stable").groupby("arm").tail(1)
    moved = {row["arm"]: row for row in last.to_dict("records")}
    if set(moved) != set(figures.ARMS):
        return title
    told = {
        arm: f"{'+' if row['change'] > 0 else ''}{words.number(row['change'])}"
        for arm, row in moved.items()
    }
    return words(
        "figure_against_baseline_title",
        title=title,
        form=words.form(form),
        term=words.term(moved["pilot"]["term"]),
        **told,
    )


def _by_band(title: str, means: pd.DataFrame, words: Words) -> str:
    """Return the means of the lowest and the highest band, of pilot schools after the start."""
    form = means["school_form"].iloc[0]
    own = means[
        (means["school_form"] == form)
        & (means["arm"] == "pilot")
        & (means["period"] == "after")
        & means["mean"].notna()
    ]
    if len(own) < 2:
        return title
    first, last = own.iloc[0], own.iloc[-1]
    return words(
        "figure_by_band_title",
        title=title,
        form=words.form(form),
        first=words.number(first["mean"], 0),
        first_band=_in_per_cent(first["band"]),
        last=words.number(last["mean"], 0),
        last_band=_in_per_cent(last["band"]),
    )


def _in_per_cent(band: str) -> str:
    """Return a band's name with its unit.

    >>> _in_per_cent("under 5"), _in_per_cent("25 or more")
    ('under 5 %', '25 % or more')
    """
    low, more, _ = str(band).partition(" or more")
    return f"{low} %{more}"


def _of_arms(title: str, shares: pd.DataFrame, over: str, words: Words) -> str:
    """Return how each arm's share moved from first to last, in the first school form."""
    if "arm" not in shares:
        return ""
    own = shares[shares["school_form"] == shares["school_form"].iloc[0]]
    moved = {
        arm: words(
            "figure_trends_moved",
            first=words.number(100 * rows["share"].iloc[0], 0),
            last=words.number(100 * rows["share"].iloc[-1], 0),
        )
        for arm, rows in own.groupby("arm", sort=False)
        if rows[over].iloc[0] != rows[over].iloc[-1]
    }
    if set(moved) != set(figures.ARMS):
        return title
    return words(
        "figure_trends_finding",
        outcome=title,
        form=words.form(own["school_form"].iloc[0]),
        unit="\u00a0%",
        **moved,
    )


def _of_schools(title: str, shares: pd.DataFrame, over: str, words: Words) -> str:
    """Return between what the schools' shares lay, in the first and the last term."""
    told = {}
    for name, term in (("first", shares[over].iloc[0]), ("last", shares[over].iloc[-1])):
        own = 100 * shares.loc[shares[over] == term, "share"]
        low, high = words.number(own.min(), 0), words.number(own.max(), 0)
        told[name] = words("span", first=low, second=high)
        told[f"{name}_term"] = words.term(term)
    return words("figure_by_school_title", title=title, **told)


def ends_of(numbers: pd.DataFrame, words: Words) -> dict[Any, list[figures.EndLabel]]:
    """Return each line's name at its last point, by school form; none where there are no lines."""
    value = next((name for name in ("change", "mean") if name in numbers), "")
    if not value or "arm" not in numbers:
        return {}
    over = "term" if "term" in numbers else "band"
    places = {name: at for at, name in enumerate(dict.fromkeys(numbers[over]))}
    keys = ["school_form", "arm", *(["period"] if "period" in numbers else [])]
    found: dict[Any, list[figures.EndLabel]] = {}
    for _, rows in numbers[numbers[value].notna()].groupby(keys, sort=False):
        last: Mapping[str, Any] = rows.iloc[-1].to_dict()
        name = capital(words(f"figure_{last['arm']}"))
        if "period" in last:
            name = words(
                "figure_line_of", arm=name, period=words(f"figure_period_{last['period']}")
            )
        label = figures.EndLabel(places[last[over]], last[value], name, figures.ARMS[last["arm"]])
        found.setdefault(last["school_form"], []).append(label)
    return found
