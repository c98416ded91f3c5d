"""Tables as a notebook shows them: escaped HTML, named columns, intervals as one column."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import HTML, Markdown

from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.units import decimals_for
from pilot_analysis.catalogue.words import Words
from pilot_analysis.disclosure import schemas
from pilot_analysis.evaluation import subgroups
from pilot_analysis.figures.style import bounds
from pilot_analysis.forms import in_order
from pilot_analysis.report.sentences import p_value
from pilot_analysis.words import coverage_marks, dropped_by_rule, told, words_in

_SHOWN = {
    "outcome": "outcome",
    "school_form": "school form",
    "population": "population",
    "estimand": "estimand",
    "event_time": "terms since start",
    "model": "model",
    "specification": "specification",
    "term": "term",
    "estimate": "estimate",
    "interval": "interval",
    "p_value": "p (smallest without assumptions)",
    "p_value_min": "smallest p without assumptions",
    "method": "method",
    "n_pupils": "pupils",
    "n_schools": "schools (pilot)",
    "n_treated_schools": "pilot schools",
    "detectable_effect": "minimum detectable effect (80 % power)",
    "bound": "limit",
    "n_placements": "placements",
    "unit": "unit",
    "why": "no estimate because",
}

_ESTIMATE_COLUMNS = (
    "outcome",
    "school_form",
    "population",
    "model",
    "specification",
    "estimate",
    "interval",
    "p_value",
    "p_value_min",
    "detectable_effect",
    "n_schools",
    "unit",
    "why",
)
# Told above a table of which every row has the same.
_SAID_ONCE = frozenset(
    {"outcome", "school_form", "population", "model", "specification", "estimand", "unit", "method"}
)

# Whole numbers of something else than persons.
_COUNTED = frozenset({"n_schools", "pupil_terms", "left_out"})
_EXACT = 1e-9  # what binary fractions add
_CHECK_COLUMNS = (
    "outcome",
    "school_form",
    "population",
    "model",
    "specification",
    "estimand",
    "term",
    "event_time",
    "bound",
    "estimate",
    "interval",
    "p_value",
    "p_value_min",
    "unit",
    "method",
    "reason",
)


def show(table: pd.DataFrame | None) -> HTML | Markdown:
    """Return any table as escaped HTML without an index; codes of the catalogue in words."""
    if table is None:
        return Markdown("Nothing.")
    seen, words = table.rename_axis(columns=None), words_in(ENGLISH)
    named: dict[str, Callable[[str], str]] = {
        "school_form": words.form,
        "outcome": words.outcome,
        "population": words.population,
        "covariate": words.covariate,
        "method": words.test,
    }
    for column in named.keys() & set(seen):
        seen[column] = [named[column](v) if isinstance(v, str) and v else v for v in seen[column]]
    counts = [c for c in seen if schemas.is_count(str(c)) or c in _COUNTED]
    for name in seen.select_dtypes("number"):
        # A count is a float where one of its column is withheld.
        if name in counts:
            how = ",.0f"
        elif pd.api.types.is_float_dtype(seen[name]):
            how = f",.{_decimals(seen[name])}f"
        else:
            continue
        seen[name] = ["" if pd.isna(v) else format(v, how).replace("-", "−") for v in seen[name]]
    seen = seen.rename(columns=lambda c: c.replace("_", " ") if isinstance(c, str) else c)
    return HTML(seen.to_html(index=False, escape=True, border=0))


def show_estimates(table: pd.DataFrame, *columns: str) -> HTML:
    """Return estimates named as in the report, their interval as one column.

    What every row shares stands above the table once.
    """
    words = words_in(ENGLISH)
    loose = table[~np.isfinite(table["ci_high"] - table["ci_low"])]
    decimals = {unit: _decimals(rows["estimate"]) for unit, rows in loose.groupby("unit")}
    shown = pd.DataFrame([_in_words(row, words, decimals) for row in table.to_dict("records")])
    wanted = [c for c in columns or _ESTIMATE_COLUMNS if c in shown]
    # Told in the other's parentheses.
    for beside, name in (("n_treated_schools", "n_schools"), ("p_value_min", "p_value")):
        if name in wanted:
            wanted = [c for c in wanted if c != beside]
    wanted = [c for c in wanted if c not in ("why", "interval") or shown[c].any()]
    once = [c for c in wanted if c in _SAID_ONCE and len(shown) > 1]
    alike = [c for c in once if shown[c].iloc[0] and shown[c].eq(shown[c].iloc[0]).all()]
    said = "; ".join(f"{_SHOWN.get(c, c)} {shown[c].iloc[0]}" for c in alike)
    rest = shown[[c for c in wanted if c not in alike]].rename(columns=_SHOWN)
    above = f"<p>All rows: {escape(said)}.</p>\n" if said else ""
    made = rest.to_html(index=False, escape=True, na_rep="", float_format="{:.3g}".format, border=0)
    return HTML(above + made)


def show_groups(table: pd.DataFrame) -> HTML:
    """Return how the plan's subgroups changed: a row a school form and group, a column an arm."""
    words = words_in(ENGLISH)
    digits = _decimals(table["estimate"])
    forms = in_order(table["school_form"])
    rows = [
        {"school form": words.form(form), "group": words.subgroup(group)}
        | {words(f"balance_{arm}").lower(): _number(v, digits, words) for arm, v in change.items()}
        for group, form, change in sorted(
            subgroups.changes(table), key=lambda one: forms.index(one[1])
        )
    ]
    units = ", ".join(words.unit(unit) for unit in dict.fromkeys(table["unit"]))
    above = f"<p>Change in {escape(units)}; empty where too few pupils are behind it.</p>\n"
    return HTML(above + pd.DataFrame(rows).to_html(index=False, escape=True, border=0))


