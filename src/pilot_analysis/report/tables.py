"""The site's tables: every estimate, and what became of the exports."""

import math
from pathlib import Path

from markupsafe import Markup

from pilot_analysis import estimates
from pilot_analysis.catalogue.language import ENGLISH, text
from pilot_analysis.report import document, frame
from pilot_analysis.report.run import Run, page
from pilot_analysis.words import called, coverage_marks, dropped_by_rule, told

# What a row is about and how it was made, so that no two look alike, on several lines: its number
# does not wait beyond the screen's edge.
_FIRST = ("claim", "outcome", "school_form", "population", "model", "specification")
_ESTIMATE_COLUMNS = (
    *_FIRST,
    "estimate",
    "ci_low",
    "ci_high",
    "unit",
    "p_value",
    "p_value_min",
    "n_treated_schools",
    "n_schools",
    *(name for name in estimates.ABOUT if name not in _FIRST),
    "term",
    "event_time",
    "method",
    "reason",
)


def every_estimate(run: Run) -> str:
    """Return the page of every estimate, to sort and filter."""
    shown = called(run.table, run.words)[list(_ESTIMATE_COLUMNS)]
    body = frame.rendered(
        "estimates.html",
        columns=[name.replace("_", " ") for name in _ESTIMATE_COLUMNS],
        rows=list(shown.itertuples(index=False, name=None)),
        infinity=math.inf,
    )
    return page(
        run,
        "estimates.html",
        "All estimates",
        body,
        kind="wide-page",
        script=Path(__file__).with_name("table.js").read_text(encoding="utf-8"),
        style=".sortable td { white-space: nowrap; } "
        f".sortable td:nth-child(-n+{len(_FIRST)}) {{ white-space: normal; max-width: 11em; }} "
        "th button { font: inherit; font-weight: bold; border: 0; background: none; "
        "cursor: pointer; padding: 0; } th[aria-sort=ascending] button::after { content: ' ▲'; } "
        "th[aria-sort=descending] button::after { content: ' ▼'; }",
    )


def _coverage(run: Run) -> str:
    """Return the table of what the exports cover, by school and term."""
    names, rows = coverage_marks(run.quality.get("coverage", []), ENGLISH)
    if not rows:
        return ""
    return document.html_table(("school", *names), rows, text("export_coverage", ENGLISH))


def data_quality(run: Run) -> str:
    """Return the page of what was read, kept and dropped."""
    files = [
        (
            f["file"],
            f["encoding"],
            told(f["rows_read"]),
            told(f["rows_kept"]),
            dropped_by_rule(f["rows_dropped"]) or "none",
            ", ".join(f["extra_columns_dropped"]) or "none",
        )
        for f in run.quality["files"]
    ]
    remarks = [
        (r["file"], r["column"] or "", told(r["count"]), r["rule"], r["advice"])
        for r in run.quality.get("remarks", [])
    ]
    adjusted = [(k.replace("_", " "), told(v)) for k, v in run.quality["adjusted"].items()]
    tables = [(k, told(v)) for k, v in run.quality["processed"].items()]
    shown = [
        document.html_table(
            ("file", "encoding", "rows read", "kept", "dropped by rule", "columns not used"),
            files,
            "Exports",
        ),
        _coverage(run),
        document.html_table(("file", "column", "rows", "what", "what to do"), remarks, "Remarks")
        if remarks
        else "<p>Nothing was remarked on the exports.</p>",
        document.html_table(
            ("what was capped", "weeks"), adjusted, "Minutes that could not be right"
        ),
        document.html_table(("table", "rows"), tables, "Processed tables"),
    ]
    missing = run.quality.get("school_terms_missing_in_register", [])
    body = frame.rendered("quality.html", tables=[Markup(t) for t in shown], missing=missing)
    return page(run, "quality.html", "Data quality", body)
