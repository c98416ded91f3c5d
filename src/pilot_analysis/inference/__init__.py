"""Inference that holds with few treated clusters: any tidy frame in, rows of estimates out.

Knows no school: column names are arguments. `cross_products` makes one pass over a panel; every
method here is linear algebra on what it returns.
"""

from pilot_analysis.inference.few_clusters import (
    cluster_robust,
    romano_wolf,
    wild_cluster_bootstrap,
)
from pilot_analysis.inference.hotelling import wald_test
from pilot_analysis.inference.placed_schools import joint_test
from pilot_analysis.inference.randomization import randomization_inference
from pilot_analysis.inference.relative_magnitudes import EventStudy

__all__ = [
    "EventStudy",
    "cluster_robust",
    "joint_test",
    "randomization_inference",
    "romano_wolf",
    "wald_test",
    "wild_cluster_bootstrap",
]
