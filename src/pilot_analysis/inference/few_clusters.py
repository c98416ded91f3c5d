"""Inference with few treated schools, under one name.

Every function takes a tidy panel and returns rows of the estimates table. Effects nested in the
cluster are absorbed exactly and never expanded, so pupil-level panels of any size pass through one
set of cluster cross-products (`cross_products.build`).

The methods are in modules of their own: `sandwich`, `wild_bootstrap`, `randomization`, `step_down`.
"""

from pilot_analysis.inference.placements import placements
from pilot_analysis.inference.randomization import randomization_inference
from pilot_analysis.inference.sandwich import cluster_robust, coefficient_row
from pilot_analysis.inference.step_down import (
    Hypothesis,
    family_wise,
    family_wise_samples,
    romano_wolf,
)
from pilot_analysis.inference.wild_bootstrap import (
    bootstrap_weights,
    wild_cluster_bootstrap,
    wild_cluster_bootstrap_block,
    wild_cluster_bootstrap_from_blocks,
    wild_row,
    wild_test,
)

__all__ = [
    "Hypothesis",
    "bootstrap_weights",
    "cluster_robust",
    "coefficient_row",
    "family_wise",
    "family_wise_samples",
    "placements",
    "randomization_inference",
    "romano_wolf",
    "wild_cluster_bootstrap",
    "wild_cluster_bootstrap_block",
    "wild_cluster_bootstrap_from_blocks",
    "wild_row",
    "wild_test",
]
