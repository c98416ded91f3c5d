"""What answers each claim: outcome, population and estimator."""

from pilot_analysis.evaluation.claims import (
    compare_inference,
    evaluate_claim,
    evaluate_outcome,
    headline,
    main_rows,
    vary_attendance,
    why_primary,
)
from pilot_analysis.evaluation.questions import joint_test, joint_tests
from pilot_analysis.evaluation.variants import vary_questions

__all__ = [
    "compare_inference",
    "evaluate_claim",
    "evaluate_outcome",
    "headline",
    "joint_test",
    "joint_tests",
    "main_rows",
    "vary_attendance",
    "vary_questions",
    "why_primary",
]
