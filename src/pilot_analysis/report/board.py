"""The board's report: one page of answers, then how they were found, in every language.

Numbers come from the estimates table alone (and the count of rows from ingest's report); words
from the catalogue. Typst makes the PDF (PDF/UA-1, so that screen readers can read it); the HTML has
the same content.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import pandas as pd
from matplotlib.figure import Figure

from pilot_analysis import figures as drawings
from pilot_analysis import forked
from pilot_analysis.catalogue.language import ENGLISH, ending
from pilot_analysis.evaluation import subgroups
from pilot_analysis.files import whole
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.report import (
    appendix,
    claimed,
    decisions,
    document,
    first_page,
    frame,
    holds,
    pictures,
    research,
    results,
    school_changes,
    studied,
)
from pilot_analysis.report.answers import Answer, Findings, Material
from pilot_analysis.report.document import (
    Block,
    Contents,
    Document,
    Heading,
    Items,
    NewPage,
    Paragraph,
)
from pilot_analysis.report.register import picked_in, stopped
from pilot_analysis.report.sentences import capital
from pilot_analysis.words import LANGUAGES, Language, show_whose

_Made = TypeVar("_Made")

__all__ = ["Material", "compose", "drawn", "html_page", "write"]


def compose(material: Material, language: Language) -> Document:
    """Return the report of a run in a language."""
    findings = Findings(material, language)
    words, described = findings.words, material.description
    blocks: list[Block] = [
        *first_page.blocks(findings),
        *_design(findings),
        *studied.blocks(findings),
        *claimed.blocks(findings),
        *results.blocks(findings),
        *holds.blocks(findings),
        *school_changes.blocks(findings),
        *decisions.blocks(findings),
        *research.blocks(words),
        *_limits(findings),
        *appendix.method(findings),
        *appendix.tables(findings),
        *appendix.glossary(words),
        *research.references(words),
    ]
    notice = words("report_synthetic") if material.quality["synthetic"] else ""
    return Document(
        language,
        described.title.within(language),
        notice,
        document.numbered(blocks, words("number_table"), words("number_figure")),
        first_page.imprint(findings),
        described.author.within(language),
    )


def _design(findings: Findings) -> list[Block]:
    words, figures = findings.words, findings.material.figures
    described, language = findings.material.description, findings.language
    laws = described.laws_of(findings.forms, language)
    said = [Paragraph(text) for text in (described.what_was_done.within(language), *laws)]
    return [
        NewPage(),
        Contents(words("report_contents")),
        Heading(words("report_design")),
        *said,
        Items(_schools(findings)),
        *_stopped(findings),
        Paragraph(described.compared.within(language)),
        Paragraph(words("design_untreated")),
        *_populations(findings),
        *pictures.show(figures, "exposure_timeline", words, caption=words("design_timeline")),
        Heading(words("report_logic"), 2),
        Paragraph(words("logic_text")),
        *pictures.show(figures, "logic_model", words, caption=words("logic_caption")),
    ]


def _schools(findings: Findings) -> list[str]:
    words = findings.words
    told: dict[str, str] = {}
    for answer in findings.answers:
        row = answer.row
        if row["population"] == "all_pupils" and math.isfinite(row["n_schools"]):
            said = words(
                "design_schools",
                form=capital(words.form(answer.form)),
                pilot=f"{row['n_treated_schools']:.0f}",
                schools=f"{row['n_schools']:.0f}",
                pupils=words.count(row["n_pupils"]),
            )
            told.setdefault(answer.form, said)
    return list(told.values())


def _stopped(findings: Findings) -> list[Block]:
    """Say how terms of pilot schools count in which they had mentors no more; nothing without any."""
    schools = stopped(findings)
    return [Paragraph(findings.words("design_stopped", n=schools))] if schools else []


def _populations(findings: Findings) -> list[Block]:
    """Say which pupils the questions about earlier high absence and targeted support are about."""
    words = findings.words
    made: list[Block] = []
    for name, claim in (("design_eligible", "C3"), ("design_targeted", "C4")):
        counts = [
            _pupils(a, findings) for a in findings.to(claim) if math.isfinite(a.row["n_pupils"])
        ]
        if counts:
            rule = words("eligibility_rule")
            when = words.listed(picked_in(findings)) or "none"
            said = words(name, counts=words.listed(counts), rule=rule, when=when)
            made.append(Paragraph(said))
    return made


def _pupils(answer: Answer, findings: Findings) -> str:
    words = findings.words
    pupils = words.count(answer.row["n_pupils"])
    return words("count_in_form", pupils=pupils, form=words.form(answer.form))


def _limits(findings: Findings) -> list[Block]:
    """Say what the design cannot show, and how pupils' data were handled."""
    words = findings.words
    described = findings.material.description
    selection = "selection_drawn" if described.drawn_by_lot else "selection"
    names = (selection, "spillover", "harms", "subgroups", "ethics")
    groups = _subgroups_told(findings)
    told = described.how_chosen
    chosen = (
        told.within(findings.language)
        if told
        else words("limits_chosen", drawn="yes" if described.drawn_by_lot else "no")
    )
    items = [words(f"limits_{name}", groups=groups, chosen=chosen) for name in names]
    if told := described.interests:
        items.append(words("limits_interests", told=told.within(findings.language)))
    return [
        Heading(words("report_limits")),
        Paragraph(described.limits.within(findings.language)),
        Items(items),
    ]


