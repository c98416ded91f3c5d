"""The specification explorer: every choice narrows the next, and the last leaves one estimate."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.words import Words
from pilot_analysis.evaluation import checks, subgroups
from pilot_analysis.evaluation.checks import curve
from pilot_analysis.evaluation.delivered import DELIVERED
from pilot_analysis.evaluation.variants import window
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import frame
from pilot_analysis.report.run import Run, page

# What the explorer leaves out: rows that are no effect on the outcome.
_NO_EFFECT = frozenset(
    {
        "warning",
        "Holm",
        "cost",
        "reliability",
        "response rate",
        checks.ATTRITION,
        checks.JOINERS,
        checks.WITHOUT_VALUE,
        DELIVERED,
        subgroups.MODEL,
        "pre-trend",
        "honest DiD",
        "Goodman-Bacon decomposition",
        "specification curve, joint test",
        "joint test over school forms",
    }
)
_CURVE, CHOICES = curve.MODEL, curve.CHOICES
# What estimates the effect itself, and so can be ranked beside others: no single term, no placebo.
_THE_EFFECT = frozenset({"per_school", "per_pupil", "treated", "overall", "stayers"})


def explorer_rows(
    table: pd.DataFrame, parameters: Mapping[str, Any], curves: pd.DataFrame
) -> pd.DataFrame:
    """Return the estimates as choices: outcome, population, estimator, window, inference, rest.

    `curves` are the specification curves with their choices as columns (`CHOICES`); all other rows
    have the run's own window. Columns beside the choices: estimate, low, high (None where there is none,
    'unbounded' where the design bounds nothing), level, p, p_min, treated, schools, unit, note,
    curve, effect (whether it estimates the effect, and so has a place among others).
    """
    rows = table[~table["model"].isin({*_NO_EFFECT, _CURVE})]
    rows = pd.concat([rows, curves[curves["model"] == _CURVE]] if len(curves) else [rows])
    rows = rows.reset_index(drop=True)
    chosen = rows.reindex(columns=list(CHOICES)).astype(object).fillna("")
    in_curve = rows["model"] == _CURVE
    run = Parameters.model_validate(dict(parameters))
    spans = {name: window(name, run) for name in rows["specification"].unique()}
    own = rows["specification"].map({name: " to ".join(span) for name, span in spans.items()})
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
            "note": [reasons.sentence(r, ENGLISH) for r in rows.to_dict("records")],
            "curve": in_curve,
            "effect": in_curve | _is_the_effect(rows),
        }
    )


def _is_the_effect(rows: pd.DataFrame) -> pd.Series:
    """Say which rows estimate the effect: no term by itself, no placebo, no bound."""
    other = rows["model"].str.contains("placebo|bounds") | rows["specification"].str.contains(
        "placebo"
    )
    return rows["estimand"].isin(_THE_EFFECT) & rows["event_time"].isna() & ~other


def _labels(rows: pd.DataFrame, words: Words) -> dict[str, list[tuple[str, str]]]:
    """Return codes and what they are called, by the choice whose options they are.

    In pairs, not as keys: the look at what is published reads keys as names of columns.
    """

    def population(name: str) -> str:
        who, _, form = name.rpartition(", ")
        told = words.population(who)
        return f"{told}, {words.form(form)}" if form else told

    def method(name: str) -> str:
        return words(f"method_{name}") if words.has(f"method_{name}") else spaced(name)

    def spaced(name: str) -> str:
        return name.replace("_", " ")

    told = {
        "outcome": words.subject,
        "population": population,
        "inference": method,
        "estimator": spaced,
        "specification": spaced,
    }
    return {
        choice: [(value, say(value)) for value in rows[choice].unique() if value]
        for choice, say in told.items()
    }


def _join(parts: Sequence[str]) -> str:
    return "; ".join(part for part in parts if part)


def _plain_value(value: Any) -> Any:
    """Return a value as JSON knows it: nine significant digits, None for what is not a number."""
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    return bool(value) if isinstance(value, bool) else value


def read_curves(figures: Path) -> pd.DataFrame:
    """Return the specification curves with their choices, from the numbers of their figures."""
    columns = [*estimates.COLUMNS, *CHOICES]
    texts = [name for name in columns if estimates.COLUMNS.get(name, "str") == "str"]
    read = [
        pd.read_csv(path).reindex(columns=columns).astype(dict.fromkeys(texts, object))
        for path in sorted(figures.glob("specification_curve_*.csv"))
    ]
    return pd.concat(read).fillna(dict.fromkeys(texts, "")) if read else pd.DataFrame()


def show(run: Run) -> str:
    """Return the explorer's page, with its rows and its script inside."""
    rows = explorer_rows(run.table, run.provenance["parameters"], read_curves(run.figures))
    words = run.words
    data = {
        "columns": list(rows.columns),
        "rows": [[_plain_value(v) for v in row] for row in rows.itertuples(index=False, name=None)],
        "labels": _labels(rows, words),
    }
    labels = {
        "outcome": "Outcome",
        "population": "Population",
        "estimator": "Estimator",
        "window": "Window",
        "inference": "Inference",
        "specification": "Other choices",
    }
    body = frame.rendered("explorer.html", choices=labels)
    return page(
        run,
        "explorer.html",
        "Explore the specifications",
        body,
        script=Path(__file__).with_name("explorer.js").read_text(encoding="utf-8"),
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
        style=".controls p { margin: .3rem 0; display: flex; flex-wrap: wrap; gap: .5rem; } "
        ".controls label { min-width: 8rem; font-weight: bold; } "
        "select { font: inherit; max-width: 100%; min-width: min(24rem, 100%); } "
        "dt { font-weight: bold; margin-top: .5rem; } dd { margin: 0; } "
        "svg text { font-size: 12px; fill: #333; } .zero { stroke: #767676; } "
        ".dot { fill: #0072B2; } .here { stroke: #D55E00; stroke-dasharray: 3 3; } "
        ".chosen { fill: none; stroke: #D55E00; stroke-width: 3; }",
    )
