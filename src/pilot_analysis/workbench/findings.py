"""What a notebook says of its estimates: sentences, strength of evidence, verdicts of the checks."""

from typing import Any

import numpy as np
import pandas as pd
from IPython.display import HTML, Markdown

from pilot_analysis import description, estimates, plan
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.report import answers, sentences, verdicts
from pilot_analysis.words import form_name, number
from pilot_analysis.workbench.core import Core
from pilot_analysis.workbench.tables import show


class Findings(Core):
    """Estimates in words, held against the plan."""

    def answers(self, table: pd.DataFrame) -> Markdown:
        """Return one sentence a row, with the known true effect while data are synthetic.

        Where an interval excludes zero, what it is not adjusted for is said: of a main question that
        it is no answer once p-values are adjusted, or that `table` does not hold the others; of a
        secondary one that it is weak evidence at most.
        """
        chance = self._may_be_chance(table)
        all_asked = self.asked <= set(zip(table["outcome"], table["population"], strict=True))
        lines = []
        for row in self.protected(table).to_dict("records"):
            said = [sentences.sentence(row, self.words)]
            if (row["outcome"], row["school_form"], row["population"]) in chance:
                said.append(self.words("sentence_several"))
            elif sentences.verdict(row) in ("rose", "fell"):
                said.append(self._not_adjusted(row, all_asked=all_asked))
            said.append(sentences.truth_sentence(row, self.truth, self.words))
            lines.append(f"- {' '.join(part for part in said if part)}")
        return Markdown("\n".join(lines))

    def _not_adjusted(self, row: dict[str, Any], *, all_asked: bool) -> str:
        """Say of an interval that excludes zero which other questions it does not count."""
        if row["outcome"] in answers.DATA_QUALITY:
            return ""
        if (row["outcome"], row["population"]) not in self.asked:
            return self.words("sentence_secondary")
        alone = all_asked or not self.one_of_several(row)
        return "" if alone else self.words("sentence_one_of_several")

    def _may_be_chance(self, table: pd.DataFrame) -> set[tuple[str, str, str]]:
        """Return which main questions' intervals exclude zero, though not after adjustment."""
        from pilot_analysis.evaluation import evidence

        level = 1 - self.parameters.ci_level
        found = evidence.holm_rows(self.plan, table)
        found = found[(found["p_value"] > level) & (found["ci_low"] * found["ci_high"] > 0)]
        keys = found[["outcome", "school_form", "population"]]
        return set(keys.itertuples(index=False, name=None))

    def warnings(self, table: pd.DataFrame) -> Markdown:
        """Return the headline warning where the reporting rate moved too far."""
        limit = self.parameters.reporting_warning_points
        table = self.protected(table)
        moved = table[
            (table["outcome"] == "reporting_rate")
            & (table["claim"] == "C1")
            & (table["estimate"].abs() > limit)
        ]
        lines = [
            f"> **Warning: reporting changed.** In "
            f"{form_name(row['school_form'], ENGLISH)} the share of lesson time reported "
            f"moved {number(row['estimate'], ENGLISH)} points more at pilot schools (limit "
            f"{limit:g}). Measured absence can rise because it is recorded better."
            for row in moved.to_dict("records")
        ]
        return Markdown("\n\n".join(lines) or "Reporting moved alike at pilot and other schools.")

    def costs(self, table: pd.DataFrame) -> Markdown:
        """Return one sentence a cost."""
        rows = self.protected(table[table["model"] == "cost"]).to_dict("records")
        return Markdown("\n".join(f"- {sentences.cost_sentence(r, self.words)}" for r in rows))

    def plan_notice(self) -> Markdown:
        """Return the plan's hash, and what this run does otherwise."""
        changed = self.departures
        digest = plan.digest(self._evaluation / description.PLAN)
        amended = max((a.date for a in self.plan.amendments), default=None)
        named = f"Analysis plan frozen {self.plan.frozen}"
        named += f", last amended {amended}" if amended else ""
        named += f"; SHA-256 `{digest[:16]}`."
        if not changed:
            return Markdown(f"{named}\n\nThis run follows it.")
        lines = [
            f"> - `{c['parameter']}`: planned {c['planned']!r}, used {c['used']!r}" for c in changed
        ]
        said = "> **Exploratory.** This run departs from the plan:"
        return Markdown("\n".join([f"{named}\n", said, *lines]))

    def grades(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return each primary estimate's strength of evidence by the plan's rule.

        What tells of the quality of data has none. Warnings that do not bear on an answer, as no
        effect is established, stand in brackets; those that could not be looked for say so.
        """
        from pilot_analysis.evaluation import evidence

        found = evidence.grades(table, self.plan, exploratory=bool(self.departures))
        found = found[~found["outcome"].isin(answers.DATA_QUALITY)]
        named = []
        for row in found.itertuples():
            said = [
                name if code in row.weakening else f"({name})"
                for code in row.warnings.split(", ")
                if code
                for name in [self.words(f"warning_{code}")]
            ]
            said += [
                self.words("warning_unmade", warning=self.words(f"warning_{code}"))
                for code in row.unmade
            ]
            named.append("; ".join(said))
        return (
            found.assign(warnings=named, primary=found["primary"].map({True: "yes", False: "no"}))
            .drop(columns=["weakening", "unmade"])
            .rename(columns={"adjusted_p": "Holm p"})
        )

    def verdicts(self, primary: pd.DataFrame, *checked: pd.DataFrame) -> HTML | Markdown:
        """Return one table: each check, its estimate, how far it moved the answer, the verdict."""
        table = estimates.combine(checked)
        rows = verdicts.table(self.protected(primary), self.protected(table), self.plan, self.words)
        return show(rows.replace({"estimate": {np.inf: np.nan}}))
