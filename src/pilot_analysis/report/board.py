"""The board's report: one page of answers, then how they were found, in Swedish and English.

Every number comes from the estimates table or ingest's report; the words come from `sentences`.
Typst makes the PDF (PDF/UA-1, so that screen readers can read it); the HTML has the same text.
"""

import html
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import typst

from pilot_analysis.models import evidence
from pilot_analysis.models.evaluation import headline
from pilot_analysis.models.targeting import MAIN_OUTCOMES
from pilot_analysis.plan import Plan
from pilot_analysis.report.sentences import (
    Language,
    cost_sentence,
    grade_name,
    number,
    outcome_name,
    sentence,
    where,
)

_TEXT: dict[str, tuple[str, str]] = {
    "title": (
        "Full-time mentors in Linköping's schools: evaluation of the pilot",
        "Heltidsmentorer i Linköpings skolor: utvärdering av försöket",
    ),
    "answers": ("The answers", "Svaren"),
    "C1": ("Did attendance rise?", "Ökade närvaron?"),
    "C2": ("Did more pupils reach the goals?", "Nådde fler elever målen?"),
    "C3": (
        "Did pupils with earlier high absence gain?",
        "Vann elever med tidigare hög frånvaro på försöket?",
    ),
    "C4": ("Did targeted support help?", "Hjälpte riktat stöd?"),
    "C7": ("What did it cost?", "Vad kostade det?"),
    "others": (
        "Teachers' work beyond these hours and pupils' safety are not evaluated in this version; "
        "nothing is claimed about them.",
        "Lärarnas arbete utöver dessa timmar och elevernas trygghet utvärderas inte i denna "
        "version; inget påstås om dem.",
    ),
    "strength": ("Strength of evidence", "Belägg"),
    "exploratory": (
        "Exploratory: this run departs from the analysis plan",
        "Utforskande: denna körning avviker från analysplanen",
    ),
    "planned": ("planned", "planerat"),
    "used": ("used", "använt"),
    "how": ("How it was found", "Hur svaren togs fram"),
    "how_text": (
        "Pilot schools are compared with other municipal schools, before and after the start "
        "(difference-in-differences with pupil and term effects). Lower and upper secondary "
        "schools are never pooled, because the pandemic moved their absence in opposite "
        "directions. Few schools took part, and the usual formula then claims too much. The "
        "intervals here are those that came closest to their level in simulations of this very "
        "design.",
        "Försöksskolorna jämförs med andra kommunala skolor, före och efter starten "
        "(difference-in-differences med elev- och terminseffekter). Högstadiet och gymnasiet slås "
        "aldrig ihop, eftersom pandemin förändrade frånvaron åt olika håll. Få skolor deltog, och "
        "den vanliga formeln lovar då för mycket. Intervallen här är de som kom närmast sin nivå i "
        "simuleringar av just denna design.",
    ),
    "limits": ("What this does not show", "Vad detta inte visar"),
    "limits_text": (
        "Schools were not drawn by lot. Absence is what the registers say, and grades are set by "
        "teachers. 'Cannot be determined' is not evidence of no effect.",
        "Skolorna lottades inte. Frånvaron är den som registrerats, och betygen sätts av lärarna. "
        "'Går inte att avgöra' är inte belägg för att effekten är noll.",
    ),
    "data": ("The data", "Data"),
    "table": ("All primary estimates", "Alla huvudskattningar"),
    "outcome": ("Outcome", "Utfall"),
    "form": ("Where", "Var"),
    "estimate": ("Estimate", "Skattning"),
    "interval": ("Interval", "Intervall"),
    "schools": ("Pilot schools of all", "Försöksskolor av alla"),
    "to": ("to", "till"),
    "none": ("not bounded", "inte begränsat"),
    "synthetic": (
        "Synthetic data: not evidence about Linköping. All schools, pupils and numbers are made up.",
        "Syntetiska data: inga belägg om Linköping. Alla skolor, elever och siffror är påhittade.",
    ),
    "figure": (
        "Absence by term, pilot and comparison schools (per cent of lesson time).",
        "Frånvaro per termin, försöks- och jämförelseskolor (procent av lektionstiden).",
    ),
    "page": ("Page", "Sida"),
}


def _say(key: str, language: Language) -> str:
    return _TEXT[key][0 if language == "en" else 1]


