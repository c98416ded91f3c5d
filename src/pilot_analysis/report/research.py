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
        "Guryan, J., Christenson, S., Cureton, A., Lai, I., Ludwig, J., Schwarz, C., Shirey, E. & "
        "Turner, M. C. (2020). The effect of mentoring on school attendance and academic outcomes: "
        "A randomized evaluation of the Check & Connect program. Journal of Policy Analysis and "
        "Management. doi:10.1002/pam.22264. NBER Working Paper 27661.",
    ),
    Study(
        "iko",
        "Sletten, M. A., Tøge, A. G. & Malmberg-Heimonen, I. (2023). Effects of an early warning "
        "system on student absence and completion in Norwegian upper secondary schools: A "
        "cluster-randomised study. Scandinavian Journal of Educational Research 67(7), 1151–1165. "
        "doi:10.1080/00313831.2022.2116481.",
    ),
    Study(
        "diplomas_now",
        "Corrin, W., Sepanik, S., Rosen, R. & Shane, A. (2016). Addressing early warning "
        "indicators: Interim impact findings from the Investing in Innovation (i3) evaluation of "
        "Diplomas Now. MDRC. ERIC ED566904.",
    ),
    Study(
        "danish_aides",
        "Andersen, S. C., Beuchert, L., Nielsen, H. S. & Thomsen, M. K. (2020). The effect of "
        "teacher's aides in the classroom: Evidence from a randomized trial. Journal of the "
        "European Economic Association 18(1), 469–505. doi:10.1093/jeea/jvy048.",
    ),
    Study(
        "ifau",
        "Hall, C., Lundin, M. & Sibbmark, K. (2022). Strengthening teachers in disadvantaged "
        "schools: Evidence from an intervention in Sweden's poorest city districts. Scandinavian "
        "Journal of Educational Research 66(2), 208–224. IFAU Working Paper 2018:26.",
    ),
    Study(
        "success_mentors",
        "Balfanz, R. & Byrnes, V. (2013). Meeting the challenge of combating chronic absenteeism: "
        "Impact of the NYC Mayor's Interagency Task Force on chronic absenteeism and school "
        "attendance and its implications for other cities. Johns Hopkins University School of "
        "Education.",
    ),
    Study(
        "linnaeus",
        "Gardesten, J. & Fonseca, L. Förändringar av läraruppdraget på skolor där heltidsmentorer "
        "anställts. Linnéuniversitetet; P. Lindqvist, Skolvärlden (2020), Vi Lärare.",
    ),
    Study(
        "eef",
        "Education Endowment Foundation (2022). Attendance interventions: Rapid evidence "
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
        "Andrews, I., Roth, J. & Pakes, A. (2023). Inference for linear conditional moment "
        "inequalities. Review of Economic Studies 90(6). doi:10.1093/restud/rdad004.",
        "Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time "
        "periods. Journal of Econometrics 225(2), 200–230.",
        "Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2008). Bootstrap-based improvements for "
        "inference with clustered errors. Review of Economics and Statistics 90(3), 414–427. "
        "doi:10.1162/rest.90.3.414.",
        "Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal "
        "Statistical Society B 16(2), 175–185.",
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian "
        "Journal of Statistics 6(2), 65–70.",
        "Rambachan, A. & Roth, J. (2023). A more credible approach to parallel trends. Review of "
        "Economic Studies 90(5), 2555–2591. doi:10.1093/restud/rdad018.",
        "What Works Clearinghouse (2022). Procedures and Standards Handbook, version 5.0.",
    ]
    return [
        Heading(words("report_references")),
        Items(sorted([*methods, *(s.reference for s in STUDIES)])),
    ]
