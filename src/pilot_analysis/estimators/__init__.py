"""Estimators on top of `inference`: any tidy frame in, rows of estimates out."""

from pilot_analysis.estimators.changes import regress_changes, school_changes
from pilot_analysis.estimators.did import (
    callaway_santanna,
    event_study,
    goodman_bacon,
    synthetic_did,
    triple_difference,
    two_way_fixed_effects,
)
from pilot_analysis.estimators.group_difference import school_level_group_difference
from pilot_analysis.estimators.instrument import instrumental_variables
from pilot_analysis.estimators.nonlinear import logistic, mixed_model, ordered_logit
from pilot_analysis.estimators.regression import ancova, ols
from pilot_analysis.estimators.school_level import school_level_did
from pilot_analysis.estimators.school_panel import school_means

__all__ = [
    "ancova",
    "callaway_santanna",
    "event_study",
    "goodman_bacon",
    "instrumental_variables",
    "logistic",
    "mixed_model",
    "ols",
    "ordered_logit",
    "regress_changes",
    "school_changes",
    "school_level_did",
    "school_level_group_difference",
    "school_means",
    "synthetic_did",
    "triple_difference",
    "two_way_fixed_effects",
]