@dataclass
class Report:
    """The report's content in one language, before it becomes PDF or HTML."""

    language: Language
    synthetic: bool
    answers: dict[str, list[str]]
    rows: list[list[str]]
    data: str
    figure: Path | None = None
    figure_alt: str = ""
    header: list[str] = field(default_factory=list)
    departures: list[str] = field(default_factory=list)


CLAIMS = ("C1", "C2", "C3", "C4", "C7")


def _count(value: int, language: Language) -> str:
    return f"{value:,}".replace(",", "\u00a0" if language == "sv" else ",")


def _answers(table: pd.DataFrame, plan: Plan, *, exploratory: bool, language: Language
             ) -> dict[str, list[str]]:  # fmt: skip
    """Return the sentences of each claim, each with its strength of evidence."""
    answers: dict[str, list[str]] = {claim: [] for claim in CLAIMS}
    graded = evidence.grades(table, plan, exploratory=exploratory)
    for row, grade in zip(
        headline(table).to_dict("records"), graded.to_dict("records"), strict=True
    ):
        if row["claim"] in ("C3", "C4") and row["outcome"] not in MAIN_OUTCOMES:
            continue
        text = sentence(row, language)
        if grade["grade"] != "cannot be determined":
            text += f" {_say('strength', language)}: {grade_name(grade['grade'], language)}."
        answers[row["claim"]].append(text)
    costs = table[table["model"] == "cost"].to_dict("records")
    answers["C7"] += [cost_sentence(row, language) for row in costs]
    hours = table[(table["claim"] == "C7") & (table["outcome"] == "hours_other")]
    answers["C7"] += [sentence(row, language) for row in hours.to_dict("records")]
    return answers


def compose(
    table: pd.DataFrame, quality: Mapping[str, Any], figures: Path, language: Language, plan: Plan,
    departures: Sequence[Mapping[str, Any]] = (),
) -> Report:  # fmt: skip
    """Return the report's content from the estimates table, ingest's report and the plan."""
    main = headline(table).to_dict("records")
    answers = _answers(table, plan, exploratory=bool(departures), language=language)
    rows = []
    for row in main:
        bounded = math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"])
        known = math.isfinite(row["estimate"])
        rows.append(
            [
                outcome_name(row["outcome"], language),
                where(row["population"], language),
                number(row["estimate"], language, 2) if known else "–",
                f"{number(row['ci_low'], language, 2)} {_say('to', language)} "
                f"{number(row['ci_high'], language, 2)}"
                if bounded
                else _say("none", language),
                f"{row['n_treated_schools']:.0f} / {row['n_schools']:.0f}" if known else "–",
            ]
        )
    read = sum(entry["rows_read"] for entry in quality["files"])
    kept = sum(entry["rows_kept"] for entry in quality["files"])
    data = (
        f"{_count(read, language)} rows were read from {len(quality['files'])} files, "
        f"{_count(kept, language)} kept, the rest dropped by rules that are counted one by one."
        if language == "en"
        else f"{_count(read, language)} rader lästes ur {len(quality['files'])} filer, "
        f"{_count(kept, language)} behölls, resten togs bort enligt regler som räknas var för sig."
    )
    picture = figures / "trends_absence_share.svg"
    alt = picture.with_suffix(".txt")
    return Report(
        language, bool(quality["synthetic"]), answers, rows, data,
        picture if picture.exists() else None,
        alt.read_text(encoding="utf-8").strip() if alt.exists() else "",
        [_say(k, language) for k in ("outcome", "form", "estimate", "interval", "schools")],
        [f"{d['parameter']}: {_say('planned', language)} {d['planned']}, {_say('used', language)} "
         f"{d['used']}" for d in departures],
    )  # fmt: skip


def _typst_string(text: str) -> str:
    """Return a Typst string literal: content from data can then never be read as markup."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def typst_source(report: Report) -> str:
    """Return the report as Typst source."""
    language = report.language

    def text(key: str) -> str:
        return f"#text({_typst_string(_say(key, language))})"

    def items(lines: list[str]) -> str:
        return "\n".join(f"- #text({_typst_string(line)})" for line in lines)

    notice = f'text(fill: rgb("#9a3b00"), weight: "bold", size: 9pt)[{text("synthetic")}]'
    header = f"header: {notice}," if report.synthetic else ""
    cells = ",\n".join(f"[#text({_typst_string(cell)})]" for row in report.rows for cell in row)
    heads = ", ".join(f"[#text({_typst_string(cell)})]" for cell in report.header)
    figure = ""
    if report.figure is not None:
        figure = (
            f"#figure(image({_typst_string(report.figure.name)}, width: 100%, "
            f"alt: {_typst_string(report.figure_alt)}), caption: [{text('figure')}])"
        )
    title = _typst_string(_say("title", language))
    answers = "\n".join(
        f"== {text(claim)}\n{items(lines)}" for claim, lines in report.answers.items() if lines
    )
    departures = f"{text('exploratory')}\n{items(report.departures)}" if report.departures else ""
    return f"""#set document(title: {title}, author: "pilot-analysis", date: none)
