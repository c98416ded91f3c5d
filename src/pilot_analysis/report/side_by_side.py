"""Three made-up pilots side by side: what a yes, a no and a 'cannot be determined' look like.

`examples/answers.csv` holds their answers, as `pilot answers` takes them from runs; the words are
made here, by the rules of every other report.
"""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import description, estimates
from pilot_analysis import plan as plans
from pilot_analysis.catalogue.words import Words
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import interval
from pilot_analysis.report.amounts import counted
from pilot_analysis.report.answers import Findings, Material
from pilot_analysis.report.document import Block, Cell, Heading, Items, Paragraph, Table
from pilot_analysis.report.sentences import capital, is_bounded, verdict

EXAMPLES = description.EXAMPLES
ANSWERS = EXAMPLES / "answers.csv"
# The question about pupils picked when their absence was high.
_PICKED = "C3"
# The questions that every pilot of the table asks.
CLAIMS = ("C1", "C2", "C3", "C4")
# What answers, grades and their reasons are made from.
_KEPT = (
    *estimates.ABOUT,
    "unit",
    "estimate",
    "p_value",
    "ci_low",
    "ci_high",
    "ci_level",
    "method",
    "assumption",
    "bound",
    "n_pupils",
    "n_schools",
    "n_treated_schools",
    "p_value_min",
    "reason",
    "reason_values",
)
COLUMNS = ("run", *_KEPT, "truth")


@dataclass(frozen=True)
class Pilot:
    """One made-up pilot: the name of the folder that describes it, and its rows of the table."""

    name: str
    rows: pd.DataFrame

    def findings(self, language: str) -> Findings:
        """Return its answers in a language."""
        default = self.name == description.FOLDER.name
        folder = description.FOLDER if default else EXAMPLES / self.name
        plan = plans.load(folder / description.PLAN)
        values = Parameters.model_validate(plan.parameters)
        table = estimates.table(self.rows[list(_KEPT)].to_dict("records"))
        made = Material(table, {}, Path(), plan, values, description.load(folder))
        return Findings(made, language)

    @cached_property
    def truth(self) -> Mapping[tuple[str, str], float]:
        """The true effects by outcome and population, each in its estimate's unit."""
        known = self.rows[self.rows["truth"].notna()]
        pairs = zip(known["outcome"], known["population"], strict=True)
        return dict(zip(pairs, known["truth"], strict=True))


def read(path: Path = ANSWERS) -> list[Pilot]:
    """Return the pilots of the table in its order; none where there is no table."""
    if not path.exists():
        return []
    texts = {name: "str" for name in COLUMNS if estimates.COLUMNS.get(name, "str") == "str"}
    del texts["truth"]
    table = pd.read_csv(path, dtype=texts, na_filter=True)
    table[list(texts)] = table[list(texts)].fillna("")
    return [Pilot(str(name), rows) for name, rows in table.groupby("run", sort=False)]


def blocks(pilots: list[Pilot], language: str) -> list[Block]:
    """Return the page: how to read it, the pilots, and a table for each question."""
    findings = {pilot.name: pilot.findings(language) for pilot in pilots}
    words = findings[pilots[0].name].words
    made: list[Block] = [
        Paragraph(words("side_text")),
        Paragraph(words("side_key", level=findings[pilots[0].name].level)),
        Items([words(f"side_{kind}") for kind in ("yes", "no", "open")]),
        _pilots(pilots, findings),
    ]
    held: list[bool] = []
    for claim in CLAIMS:
        made.append(Heading(words(f"question_{claim}"), 1))
        made.append(_question(claim, pilots, findings, held))
    share = words.percent(findings[pilots[0].name].material.parameters.ci_level)
    made.append(Paragraph(words("side_held", n=f"{len(held)}", held=f"{sum(held)}", share=share)))
    made += _exaggerated(pilots, findings, words)
    made += _before_and_after(pilots, findings, words)
    commands = [
        f"pilot run --evaluation examples/{pilot.name}"
        for pilot in pilots
        if pilot.name != description.FOLDER.name
    ]
    made += [Paragraph(words("side_whole")), Items(commands)]
    return made


def _exaggerated(
    pilots: list[Pilot], findings: Mapping[str, Findings], words: Words
) -> list[Block]:
    """Say by how much estimates whose interval excludes zero exceed the effect that is there."""
    factors, made_up = [], 0
    for pilot in pilots:
        for claim in CLAIMS:
            for answer in findings[pilot.name].to(claim):
                true = pilot.truth.get(answer.key, math.nan)
                if verdict(answer.row) not in ("rose", "fell") or not math.isfinite(true):
                    continue
                if true == 0:
                    made_up += 1
                else:
                    factors.append(abs(answer.row["estimate"] / true))
    if not factors:
        return []
    said = words(
        "side_exaggerated",
        n=f"{len(factors) + made_up}",
        larger=f"{sum(factor > 1 for factor in factors)}",
        factor=words.number(statistics.median(factors)),
        none=made_up,  # a number: a message's [0] is no text
    )
    return [Paragraph(said)]


