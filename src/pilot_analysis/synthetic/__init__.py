"""Synthetic exports with known true effects, in the shape of a municipality's real exports.

Nothing made here is evidence about any school. The generator exists so that the evaluation can be
run by anyone, and so that its estimators can be held to a truth.
"""

from pilot_analysis.synthetic.scenario import NUISANCES, SCENARIOS, Scenario

__all__ = ["NUISANCES", "SCENARIOS", "Scenario"]