#set text(lang: "{language}", size: 10.5pt, font: ("Libertinus Serif",))
#set page(paper: "a4", margin: (x: 2.2cm, y: 2.3cm), {header} numbering: "1 / 1")
#set par(justify: false, leading: 0.62em)
#show heading.where(level: 1): set text(size: 17pt)
#show heading.where(level: 2): set text(size: 12.5pt)
#show table.cell.where(y: 0): set text(weight: "bold")

#title()

= {text("answers")}
{departures}
{answers}

{text("others")}

= {text("how")}
{text("how_text")}

{figure}

= {text("limits")}
{text("limits_text")}

= {text("data")}
#text({_typst_string(report.data)})

= {text("table")}
#table(columns: (3fr, 1.5fr, 1fr, 1.6fr, 1.3fr), stroke: 0.4pt + luma(70%), inset: 5pt,
  table.header({heads}),
  {cells}
)
"""


def html_page(report: Report) -> str:
    """Return the report as one HTML page that opens from disk."""
    language = report.language

    def text(key: str) -> str:
        return html.escape(_say(key, language))

    def items(lines: list[str]) -> str:
        return "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>"

    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in report.header)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in report.rows
    )
    notice = f'<p class="notice" role="note">{text("synthetic")}</p>' if report.synthetic else ""
    figure = ""
    if report.figure is not None:
        figure = (
            f'<figure><img src="figures/{report.figure.name}" alt="{html.escape(report.figure_alt)}">'
            f"<figcaption>{text('figure')}</figcaption></figure>"
        )
    answers = "\n".join(
        f"<h3>{text(claim)}</h3>{items(lines)}" for claim, lines in report.answers.items() if lines
    )
    departures = (
        f"<p><strong>{text('exploratory')}</strong></p>{items(report.departures)}"
        if report.departures
        else ""
    )
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src 'self' data: file:; style-src 'unsafe-inline'">
<title>{text("title")}</title>
<style>
body {{ font: 17px/1.55 Georgia, serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
        color: #1a1a1a; background: #fff; }}
.notice {{ border-left: 4px solid #b34700; background: #fff4ec; padding: .5rem 1rem; }}
img {{ max-width: 100%; }} figure {{ margin: 1.5rem 0; }}
table {{ border-collapse: collapse; font-size: 15px; display: block; overflow-x: auto; }}
th, td {{ text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #ccc; }}
</style>
</head>
<body><main>
<h1>{text("title")}</h1>
{notice}
<h2>{text("answers")}</h2>
{departures}
{answers}
<p>{text("others")}</p>
<h2>{text("how")}</h2><p>{text("how_text")}</p>
{figure}
<h2>{text("limits")}</h2><p>{text("limits_text")}</p>
<h2>{text("data")}</h2><p>{html.escape(report.data)}</p>
<h2>{text("table")}</h2>
<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>
</main></body>
</html>
"""


def write(
    table: pd.DataFrame, processed: Path, figures: Path, out: Path, plan: Plan,
    departures: Sequence[Mapping[str, Any]] = (),
) -> None:  # fmt: skip
    """Write report_sv and report_en as PDF and HTML into `out`, each whole or not at all."""
    quality = json.loads((processed / "quality.json").read_text(encoding="utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    languages: tuple[Language, Language] = ("sv", "en")
    for language in languages:
        report = compose(table, quality, figures, language, plan, departures)
        source = figures / f".report_{language}.typ"
        source.write_text(typst_source(report), encoding="utf-8")
        partial = out / f".report_{language}.partial"
        partial.write_bytes(typst.compile(str(source), pdf_standards=["ua-1"]))
        source.unlink()
        os.replace(partial, out / f"report_{language}.pdf")
        partial.write_text(html_page(report), encoding="utf-8")
        os.replace(partial, out / f"report_{language}.html")
