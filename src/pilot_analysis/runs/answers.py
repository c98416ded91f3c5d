"""The answers of finished runs of made-up pilots as one table, with what is true in each."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue.outcomes import SURVEY_OUTCOMES
from pilot_analysis.errors import PilotError
from pilot_analysis.evaluation import evidence
from pilot_analysis.evaluation.fitting import PRIMARY_MODEL, PRIMARY_SPECIFICATION
from pilot_analysis.evaluation.targeting import NAIVE
from pilot_analysis.ingest.truth import TRUTH
from pilot_analysis.report import side_by_side
from pilot_analysis.report.answers import Findings
from pilot_analysis.report.sentences import true_effect
from pilot_analysis.runs import manifest, pages
from pilot_analysis.runs.configure import private

# What pupils were asked of: a pilot that asks only afterwards would have that alone.
_ASKED = "safety_index"


def collect(runs: Sequence[Path]) -> pd.DataFrame:
    """Return what the site's page sets side by side: some rows of each run's estimates.

    They are the primary estimates of its questions in the first school form, with the adjusted
    p-values and the warnings beside them. Added columns: `run`, the folder that describes the
    evaluation, and `truth`, the true effect in the estimate's unit.

    Raises `PilotError` for a run that is unfinished, not of synthetic exports, or not as planned.
    """
    found = pd.concat([_answers(folder) for folder in runs], ignore_index=True)
    return found[list(side_by_side.COLUMNS)]


def _answers(folder: Path) -> pd.DataFrame:
    made = manifest.read_manifest(folder)
    table = manifest.read_estimates(folder)
    if not made["synthetic"] or made["exploratory"]:
        raise PilotError(f"{folder}: is no run of synthetic exports as its plan says")
    evaluation, truth = _made_from(folder)
    findings = Findings(pages.material(table, {}, folder / "figures", made), "en")
    asked = {findings.question(claim) for claim in side_by_side.CLAIMS}
    pairs = zip(table["outcome"], table["population"], strict=True)
    own = table[pd.Series([pair in asked for pair in pairs], index=table.index)]
    own = own[own["school_form"] == findings.forms[0]]
    primary = (own["specification"] == PRIMARY_SPECIFICATION) & (own["model"] == PRIMARY_MODEL)
    # What before and after alone shows at pilot schools, of pupils picked when they were absent.
    naive = own["estimand"].eq("naive_change_pilot") & own["specification"].eq("the_pilot")
    kept = own[primary | naive | own["model"].isin([evidence.HOLM, evidence.MODEL])]
    asked_after = _asked(folder / "figures", findings.forms[0])
    found = kept.assign(truth=[_true(row, truth) for row in kept.to_dict("records")])
    if len(asked_after):
        own = {e["school_form"]: e["effect"] for e in truth["effects"] if e["outcome"] == _ASKED}
        asked_after = asked_after.assign(truth=own.get(findings.forms[0], math.nan))
        found = pd.concat([found, asked_after], ignore_index=True)
    return found.assign(run=evaluation)


def _asked(figures: Path, form: str) -> pd.DataFrame:
    """Return what pilot schools' pupils answered after and before the start, where they were asked."""
    path = figures / "survey_roles.csv"
    if not path.exists():
        return estimates.table([])
    means = pd.read_csv(path)
    own = means[(means["index"] == _ASKED) & (means["school_form"] == form) & means["ever_treated"]]
    return estimates.table(
        {
            "claim": "C6",
            "outcome": _ASKED,
            "school_form": form,
            "population": "pupils_answering",
            "model": NAIVE,
            "estimand": f"asked_{row['period']}",
            "estimate": row["mean"],
            "unit": SURVEY_OUTCOMES[_ASKED].unit,
        }
        for row in own.to_dict("records")
        if math.isfinite(row["mean"])
    )


def _true(row: dict[str, Any], truth: dict[str, Any]) -> float:
    effect = true_effect(row, truth) if row["model"] == PRIMARY_MODEL else None
    return math.nan if effect is None else float(effect["effect"])


def _made_from(folder: Path) -> tuple[str, dict[str, Any]]:
    """Return the name of the evaluation's folder, and the generator's truth."""
    try:
        config = json.loads((private(folder) / "config.json").read_text(encoding="utf-8"))
        path = Path(config["processed"]) / TRUTH
        return Path(config["evaluation"]).name, json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError):
        raise PilotError(
            f"{folder}: its tables are no longer on this machine; run it again"
        ) from None
