"""Tables as a notebook shows them: escaped HTML, named columns, intervals as one column."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import HTML, Markdown

from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.disclosure import schemas
from pilot_analysis.words import coverage_marks, dropped_by_rule, told

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
    "p_value": "p",
    "p_value_min": "smallest possible p",
    "method": "method",
    "n_pupils": "pupils",
    "n_schools": "schools",
    "n_treated_schools": "pilot schools",
    "detectable_effect": "minimum detectable effect (80 % power)",
    "unit": "unit",
    "why": "no estimate because",
}

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
    """Return any table as escaped HTML without an index."""
    if table is None:
        return Markdown("Nothing.")
    seen = table.rename_axis(columns=None)
    for name in seen.select_dtypes("float"):
        # A count is a float where one of its column is withheld.
        how = ".0f" if schemas.is_count(str(name)) or name == "n_schools" else ",.2f"
        seen[name] = ["" if v != v else format(v, how) for v in seen[name]]
    seen = seen.rename(columns=lambda c: c.replace("_", " ") if isinstance(c, str) else c)
    return HTML(seen.to_html(index=False, escape=True, border=0))


def show_estimates(table: pd.DataFrame, *columns: str) -> HTML:
    """Return estimates with their interval as one column; infinite bounds in words."""
    shown = table.assign(
        interval=[_interval(r) for r in table.itertuples()],
        why=[reasons.sentence(r, ENGLISH) for r in table.to_dict("records")],
    )
    wanted = list(columns) or [
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
        "n_treated_schools",
        "unit",
        "why",
    ]
    shown = shown[[c for c in wanted if c != "why" or shown["why"].ne("").any()]]
    shown = shown.rename(columns=_SHOWN)
    return HTML(
        shown.to_html(index=False, escape=True, na_rep="", float_format="{:.3g}".format, border=0)
    )


def show_checks(table: pd.DataFrame) -> HTML:
    """Return checks with the columns that tell their rows apart, and those that hold figures."""
    always = {"school_form", "estimate", "interval"}
    empty = table.replace("", np.nan).isna().all()
    wanted = [
        c
        for c in _CHECK_COLUMNS
        if c in always or (not empty.get(c, True) and len(table[c].drop_duplicates()) > 1)
    ]
    return show_estimates(table, *("why" if c == "reason" else c for c in wanted))


def _interval(row: Any) -> str:
    if np.isnan(row.ci_low):
        return ""
    if not np.isfinite(row.ci_low) or not np.isfinite(row.ci_high):
        return "not bounded"
    return f"{row.ci_low:.2f} to {row.ci_high:.2f}"


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
