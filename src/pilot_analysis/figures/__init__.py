"""Figures: aggregates or estimates in, one matplotlib Figure out. Nothing is computed here."""

from pilot_analysis.figures.checks import (
    drift,
    planned_power,
    published,
    reversion,
    specification_curve,
)
from pilot_analysis.figures.design import balance, exposure_timeline, size_and_power
from pilot_analysis.figures.grids import ARM_LINES, close, finish_grid, stacked_bars
from pilot_analysis.figures.marks import mark_terms
from pilot_analysis.figures.results import coefficients, compared, event_study, trends
from pilot_analysis.figures.school_changes import better_than_others, school_changes
from pilot_analysis.figures.style import (
    ARMS,
    EndLabel,
    finish,
    groups,
    save,
    save_numbers,
    save_pixels,
    save_vector,
    theme,
)
from pilot_analysis.figures.surveys import logic_model, survey_items, survey_roles, survey_themes
from pilot_analysis.figures.variants import variants

__all__ = [
    "ARMS",
    "ARM_LINES",
    "EndLabel",
    "balance",
    "better_than_others",
    "close",
    "coefficients",
    "compared",
    "drift",
    "event_study",
    "exposure_timeline",
    "finish",
    "finish_grid",
    "groups",
    "logic_model",
    "mark_terms",
    "planned_power",
    "published",
    "reversion",
    "save",
    "save_numbers",
    "save_pixels",
    "save_vector",
    "school_changes",
    "size_and_power",
    "specification_curve",
    "stacked_bars",
    "survey_items",
    "survey_roles",
    "survey_themes",
    "theme",
    "trends",
    "variants",
]