def _in_words(row: Mapping[Any, Any], words: Words, decimals: Mapping[Any, int]) -> dict[str, Any]:
    """Return a row of estimates with its codes in words and its numbers as they may be told.

    `decimals` are, by unit, those of estimates without a bounded interval.
    """
    form = str(row.get("school_form", ""))
    width = row["ci_high"] - row["ci_low"]
    bounded = np.isfinite(width)
    digits = decimals_for(width, 2) if bounded else _few(row["estimate"], decimals[row["unit"]])
    known = {
        "outcome": lambda: words.outcome(row["outcome"], form),
        "school_form": lambda: words.form(form) if form else "",
        "population": lambda: _who(row, words),
        "specification": lambda: _named(row["specification"], words),
        "estimand": lambda: _named(row["estimand"], words),
        "method": lambda: row["method"].replace("_", " "),
        "unit": lambda: words.unit(row["unit"]),
        "n_schools": lambda: _schools(row),
        "p_value": lambda: _p_values(row, words),
        "n_placements": lambda: _count(row["n_placements"], words),
        "estimate": lambda: _number(row["estimate"], digits, words),
    }
    made = {name: known[name]() if name in known else value for name, value in row.items()}
    interval = _interval(row["ci_low"], row["ci_high"])
    return made | {"interval": interval, "why": reasons.sentence(row, ENGLISH)}


def _who(row: Mapping[Any, Any], words: Words) -> str:
    """Return of whom an estimate is; a response rate is of all who were asked."""
    who = row["population"]
    if row.get("outcome") == "response":
        return words(f"who_{who}").lower()
    return words.population(who) if who else ""


def _named(code: str, words: Words) -> str:
    """Return a specification or estimand in words; a school's name stays as it is."""
    name = next((n for n in (f"variant_{code}", f"warning_{code}") if words.has(n)), "")
    return words(name) if name else code.replace("_", " ")


def _schools(row: Mapping[Any, Any]) -> str:
    schools, pilot = (row.get(c, np.nan) for c in ("n_schools", "n_treated_schools"))
    if schools != schools:
        return ""
    return f"{schools:.0f}" + (f" ({pilot:.0f})" if pilot == pilot else "")


def _p_values(row: Mapping[Any, Any], words: Words) -> str:
    value, smallest = (row.get(c, np.nan) for c in ("p_value", "p_value_min"))
    if value != value:
        return ""
    beside = f" ({p_value(smallest, words)})" if smallest == smallest else ""
    return p_value(value, words) + beside


def _count(value: float, words: Words) -> str:
    return words.count(value) if value == value else ""


def _number(value: float, digits: int, words: Words) -> str:
    return words.number(value, digits) if np.isfinite(value) else ""


def _decimals(values: Iterable[float]) -> int:
    """Return the decimals of numbers that are rounded already, two at most."""
    known = [value for value in values if np.isfinite(value)]
    return next((d for d in (0, 1) if all(abs(round(v, d) - v) < _EXACT for v in known)), 2)


def _few(value: float, digits: int) -> int:
    """Return at most so many decimals that a number has three significant digits."""
    if not abs(value) >= 1:
        return digits
    return min(digits, max(0, 2 - int(np.log10(abs(value)))))


def show_checks(table: pd.DataFrame) -> HTML:
    """Return checks with the columns that tell their rows apart, and those that hold figures."""
    always = {"school_form", "estimate", "interval"}
    empty = table.replace("", np.nan).isna().all()
    wanted = [
        c
        for c in _CHECK_COLUMNS
        if c in always
        or (not empty.get(c, True) and (c in _SAID_ONCE or len(table[c].drop_duplicates()) > 1))
    ]
    return show_estimates(table, *("why" if c == "reason" else c for c in wanted))


def _interval(low: float, high: float) -> str:
    if np.isnan(low):
        return ""
    if not np.isfinite(low) or not np.isfinite(high):
        return "not bounded"
    return bounds(low, high).replace(" ", "\u00a0")  # on one line


def remarks_table(quality: Mapping[str, Any]) -> pd.DataFrame | None:
    """Return what ingest remarked on the exports, one row a rule; None where there is nothing."""
    rows = [
        {
            "file": r["file"],
            "column": r["column"] or "",
            "first row": r["row"] or "",
            "rows": told(r["count"]),
            "what": r["rule"],
            "what to do": r["advice"],
        }
        for r in quality.get("remarks", [])
    ]
    return pd.DataFrame(rows) if rows else None


def quality_table(quality: Mapping[str, Any]) -> pd.DataFrame:
    """Return ingest's report, one row a file: read is kept plus dropped, rule by rule."""
    rows = []
    for entry in quality["files"]:
        rows.append(
            {
                "file": entry["file"],
                "encoding": entry["encoding"],
                "rows read": told(entry["rows_read"]),
                "kept": told(entry["rows_kept"]),
                "by rule": dropped_by_rule(entry["rows_dropped"]),
            }
        )
    return pd.DataFrame(rows)


def coverage_table(quality: Mapping[str, Any]) -> pd.DataFrame:
    """Return what the exports cover, a row a school and a column a term."""
    names, rows = coverage_marks(quality["coverage"], ENGLISH)
    return pd.DataFrame(rows, columns=["school", *names])
