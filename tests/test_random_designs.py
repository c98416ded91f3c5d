"""Random designs: the first seeds of `benchmarks/designs.py`, each to answers or sentences."""

import runpy

import pytest
from conftest import ROOT

from pilot_analysis.evaluation import checks

DESIGNS = runpy.run_path(str(ROOT / "benchmarks" / "designs.py"))
# Three broke something once, others lack much or are the smallest; the benchmark draws any number.
SEEDS = (2, 3, 4, 9, 27)
FURTHER = (7, 10, 11, 23, 31)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [*SEEDS, *(pytest.param(seed, marks=pytest.mark.long) for seed in FURTHER)]
)
def test_a_random_design_ends_in_answers_or_sentences(seed, tiny_processed, tmp_path):
    design = DESIGNS["drawn"](seed)
    ended, faults = DESIGNS["outcome_of"](design, tiny_processed, tmp_path / "processed")
    assert ended == "answered" or "no pupil is left" in ended
    assert not faults, design


@pytest.mark.long
def test_a_random_design_ends_in_notebooks_report_and_site(tiny_processed, tmp_path):
    """One that broke a notebook though its estimates were right; the benchmark makes forty."""
    ended, faults = DESIGNS["reported"](DESIGNS["drawn"](0), tiny_processed, tmp_path / "design")
    assert ended == "reported"
    assert not faults


def test_attrition_of_nobody_is_missing_and_says_why():
    assert checks.attrition_limit(float("nan")) != checks.attrition_limit(float("nan"))


RECOVERY = runpy.run_path(str(ROOT / "benchmarks" / "recovery.py"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", (1, pytest.param(4, marks=pytest.mark.long)))
def test_the_planted_effect_is_recovered_in_pilots_of_other_shapes(seed):
    """The mean error of ten pilots, within four Monte-Carlo errors of zero; the benchmark has 40 designs."""
    design = RECOVERY["drawn"](seed)
    mean, noise = RECOVERY["recovered"](design, pilots=10)
    assert abs(mean) < 4 * noise, design