def _subgroups_told(findings: Findings) -> str:
    """Return whether the plan names subgroups (`none`), and whether any is described."""
    if not findings.material.plan.subgroups:
        return "none"
    table = findings.material.table
    own = table[table["model"] == subgroups.MODEL]
    return "described" if own["estimate"].notna().any() else "withheld"


def html_page(report: Document) -> str:
    """Return the report as one HTML page beside its `figures/`."""
    body = document.html_body(report, lambda path: f"figures/{path.name}")
    return frame.page(
        body, title=report.title, notice=report.notice, language=report.language, kind="text"
    )


def write(material: Material, out: Path) -> None:
    """Write report_<language> as PDF and HTML into `out`, each whole or not at all.

    Draws the report's own pictures into the run's figures.
    """
    out.mkdir(parents=True, exist_ok=True)
    stems = forked.each(_do, [d for language in LANGUAGES for d in drawn(material, language)])
    # Typst starts threads, so there may be no fork after it.
    writing = [partial(_write, material, out, language) for language in LANGUAGES]
    pixels = [partial(drawings.save_pixels, stem) for stem in stems if stem]
    forked.each(_do, [*writing, *pixels])


def _do(make: Callable[[], _Made]) -> _Made:
    return make()


def _write(material: Material, out: Path, language: Language) -> None:
    report = compose(material, language)
    with whole(out / f"report_{language}.pdf") as written:
        written.write_bytes(document.pdf(report, material.figures))
    with whole(out / f"report_{language}.html") as written:
        written.write_text(html_page(report), encoding="utf-8")


def drawn(material: Material, language: Language) -> list[Callable[[], Path | None]]:
    """Return what draws the report's own pictures, one by one, into the run's figures.

    Each returns where a picture is that the gallery shows and that has no pixels yet.
    """
    findings = Findings(material, language)
    show_whose(material.description, material.parameters, findings.forms)
    return [
        partial(_draw_logic, material, language),
        *(partial(_draw_variants, findings, *asked) for asked in holds.asked(findings)),
        partial(_draw_schools, findings),
    ]


def _draw_logic(material: Material, language: Language) -> Path | None:
    rivals = material.description.rivals.within(language)
    model = drawings.logic_model(rivals, language=language)
    numbers = pd.DataFrame({"step": [model.get_label()]})
    return _save(model, material.figures, "logic_model", numbers, language)


def _draw_variants(findings: Findings, claim: str, answers: Sequence[Answer]) -> Path | None:
    material, language = findings.material, findings.language
    rows = holds.plotted(answers, material)
    outcome = OUTCOMES[answers[0].row["outcome"]]
    figure = drawings.variants(
        rows,
        outcome,
        title=holds.title(claim, rows, findings),
        zone=findings.zone(outcome.name),
        synthetic=bool(material.quality["synthetic"]),
        language=language,
    )
    return _save(figure, material.figures, holds.stem(claim), rows, language)


def _draw_schools(findings: Findings) -> Path | None:
    material, language = findings.material, findings.language
    schools = school_changes.plotted(findings)
    if not len(schools):
        return None
    figure = drawings.school_changes(
        schools,
        title=school_changes.title(schools, findings),
        synthetic=bool(material.quality["synthetic"]),
        language=language,
    )
    return _save(figure, material.figures, school_changes.STEM, schools, language)


def _save(
    figure: Figure, folder: Path, stem: str, numbers: pd.DataFrame, language: Language
) -> Path | None:
    """Save a picture of the report; in English with its numbers, for the gallery."""
    path = folder / f"{stem}{ending(language)}"
    drawings.save_vector(figure, path)
    if language != ENGLISH:
        return None
    drawings.save_numbers(numbers, path)
    return path