def _before_and_after(
    pilots: list[Pilot], findings: Mapping[str, Findings], words: Words
) -> list[Block]:
    """Set what before and after alone would have claimed beside the estimate and the truth."""
    rows: list[list[Cell]] = []
    for pilot in pilots:
        own = findings[pilot.name]
        naive = pilot.rows[pilot.rows["estimand"] == "naive_change_pilot"]
        answers = own.to(_PICKED)
        if naive.empty or not answers:
            continue
        row, true = answers[0].row, pilot.truth.get(answers[0].key, math.nan)
        told = counted(row, words)
        sizes = (float(naive["estimate"].iloc[0]), row["estimate"], true)
        cells = [capital(told.amount(v, words)) if math.isfinite(v) else "–" for v in sizes]
        rows.append([_name(own), *cells])
    if not rows:
        return []
    head = [words(f"side_column_{name}") for name in ("pilot", "naive", "estimate", "truth")]
    return [
        Heading(words("side_naive"), 1),
        Paragraph(words("side_naive_text")),
        Table(head, rows, words("side_naive_caption")),
        *_asked_afterwards(pilots, findings, words),
    ]


def _asked_afterwards(
    pilots: list[Pilot], findings: Mapping[str, Findings], words: Words
) -> list[Block]:
    """Say what asking pupils afterwards alone would have shown, with what they had answered before."""
    said: list[Block] = []
    for pilot in pilots:
        asked = pilot.rows[pilot.rows["estimand"].isin(["asked_after", "asked_before"])]
        told = asked.set_index("estimand")["estimate"]
        if len(told) == 2:
            numbers = {name.removeprefix("asked_"): words.number(v) for name, v in told.items()}
            true = words.number(float(asked["truth"].iloc[0]))
            own = findings[pilot.name]
            index = own.material.description.instruments["pupil"].indices["safety_index"]
            said.append(
                Paragraph(
                    words(
                        "side_asked",
                        pilot=_name(own),
                        truth=true,
                        most=words.decimal(index.high),
                        **numbers,
                    )
                )
            )
    return said


def _pilots(pilots: list[Pilot], findings: Mapping[str, Findings]) -> Table:
    words = findings[pilots[0].name].words
    rows: list[list[Cell]] = []
    for pilot in pilots:
        own = findings[pilot.name]
        row = own.to(CLAIMS[0])[0].row
        rows.append(
            [
                _name(own),
                words(
                    "side_schools",
                    pilot=f"{row['n_treated_schools']:.0f}",
                    schools=f"{row['n_schools']:.0f}",
                ),
                words("side_chosen", lot="yes" if own.material.description.drawn_by_lot else "no"),
                words.count(row["n_pupils"]),
            ]
        )
    head = [words(f"side_column_{name}") for name in ("pilot", "schools", "chosen", "pupils")]
    return Table(head, rows, words("side_pilots", form=words.form(row["school_form"])))


def _name(findings: Findings) -> str:
    return findings.material.description.municipality.within(findings.language)


def _question(
    claim: str, pilots: list[Pilot], findings: Mapping[str, Findings], held: list[bool]
) -> Table:
    """Return one question's table; adds to `held` whether each interval holds the truth."""
    words = findings[pilots[0].name].words
    answers = {pilot.name: findings[pilot.name].to(claim)[0] for pilot in pilots}
    zones = {name: findings[name].zone(answer.row["outcome"]) for name, answer in answers.items()}
    reach = interval.reach_of([a.row for a in answers.values()], max(zones.values()))
    rows: list[list[Cell]] = []
    for pilot in pilots:
        answer, own = answers[pilot.name], findings[pilot.name]
        true = pilot.truth.get(answer.key, math.nan)
        drawn = interval.draw(answer.row, zones[pilot.name], words, reach=reach, truth=true)
        rows.append(
            [
                _name(own),
                drawn,
                answer.short(words),
                own.strength_and_why(answer),
                _truth(answer.row, true, own, held),
            ]
        )
    head = [
        words("side_column_pilot"),
        *(words(f"page1_{name}") for name in ("difference", "answer", "strength")),
        words("side_column_truth"),
    ]
    row = answers[pilots[0].name].row
    among = words(f"among_{row['population']}")
    caption = words(
        "side_caption",
        outcome=words.outcome(row["outcome"], answers[pilots[0].name].form),
        among=among,
    )
    return Table(head, rows, caption, (1, 1.7, 1.1, 1.6, 1.4))


def _truth(row: Mapping[str, Any], true: float, findings: Findings, held: list[bool]) -> str:
    """Return the true effect in words, and whether the interval holds it."""
    words = findings.words
    if not math.isfinite(true):
        return words("side_unknown")
    size = capital(counted(row, words).amount(true, words))
    if not is_bounded(row):
        return words("side_truth", size=size, held="none")
    held.append(bool(row["ci_low"] <= true <= row["ci_high"]))
    return words("side_truth", size=size, held="yes" if held[-1] else "no")
