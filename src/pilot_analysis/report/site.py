"""The reviewers' site: one folder that opens from disk, with no server and no network.

Summary, rendered notebooks, figures, every estimate, data quality and the specification explorer.
What comes from data is escaped; each page's security policy names its own script and nothing else.
"""

import html
import json
import math
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.evaluation.checks import curve
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import document, frame, pages
from pilot_analysis.report.document import Document
from pilot_analysis.words import LANGUAGES, Language, dropped_by_rule, told

_HERE = Path(__file__).parent
_PAGES = (
    frame.Link("index.html", "Summary"),
    frame.Link("explorer.html", "Explore the specifications"),
    frame.Link("estimates.html", "All estimates"),
    frame.Link("figures.html", "Figures"),
    frame.Link("quality.html", "Data quality"),
    frame.Link("report_en.html", "Report"),
    frame.Link("report_sv.html", "Rapport"),
)
# What the explorer leaves out: rows that are no effect on the outcome.
_NO_EFFECT = frozenset({
    "warning", "Holm", "cost", "reliability", "response rate", "attrition",
    "pre-trend", "honest DiD", "Goodman-Bacon decomposition", "specification curve, joint test",
    "joint test over school forms",
})  # fmt: skip
_CURVE, CHOICES = curve.MODEL, curve.CHOICES
_ESTIMATE_COLUMNS = (
    "claim", "outcome", "school_form", "population", "estimand", "model", "specification", "term",
    "event_time", "estimate", "ci_low", "ci_high", "p_value", "p_value_min", "method",
    "n_schools", "n_treated_schools", "unit", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What a run left for its site: tables, reports, and folders of notebooks and figures."""

    table: pd.DataFrame
    quality: Mapping[str, Any]
    provenance: Mapping[str, Any]
    reports: Mapping[Language, Document]
    notebooks: Path
    figures: Path
    report: Path

    @property
    def notice(self) -> str:
        """What stands on top of every page while data are synthetic."""
        return str(self.quality["notice"]) if self.quality["synthetic"] else ""


def write(run: Run, out: Path) -> None:
    """Write the site into `out`: made beside it and moved into place, so that it is whole."""
    making = out.with_name(f".{out.name}.partial")
    shutil.rmtree(making, ignore_errors=True)
    (making / "notebooks").mkdir(parents=True)
    (making / "figures").mkdir()
    notebooks = {path.stem: pages.render_notebook(path)
                 for path in sorted(run.notebooks.glob("[0-9]*.ipynb"))}  # fmt: skip
    for path in sorted(run.figures.glob("*.svg")):
        shutil.copyfile(path, making / "figures" / path.name)
    for name in ("report_en.pdf", "report_sv.pdf"):
        shutil.copyfile(run.report / name, making / name)
    estimates.write_csv(run.table, making / "estimates.csv")
    made = {
        "index.html": _summary(run, notebooks),
        "explorer.html": _explorer(run),
        "estimates.html": _estimates(run),
        "figures.html": _gallery(run),
        "quality.html": _quality(run),
        **{f"report_{language}.html": _report(run, language) for language in LANGUAGES},
        **{f"notebooks/{name}.html": _notebook(run, name, notebooks) for name in notebooks},
    }
    for name, text in made.items():
        (making / name).write_text(text, encoding="utf-8")
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        os.replace(out, old)
    os.replace(making, out)
    shutil.rmtree(old, ignore_errors=True)


def _page(run: Run, here: str, title: str, body: str, **options: Any) -> str:
    return frame.page(
        body, title=title, notice=run.notice, links=_PAGES, here=here, **options
    )  # fmt: skip


# --- Summary and reports ---------------------------------------------------------------------


def _summary(run: Run, notebooks: Mapping[str, pages.Rendered]) -> str:
    report = run.reports["en"]
    first = []
    for block in report.blocks:
        if isinstance(block, document.NewPage):
            break
        first.append(block)
    shown = Document(report.language, report.title, report.notice, first)
    links = "".join(
        f'<li><a href="notebooks/{name}.html">{html.escape(one.title)}</a></li>'
        for name, one in notebooks.items()
    )
    return _page(
        run, "index.html", report.title,
        document.html_body(shown, str)
        + "<h2>Read on</h2><ul>"
        '<li>The whole report: <a href="report_en.html">in English</a> '
        '(<a href="report_en.pdf">PDF</a>), <a href="report_sv.html" hreflang="sv">på svenska</a> '
        '(<a href="report_sv.pdf" hreflang="sv">PDF</a>)</li>'
        '<li><a href="explorer.html">Explore the specifications</a>: what other choices give</li>'
        '<li><a href="estimates.html">All estimates</a>, to sort and download</li>'
        '<li><a href="figures.html">Figures</a> and <a href="quality.html">data quality</a></li>'
        f"</ul><h2>Notebooks</h2><ul>{links}</ul>{_provenance(run)}",
    )  # fmt: skip


def _provenance(run: Run) -> str:
    """Return what the run was made from; times and commits stand in manifest.json."""
    found = run.provenance
    parameters = [(k, json.dumps(v, ensure_ascii=False)) for k, v in found["parameters"].items()]
    made = [
        ("analysis plan, SHA-256", found["plan_sha256"]),
        ("locked dependencies, SHA-256", found["lock_sha256"]),
        ("Python", found["python"]),
        *found["versions"].items(),
    ]
    inputs = list(found["inputs"].items())
    return (
        '<h2 id="provenance">Parameters and provenance</h2>'
        + document.html_table(("parameter", "value"), parameters, "Parameters of the run")
        + document.html_table(("what", "which"), made, "Made with")
        + document.html_table(("file", "SHA-256"), inputs, "Exports read")
    )


def _report(run: Run, language: Language) -> str:
    report = run.reports[language]
    body = document.html_body(report, lambda path: f"figures/{path.name}")
    return frame.page(
        body, title=report.title, notice=report.notice, language=report.language, kind="text",
        links=_PAGES, here=f"report_{language}.html",
    )  # fmt: skip


# --- Notebooks -------------------------------------------------------------------------------


def _notebook(run: Run, name: str, notebooks: Mapping[str, pages.Rendered]) -> str:
    own = notebooks[name]
    up = [frame.Link(f"../{link.target}", link.text) for link in _PAGES]
    sections = "".join(
        f'<li><a href="#{html.escape(anchor)}">{html.escape(text)}</a></li>'
        for anchor, text in own.sections
    )
    others = "".join(
        f'<li><a href="{other}.html"{" aria-current=page" if other == name else ""}>'
        f"{html.escape(one.title)}</a></li>"
        for other, one in notebooks.items()
    )
    parameters = [(k, json.dumps(v, ensure_ascii=False)) for k, v in own.parameters.items()]
    top = (
        f'<nav aria-label="Notebooks"><ul>{others}</ul></nav>'
        f'<nav aria-label="Sections"><ul>{sections}</ul></nav>'
        "<details><summary>Parameters and provenance</summary>"
        + document.html_table(("parameter", "value"), parameters, "Parameters of this notebook")
        + '<p><a href="../index.html#provenance">What the run was made from</a></p></details>'
    )
    return frame.page(
        top + own.body, title=own.title, notice=run.notice, links=up, here=""
    )  # fmt: skip


# --- Figures ---------------------------------------------------------------------------------


def _gallery(run: Run) -> str:
    """Return every figure with its alt text as words too, and its Swedish twin."""
    shown = []
    for path in sorted(run.figures.glob("*.svg")):
        if path.stem.endswith("_sv"):
            continue
        alt = html.escape(path.with_suffix(".txt").read_text(encoding="utf-8").strip())
        name = html.escape(path.stem)
        twin = path.with_name(f"{path.stem}_sv.svg")
        swedish = (
            f' <a href="figures/{html.escape(twin.name)}" hreflang="sv">På svenska</a>.'
            if twin.exists()
            else ""
        )
        shown.append(
            f'<figure id="{name}"><h2>{name.replace("_", " ")}</h2>'
            f'<img loading="lazy" src="figures/{name}.svg" alt="{alt}">'
            f"<figcaption><details><summary>In words</summary><p>{alt}</p></details>"
            f'<a href="figures/{name}.svg">{name}.svg</a>.{swedish}</figcaption></figure>'
        )
    return _page(run, "figures.html", "Figures", "<h1>Figures</h1>" + "\n".join(shown))


# --- Estimates -------------------------------------------------------------------------------


def _estimates(run: Run) -> str:
    head = "".join(
        f'<th scope="col"><button type="button">{html.escape(name)}</button></th>'
        for name in _ESTIMATE_COLUMNS
    )
    lines = []
    for row in run.table[list(_ESTIMATE_COLUMNS)].itertuples(index=False):
        lines.append("<tr>" + "".join(_cell(value) for value in row) + "</tr>")
    body = (
        "<h1>All estimates</h1>"
        "<p>One row an estimate; shares in percentage points. "
        '<a href="estimates.csv" download>Download as CSV</a>.</p>'
        '<p class="controls"><label for="filter">Show rows that contain</label> '
        '<input id="filter" type="search"> '
        f'<span id="status" role="status">{len(run.table)} estimates</span></p>'
        '<div class="wide" tabindex="0" role="region" aria-label="Estimates">'
        '<table class="sortable"><caption>Estimates; a heading sorts</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )
    return _page(
        run, "estimates.html", "All estimates", body, kind="wide-page",
        script=(_HERE / "table.js").read_text(encoding="utf-8"),
        style="th button { font: inherit; font-weight: bold; border: 0; background: none; "
        "cursor: pointer; padding: 0; } th[aria-sort=ascending] button::after { content: ' ▲'; } "
        "th[aria-sort=descending] button::after { content: ' ▼'; }",
    )  # fmt: skip


def _cell(value: Any) -> str:
    if isinstance(value, float):
        known = math.isfinite(value)
        text = f"{value:.4g}" if known else "" if math.isnan(value) else "not bounded"
        return f'<td class="number" data-value="{value!r}">{text}</td>' if known else (
            f'<td class="number" data-value="">{text}</td>')  # fmt: skip
    return f"<td>{html.escape(str(value))}</td>"


# --- The explorer ----------------------------------------------------------------------------


def explorer_rows(
    table: pd.DataFrame, parameters: Mapping[str, Any], curves: pd.DataFrame
) -> pd.DataFrame:
    """Return the estimates as choices: outcome, population, estimator, window, inference, rest.

    `curves` are the specification curves with their choices as columns (`CHOICES`); all other rows
    have the run's own window. Columns beside the choices: estimate, low, high (None where there is none,
    'unbounded' where the design bounds nothing), level, p, p_min, treated, schools, unit, note,
    curve.
    """
    rows = table[~table["model"].isin({*_NO_EFFECT, _CURVE})]
    rows = pd.concat([rows, curves[curves["model"] == _CURVE]] if len(curves) else [rows])
    rows = rows.reset_index(drop=True)
    chosen = rows.reindex(columns=list(CHOICES)).fillna("")
    in_curve = rows["model"] == _CURVE
    own = f"{parameters['first_term']} to {parameters['last_term']}"
    detail = [
        _join([c.coding, c.remote, c.sample, c.weighting])
        if c.coding
        else _join(
            [
                r.specification,
                r.term,
                "" if r.estimand == "treated" else r.estimand,
                "" if math.isnan(r.event_time) else f"{r.event_time:+.0f}",
            ]
        )
        for c, r in zip(chosen.itertuples(), rows.itertuples(), strict=True)
    ]
    unbounded = ~rows["ci_low"].map(math.isfinite) & rows["ci_low"].notna()
    return pd.DataFrame(
        {
            "outcome": rows["outcome"],
            "population": rows["population"] + ", " + rows["school_form"],
            "estimator": rows["model"].where(~in_curve, rows["model"] + ": " + chosen["effects"]),
            "window": chosen["window"].where(in_curve, own),
            "inference": rows["method"],
            "specification": detail,
            "estimate": rows["estimate"],
            "low": rows["ci_low"].astype(object).where(~unbounded, "unbounded"),
            "high": rows["ci_high"].astype(object).where(~unbounded, "unbounded"),
            "level": 100 * rows["ci_level"],
            "p": rows["p_value"],
            "p_min": rows["p_value_min"],
            "treated": rows["n_treated_schools"],
            "schools": rows["n_schools"],
            "unit": rows["unit"],
            "note": [reasons.sentence(r, "en") for r in rows.to_dict("records")],
            "curve": in_curve,
        }
    )  # fmt: skip


def _join(parts: Sequence[str]) -> str:
    return "; ".join(part for part in parts if part)


def _plain_value(value: Any) -> Any:
    """Return a value as JSON knows it: nine significant digits, None for what is not a number."""
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    return bool(value) if isinstance(value, bool) else value


def read_curves(figures: Path) -> pd.DataFrame:
    """Return the specification curves with their choices, from the numbers of their figures."""
    kinds = dict.fromkeys(("reason", "reason_values", "term", "specification"), str)
    read = [
        pd.read_csv(path, dtype=kinds).fillna(dict.fromkeys(kinds, ""))
        for path in sorted(figures.glob("specification_curve_*.csv"))
    ]
    return pd.concat(read) if read else pd.DataFrame()


def _explorer(run: Run) -> str:
    rows = explorer_rows(run.table, run.provenance["parameters"], read_curves(run.figures))
    words = words_for("en", Parameters.model_validate(run.provenance["parameters"]))
    data = {
        "columns": list(rows.columns),
        "rows": [[_plain_value(v) for v in row] for row in rows.itertuples(index=False, name=None)],
        "labels": {o: words.subject(o) for o in rows["outcome"].unique()},
    }
    labels = {
        "outcome": "Outcome", "population": "Population", "estimator": "Estimator",
        "window": "Window", "inference": "Inference", "specification": "Other choices",
    }  # fmt: skip
    controls = "".join(
        f'<p><label for="{name}">{text}</label> <select id="{name}"></select></p>'
        for name, text in labels.items()
    )
    body = (
        "<h1>Explore the specifications</h1>"
        "<p>Each choice narrows the next. All figures are this run's own estimates; only the "
        "planned one was chosen before outcomes were seen, all others are exploratory.</p>"
        f'<div class="controls" role="group" aria-label="Choices">{controls}</div>'
        '<dl aria-live="polite"><dt>Estimate</dt><dd id="estimate"></dd>'
        '<dt>Interval</dt><dd id="interval"></dd><dt>p-value</dt><dd id="p"></dd>'
        '<dt>Schools</dt><dd id="schools"></dd>'
        '<dt>Where this choice stands</dt><dd id="place"></dd></dl>'
        '<svg id="curve" role="img" viewBox="0 0 800 260" aria-label=""></svg>'
        "<noscript><p>The explorer needs JavaScript; "
        '<a href="estimates.html">all estimates</a> are there without it.</p></noscript>'
    )
    return _page(
        run, "explorer.html", "Explore the specifications", body,
        script=(_HERE / "explorer.js").read_text(encoding="utf-8"),
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
        style=".controls p { margin: .3rem 0; display: flex; flex-wrap: wrap; gap: .5rem; } "
        ".controls label { min-width: 8rem; font-weight: bold; } "
        "select { font: inherit; max-width: 100%; min-width: min(24rem, 100%); } "
        "dt { font-weight: bold; margin-top: .5rem; } dd { margin: 0; } "
        "svg text { font-size: 12px; fill: #333; } .zero { stroke: #767676; } "
        ".dot { fill: #0072B2; } .here { stroke: #D55E00; stroke-dasharray: 3 3; } "
        ".chosen { fill: none; stroke: #D55E00; stroke-width: 3; }",
    )  # fmt: skip


# --- Data quality ----------------------------------------------------------------------------


def _quality(run: Run) -> str:
    files = [
        (f["file"], f["encoding"], told(f["rows_read"]), told(f["rows_kept"]),
         dropped_by_rule(f["rows_dropped"]) or "none",
         ", ".join(f["extra_columns_dropped"]) or "none")
        for f in run.quality["files"]
    ]  # fmt: skip
    remarks = [
        (r["file"], r["column"] or "", told(r["count"]), r["rule"], r["advice"])
        for r in run.quality.get("remarks", [])
    ]
    adjusted = [(k.replace("_", " "), told(v)) for k, v in run.quality["adjusted"].items()]
    tables = [(k, told(v)) for k, v in run.quality["processed"].items()]
    missing = run.quality.get("school_terms_missing_in_register", [])
    named = "".join(f"<li>{html.escape(name)}</li>" for name in missing)
    body = (
        "<h1>Data quality</h1><p>What was read, kept and dropped: read is kept plus dropped, in "
        "every file.</p>"
        + document.html_table(("file", "encoding", "rows read", "kept", "dropped by rule", "columns not used"),
                files, "Exports")
        + (document.html_table(("file", "column", "rows", "what", "what to do"), remarks, "Remarks") if remarks
           else "<p>Nothing was remarked on the exports.</p>")
        + document.html_table(("what was capped", "weeks"), adjusted, "Minutes that could not be right")
        + document.html_table(("table", "rows"), tables, "Processed tables")
        + ("<h2>Schools without an entry in the exposure register</h2><ul>" + named + "</ul>"
           if missing else "")
    )  # fmt: skip
    return _page(run, "quality.html", "Data quality", body)
