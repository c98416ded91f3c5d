"""What answers each claim: outcome, population and estimator."""

from pilot_analysis.evaluation.claims import (
    compare_inference,
    evaluate_claim,
    evaluate_outcome,
    headline,
    joint_test,
    main_rows,
    vary_attendance,
    why_primary,
)

__all__ = [
    "compare_inference",
    "evaluate_claim",
    "evaluate_outcome",
    "headline",
    "joint_test",
    "main_rows",
    "vary_attendance",
    "why_primary",
]
