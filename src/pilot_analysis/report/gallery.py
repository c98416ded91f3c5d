"""The site's figures in the order of reading, each under a title and with its words."""

import re
from pathlib import Path

from pilot_analysis.catalogue.language import ENGLISH, ending, text, without_ending
from pilot_analysis.catalogue.words import Words
from pilot_analysis.forms import EVERY_FORM
from pilot_analysis.report import frame
from pilot_analysis.report.run import Run, page
from pilot_analysis.words import LANGUAGES, capital

# Kinds of figures in the order of reading: what was done, what was seen, whether it holds.
# Their titles are the messages `figure_<kind>`.
_KINDS = (
    "logic_model",
    "exposure_timeline",
    "balance",
    "trends",
    "coefficients",
    "reversion",
    "survey_roles",
    "survey_items",
    "survey_themes",
    "event_study",
    "left_out",
    "holds",
    "school_changes",
    "drift",
    "specification_curve",
    "published_effects",
    "size_and_power",
)


def show(run: Run) -> str:
    """Return every figure with its alt text as words too, and its twins in other languages."""
    words = run.words
    stems = [p.stem for p in run.figures.glob("*.svg") if without_ending(p.stem)[1] == ENGLISH]
    shown = [_figure(run.figures / f"{stem}.svg", words) for stem in sorted(stems, key=_place)]
    return page(run, "figures.html", "Figures", "<h1>Figures</h1>" + "\n".join(shown))


def _kind(stem: str) -> str:
    """Return a figure's kind; empty for one that is not known here."""
    return next((kind for kind in _KINDS if stem == kind or stem.startswith(f"{kind}_")), "")


def _place(stem: str) -> tuple[int, str]:
    kind = _kind(stem)
    return (_KINDS.index(kind) if kind else len(_KINDS), stem)


def title(stem: str, words: Words) -> str:
    """Return a figure's title in words: what kind it is, of which outcome and school form."""
    kind = _kind(stem)
    if not kind:
        return stem.replace("_", " ")
    rest = stem.removeprefix(kind).removeprefix("_")
    form = next((code for code in sorted(EVERY_FORM) if re.search(rf"(^|_){code}$", rest)), "")
    about = rest.removesuffix(form).removesuffix("_")
    if words.has(f"question_{about}"):
        return f"{words(f'figure_{kind}')} {words(f'question_{about}')}"
    named = f"figure_{kind}_{about}"
    parts = [words(named) if words.has(named) else words.outcome(about, form)] if about else []
    parts += [words.form(form)] if form else []
    told = ", ".join(parts)
    return f"{words(f'figure_{kind}')}: {told}" if told else words(f"figure_{kind}")


def _figure(path: Path, words: Words) -> str:
    twins = [
        (twin.name, language, capital(text("language_in", language)))
        for language in LANGUAGES
        if language != ENGLISH
        and (twin := path.with_name(f"{path.stem}{ending(language)}.svg")).exists()
    ]
    return frame.rendered(
        "figure.html",
        name=path.stem,
        title=title(path.stem, words),
        alt=path.with_suffix(".txt").read_text(encoding="utf-8").strip(),
        twins=twins,
    )
