"""Processed tables to analysis panels: outcomes, who is treated, who is eligible, descriptions."""

from pilot_analysis.catalogue.outcomes import (
    OUTCOMES,
    SCHOOL_DAYS,
    SURVEY_OUTCOMES,
    Outcome,
    find_outcome,
    outcomes,
    stand_ins,
)
from pilot_analysis.panel import eligibility, questionnaires
from pilot_analysis.panel.build import (
    BASELINE_COVARIATES,
    Panel,
    absence_share,
    build,
    read_quality,
    read_table,
    refused_controls,
    with_coding,
)
from pilot_analysis.panel.describe import (
    balance,
    baseline_balance,
    change_table,
    exposure_map,
    group_trends,
    holdings,
    pupils_by_school,
    remote_shares,
    school_terms,
    subgroup_changes,
)
from pilot_analysis.panel.eligibility import Window, eligible_panel, reversion, window
from pilot_analysis.panel.explore import against_baseline, beside, distribution, with_groups

__all__ = [
    "BASELINE_COVARIATES",
    "OUTCOMES",
    "SCHOOL_DAYS",
    "SURVEY_OUTCOMES",
    "Outcome",
    "Panel",
    "Window",
    "absence_share",
    "against_baseline",
    "balance",
    "baseline_balance",
    "beside",
    "build",
    "change_table",
    "distribution",
    "eligibility",
    "eligible_panel",
    "exposure_map",
    "find_outcome",
    "group_trends",
    "holdings",
    "outcomes",
    "pupils_by_school",
    "questionnaires",
    "read_quality",
    "read_table",
    "refused_controls",
    "remote_shares",
    "reversion",
    "school_terms",
    "stand_ins",
    "subgroup_changes",
    "window",
    "with_coding",
    "with_groups",
]
