"""The specification curve: every defensible choice at once, with one joint test.

Simonsohn, Simmons & Nelson (2020): the estimates of all specifications, sorted, and a joint test
of no effect. Here the reference distribution is randomization over placements of the pilot within
the school form: every placement gives a whole curve, from the same cluster cross-products.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis import estimates, terms
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation.fitting import label
from pilot_analysis.inference.cross_products import ClusterGram
from pilot_analysis.inference.placements import Placements, placements
from pilot_analysis.inference.randomization import placement_gram, randomize, start_positions
from pilot_analysis.inference.samples import same_sample
from pilot_analysis.panel import BASELINE_COVARIATES, OUTCOMES, absence_share, build
from pilot_analysis.panel.build import Panel
from pilot_analysis.parameters import Parameters

MODEL = "specification curve"
JOINT = "specification curve, joint test"
# What a specification chose, a column each beside those of the estimates table.
CHOICES = ("coding", "remote", "window", "sample", "weighting", "effects")
# Reading unreported time as absence is a bound, not a choice anybody would defend as an estimate.
CODINGS = ("present", "dropped")
_FIRST_TERMS = (0, 1, 2)  # terms left out at the start of the panel
# Last terms left out at its end, and whether exceptional terms are left out instead.
_ENDS = ((0, False), (0, True), (1, False))
# By what is absorbed: the covariates of the second are left out for the first.
_EFFECTS = (
    ("stay", "pupil effects", "pupil effects, last grade", ("grade_third",)),
    ("school", "school effects", "school effects, baseline covariates", BASELINE_COVARIATES),
)
_COLUMNS = [
    "pupil",
    "school",
    "stay",
    "term_number",
    "first_treated_number",
    "scheduled_minutes",
    *BASELINE_COVARIATES,
    *(f"_{c}" for c in CODINGS),
]
_MAX_PLACEMENTS = 2_000


@dataclass(frozen=True)
class Curve:
    """All specifications of one school form: their rows, and their t for every placement.

    `rows` has the columns of the estimates table and those of `CHOICES`.

    `statistics` is specifications x placements; the first placement is what happened.
    """

    rows: pd.DataFrame
    statistics: NDArray[np.float64]
    where: Placements


def _samples(
    panel: Panel, school_form: str, exceptional: Sequence[str]
) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """Yield samples and their choices: window, exceptional terms in or out, who is counted."""
    data = panel.form(school_form)[_COLUMNS]
    # Numbers instead of names: they are factorised in every specification.
    data = data.assign(**{c: pd.factorize(data[c], sort=True)[0] for c in ("pupil", "school")})
    numbers = sorted(data["term_number"].unique())
    before = data["term_number"] < data["first_treated_number"].min()
    # Without exceptional terms is a choice only where the data hold any.
    odd = [number for number in map(terms.number, exceptional) if number in numbers]
    ends = [end for end in _ENDS if not end[1] or odd]
    there = data["stay"].isin(data.loc[before, "stay"])
    for skipped, (cut, without), joiners in itertools.product(_FIRST_TERMS, ends, (True, False)):
        window = numbers[skipped : len(numbers) - cut]
        if not window:
            continue
        keep = data["term_number"].isin(window)
        if without:
            keep &= ~data["term_number"].isin(odd)
        if not joiners:
            keep &= there
        choices = {
            "window": f"{terms.label(int(window[0]))} to {terms.label(int(window[-1]))}"
            f"{', without ' + ', '.join(map(terms.label, odd)) if without else ''}",
            "sample": "all pupils" if joiners else "pupils there before",
        }
        yield choices, data[keep]


_ORDER = [name for _, *names, _ in _EFFECTS for name in names]
_WEIGHTS = {"weighted by lesson time": "scheduled_minutes", "unweighted": None}


def _readings(
    prepared: pd.DataFrame, indicators: list[str]
) -> Iterator[tuple[str, str, tuple[str, ...], ClusterGram]]:
    """Yield weights, effects, codings that are known in the same rows, and their cross-products."""
    groups = same_sample(prepared, tuple(f"_{c}" for c in CODINGS))
    rows = {group: prepared[prepared[group[0]].notna()] for group in groups}
    for weighting in _WEIGHTS:
        made = [
            (effects, group, cross)
            for group, known in rows.items()
            for effects, cross in _grams(known, indicators, group, weighting)
        ]
        for effects, group, cross in sorted(made, key=lambda one: _ORDER.index(one[0])):
            yield weighting, effects, group, cross


def _grams(
    known: pd.DataFrame, indicators: list[str], group: tuple[str, ...], weighting: str
) -> Iterator[tuple[str, ClusterGram]]:
    """Yield effects and their cross-products; choices that cannot be made with these data are not.

    Cross-products without covariates are a part of those with, where no row lacks one.
    """
    for unit, plain, adjusted, covariates in _EFFECTS:
        varying = [c for c in covariates if known[c].min() < known[c].max()]

        def gram(names: list[str], unit: str = unit) -> ClusterGram | None:
            try:
                return placement_gram(
                    known,
                    indicators,
                    group,
                    (unit, "term_number"),
                    "school",
                    names,
                    _WEIGHTS[weighting],
                )
            except NotEstimable:
                return None

        whole = gram(varying)
        complete = whole is not None and known[varying].notna().all(axis=None)
        part = whole.without(varying) if whole is not None and complete else gram([])
        if part is not None:
            yield plain, part
        if whole is not None:
            yield adjusted, whole


def curve_panels(processed: Path, parameters: Parameters) -> dict[bool, Panel]:
    """Return the panel with and without remote weeks, absence under every coding beside."""
    panels = {}
    for remote in (True, False):
        panel = build(processed, parameters.model_copy(update={"include_remote_weeks": remote}))
        coded = panel.data.assign(**{f"_{c}": absence_share(panel.data, c) for c in CODINGS})
        panels[remote] = Panel(coded, panel.flow, panel.refused, panel.quality)
    return panels


def specification_curve(
    panels: Mapping[bool, Panel], parameters: Parameters, school_form: str
) -> Curve:
    """Estimate the effect on absence under 576 specifications and every placement.

    `panels` as from `curve_panels`. Choices: reading of unreported time (2), remote weeks (2),
    first term (3), last term and exceptional terms (3), pupils who came later (2), weights (2), effects
    and covariates (4). Each row has its randomization p-value; intervals are the primary
    estimate's business.
    """
    outcome = OUTCOMES["absence_share"]
    rows, choices, statistics = [], [], []
    where: Placements | None = None
    for remote, panel in panels.items():
        for sampled, sample in _samples(panel, school_form, parameters.exceptional_terms):
            starts = sample.groupby("school")["first_treated_number"].first()
            starts = starts.where(starts <= sample["term_number"].max())
            distinct = np.sort(starts.dropna().unique())
            if len(distinct) == 0 or starts.notna().all():
                continue
            indicators = {
                f"_from_{i}": (sample["term_number"] >= s).astype(float)
                for i, s in enumerate(distinct)
            }
            prepared = sample.assign(**indicators)
            for weighting, effects, group, cross in _readings(prepared, list(indicators)):
                observed = start_positions(starts.reindex(cross.clusters), distinct)
                where = placements(
                    observed,
                    np.zeros(len(observed), dtype=np.int64),
                    _MAX_PLACEMENTS,
                    np.random.default_rng(parameters.seed),
                )
                done = randomize(cross, len(distinct), observed, where)
                for coding, found in zip(group, done, strict=True):
                    error = np.sqrt(np.maximum(found.score_squares[:, 0], 0))
                    with np.errstate(divide="ignore", invalid="ignore"):
                        t = found.beta[:, 0] * found.denominator / error
                    statistics.append(t)
                    p = float(np.mean(np.abs(t) >= abs(t[0]) * (1 - 1e-9)))
                    choices.append(
                        {
                            "coding": f"unreported {coding.removeprefix('_')}",
                            "remote": f"{'with' if remote else 'without'} remote weeks",
                            **sampled,
                            "weighting": weighting,
                            "effects": effects,
                        }
                    )
                    rows.append(
                        {
                            "outcome": outcome.name,
                            "model": MODEL,
                            "estimand": "treated",
                            "estimate": float(found.beta[0, 0]),
                            "statistic": float(t[0]),
                            "p_value": p,
                            "p_value_min": where.p_value_min,
                            "n_obs": cross.n_obs,
                            "n_schools": cross.n_clusters,
                            "n_pupils": cross.n_units or np.nan,
                            "n_treated_schools": int((observed >= 0).sum()),
                            "specification": "; ".join(choices[-1].values()),
                            "method": "randomization_t",
                            "n_placements": len(where.start),
                        }
                    )
    if where is None:
        raise NotEstimable("no_specification", "no specification could be estimated")
    table = label(estimates.table(rows), outcome, school_form)
    table = table.assign(**pd.DataFrame(choices, columns=list(CHOICES)))
    return Curve(table, _same_length(statistics), where)


def _same_length(statistics: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Stack the statistics; specifications with other placements keep only the longest set.

    A window that ends before the later start places fewer schools; those curves cannot be joined
    draw by draw and stay out of the joint test.
    """
    longest = max(len(t) for t in statistics)
    return np.array([t if len(t) == longest else np.full(longest, np.nan) for t in statistics])


def joint_curve_test(curve: Curve) -> pd.DataFrame:
    """Test no effect under any specification: the median t against those of every placement.

    Returns one row: estimate the median of all specifications, p the share of placements whose
    median t is at least as far from zero, `weight` the share of specifications with the median's
    sign.
    """
    joint = ~np.isnan(curve.statistics).any(axis=1)
    medians = np.median(curve.statistics[joint], axis=0)
    p = float(np.mean(np.abs(medians) >= abs(medians[0]) * (1 - 1e-9)))
    if not curve.where.exact:
        p = (1 + p * len(medians)) / (1 + len(medians))
    first = curve.rows[list(estimates.COLUMNS)].iloc[0].to_dict()
    found = curve.rows["estimate"]
    same = float(np.mean(np.sign(found) == np.sign(found.median())))
    return estimates.table(
        [
            first
            | {
                "model": JOINT,
                "estimand": "median",
                "estimate": float(found.median()),
                "statistic": float(medians[0]),
                "p_value": p,
                "p_value_min": max(curve.where.p_value_min, 1 / len(medians)),
                "specification": "all",
                "weight": same,
                "method": "randomization_curve",
                "n_placements": len(medians),
            }
        ]
    )
