"""What other studies of mentors found, nulls included, and where each can be read."""

from dataclasses import dataclass

from pilot_analysis.catalogue.words import Words
from pilot_analysis.report.document import Block, Heading, Items, Paragraph, Table


@dataclass(frozen=True)
class Study:
    """One study: its messages are `study_<name>`, `.design`, `.found` and `.uncertainty`."""

    name: str
    reference: str


# Randomised ones first; among these the nearest to full-time mentors.
STUDIES = (
    Study(
        "check_connect",
        "Guryan, J. et al. (2020). The effect of mentoring on school attendance "
        "and academic outcomes. NBER Working Paper 27661.",
    ),
    Study(
        "iko",
        "Sletten, M. A. et al. (2023). Effects of an early warning system on student "
        "absence and completion in Norwegian upper secondary schools. Scandinavian Journal of "
        "Educational Research. doi:10.1080/00313831.2022.2116481.",
    ),
    Study(
        "diplomas_now",
        "Corrin, W. et al. (2016). Addressing early warning indicators. MDRC. ERIC ED566904.",
    ),
    Study(
        "danish_aides",
        "Andersen, S. C. et al. (2020). Journal of the European Economic Association.",
    ),
    Study("ifau", "IFAU (2018). Coaching for teaching. Working Paper 2018:26."),
    Study(
        "success_mentors",
        "Balfanz, R. & Byrnes, V. (2013). Johns Hopkins University. Reviewed "
        "by What Works Clearinghouse.",
    ),
    Study("linnaeus", "Lindqvist et al. (2020). Linnaeus University, as told in Skolvärlden."),
    Study(
        "eef",
        "Education Endowment Foundation (2022). Attendance interventions: rapid evidence "
        "assessment.",
    ),
)


def blocks(words: Words) -> list[Block]:
    """Return the section."""
    rows = [
        [
            words(f"study_{s.name}"),
            *(words(f"study_{s.name}.{part}") for part in ("design", "found", "uncertainty")),
        ]
        for s in STUDIES
    ]
    head = [words(f"research_{name}") for name in ("study", "design", "found", "uncertainty")]
    return [
        Heading(words("report_research")),
        Paragraph(words("research_text")),
        Table(head, rows, words("research_caption"), (1.2, 1.5, 2, 1.3)),
    ]


def references(words: Words) -> list[Block]:
    """Return where the studies, the methods and the standards can be read."""
    methods = [
        "Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2008). Bootstrap-based improvements for "
        "inference with clustered errors. Review of Economics and Statistics 90(3).",
        "Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal "
        "Statistical Society B 16(2).",
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian "
        "Journal of Statistics 6(2).",
        "Rambachan, A. & Roth, J. (2023). A more credible approach to parallel trends. Review of "
        "Economic Studies 90(5).",
        "What Works Clearinghouse (2022). Procedures and Standards Handbook, version 5.0.",
    ]
    return [
        Heading(words("report_references")),
        Items(sorted([*methods, *(s.reference for s in STUDIES)])),
    ]
