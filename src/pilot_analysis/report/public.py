"""A report of two pages from public figures alone, for who has no pupil data."""

import math
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.words import Words, words_for
from pilot_analysis.description import Description
from pilot_analysis.files import whole
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import board, document
from pilot_analysis.report.amounts import measured
from pilot_analysis.report.document import Block, Document, Heading, Items, Paragraph, Table
from pilot_analysis.report.sentences import capital, is_bounded, level, p_value, sentence
from pilot_analysis.words import LANGUAGES, Language


def compose(
    table: pd.DataFrame,
    described: Description,
    parameters: Parameters,
    language: Language,
    *,
    synthetic: bool = False,
) -> Document:
    """Return the report on `evaluation.evaluate_public_figures` in a language."""
    words = words_for(language, parameters, described)
    rows = table.to_dict("records")
    head = [words(f"public_{name}") for name in ("outcome", "form", "difference", "p", "schools")]
    blocks: list[Block] = [
        Heading(words("public_answers")),
        Items([sentence(row, words) for row in rows]),
        Table(
            head,
            [_cells(row, words) for row in rows],
            words("public_caption", level=level({"ci_level": parameters.ci_level}, words)),
            (2.2, 1.3, 2.4, 0.8, 1.4),
        ),
        Heading(words("public_how")),
        Paragraph(described.what_was_done.within(language)),
        Paragraph(words("public_method")),
        Heading(words("public_limits")),
        Items([words(f"public_limit_{name}") for name in ("pupils", "suppressed", "years")]),
    ]
    return Document(
        language,
        described.title.within(language),
        words("report_synthetic") if synthetic else "",
        document.numbered(blocks, words("number_table"), words("number_figure")),
        words("public_imprint"),
        described.author.within(language),
    )


def _cells(row: dict[str, Any], words: Words) -> list[str]:
    form = capital(words.form(row["school_form"]))
    schools = f"{row['n_treated_schools']:.0f} / {row['n_schools']:.0f}"
    known = math.isfinite(row["n_schools"])
    said = reasons.sentence(row, words.language)
    if not said and is_bounded(row):
        said = measured(row).span(row["ci_low"], row["ci_high"], words)
    told = p_value(row["p_value"], words) if math.isfinite(row["p_value"]) else ""
    return [
        words.outcome(row["outcome"], row["school_form"]),
        form,
        said,
        told,
        schools if known else "",
    ]


def write(
    table: pd.DataFrame,
    described: Description,
    parameters: Parameters,
    out: Path,
    *,
    synthetic: bool = False,
) -> list[Path]:
    """Write public_sv and public_en as PDF and HTML into `out`; returns them."""
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for language in LANGUAGES:
        report = compose(table, described, parameters, language, synthetic=synthetic)
        for suffix, content in (
            (".pdf", document.pdf(report, out)),
            (".html", board.html_page(report).encode("utf-8")),
        ):
            made.append(out / f"public_{language}{suffix}")
            with whole(made[-1]) as partial:
                partial.write_bytes(content)
    return made
