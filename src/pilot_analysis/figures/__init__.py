"""Figures: aggregates or estimates in, one matplotlib Figure out. Nothing is computed here."""

from pilot_analysis.figures.checks import (
    drift,
    planned_power,
    published,
    reversion,
    specification_curve,
)
from pilot_analysis.figures.design import balance, exposure_timeline, size_and_power
from pilot_analysis.figures.results import coefficients, compared, event_study, trends
from pilot_analysis.figures.style import SYNTHETIC_NOTICE, finish, save

__all__ = [
    "SYNTHETIC_NOTICE",
    "balance",
    "coefficients",
    "compared",
    "drift",
    "event_study",
    "exposure_timeline",
    "finish",
    "planned_power",
    "published",
    "reversion",
    "save",
    "size_and_power",
    "specification_curve",
    "trends",
]
