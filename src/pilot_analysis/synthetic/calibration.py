"""The simulated levels beside their targets (sources in `docs/calibration.md`)."""

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.synthetic import attendance, grades, population
from pilot_analysis.synthetic.scenario import Scenario


def _intraclass(values: pd.Series, groups: list[pd.Series]) -> float:
    """Return the one-way ANOVA intra-class correlation."""
    grouped = values.groupby(groups)
    n = grouped.size().mean()
    within = grouped.var().mean()
    between = max(grouped.mean().var() - within / n, 0.0)
    return float(between / (between + within))


def measure(scenario: Scenario) -> pd.DataFrame:
    """Return quantity, target (in words), low, high, simulated; before the pilot's first term."""
    people = population.build(scenario)
    presence = attendance.simulate(scenario, people)
    marks = grades.simulate(scenario, people, presence.stays)
    stays = presence.stays.join(marks.outcomes[["merit", "eligible_vocational"]])
    minutes = presence.weeks.groupby("stay")[["measured_absent", "scheduled", "reported"]].sum()
    stays["share"] = minutes["measured_absent"] / minutes["scheduled"]
    before = stays[stays["term"] < terms.number("HT2019")]
    rows: list[tuple[str, str, float, float, float]] = []
    for form, name, low, high in (("GR", "lower", 0.08, 0.10), ("GY", "upper", 0.09, 0.12)):
        part = before[before["form"] == form]
        mean = float(np.average(part["share"], weights=part["scheduled"]))
        target = f"{100 * low:.0f} to {100 * high:.0f} %"
        rows.append((f"mean absence, {name} secondary", target, low, high, mean))
        icc = _intraclass(part["share"], [part["school"], part["term"]])
        rows.append((f"school x term ICC of absence, {name}", "near 0.05", 0.03, 0.07, icc))
    for grade, expected in ((7, 0.16), (8, 0.19), (9, 0.23)):
        share = float((before.loc[before["grade"] == grade, "share"] >= 0.15).mean())
        rows.append(
            (
                f"at least 15 % absent, grade {grade}",
                f"{100 * expected:.0f} %",
                expected - 0.03,
                expected + 0.03,
                share,
            )
        )
    leavers = before[(before["grade"] == 9) & (before["term"] == terms.number("VT2018"))]
    rows += [
        ("merit value, grade 9, mean", "222", 212, 232, float(leavers["merit"].mean())),
        ("merit value, grade 9, SD", "65 to 70", 62, 73, float(leavers["merit"].std())),
        (
            "eligible to vocational programs",
            "81 %",
            0.78,
            0.85,
            float(leavers["eligible_vocational"].mean()),
        ),
        (
            "school ICC of merit value",
            "0.12 to 0.20",
            0.08,
            0.24,
            _intraclass(leavers["merit"], [leavers["school"]]),
        ),
        (
            "lesson time reported",
            "about 90 %",
            0.87,
            0.93,
            float(minutes["reported"].sum() / minutes["scheduled"].sum()),
        ),
        ("absence reports", "1.5 to 3 million", 1.5e6, 3e6, float(len(presence.reports))),
    ]
    return pd.DataFrame(rows, columns=["quantity", "target", "low", "high", "simulated"])
