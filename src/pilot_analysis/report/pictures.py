"""The board's pictures: which figure stands under which claim, and in which languages it is drawn."""

from pathlib import Path

from pilot_analysis.catalogue import language
from pilot_analysis.catalogue.words import Words
from pilot_analysis.forms import EVERY_FORM
from pilot_analysis.report.document import Block, Picture

# By claim. A figure drawn once a school form is named without it; the first form's is shown.
SHOWN = {
    "C1": ("trends_absence_share", "coefficients_attendance"),
    "C2": ("coefficients_goals",),
    "C3": ("reversion_absence_share", "coefficients_eligible"),
    "C4": ("coefficients_targeted",),
    "C5": ("coefficients_hours", "survey_roles", "survey_themes"),
    "C6": ("trends_safety_index",),
}
# Drawn in every language: the pictures a reader of the report meets.
_DESIGN = ("exposure_timeline", "logic_model")


def in_every_language(name: str) -> bool:
    """Say whether a figure is drawn in every language, because the report shows it."""
    stems = (*_DESIGN, *(stem for stems in SHOWN.values() for stem in stems))
    return any(name == s or name.removeprefix(f"{s}_") in EVERY_FORM for s in stems)


def show(
    figures: Path, stem: str, words: Words, *, caption: str = "", forms: tuple[str, ...] = ()
) -> list[Block]:
    """Return a figure, where the run made it; of the first school form that has it.

    It is in the language, or in English where the run was made before there was that language.
    """
    for name in (stem, *(f"{stem}_{form}" for form in forms)):
        for spoken in (words.language, language.ENGLISH):
            path = figures / f"{name}{language.ending(spoken)}.svg"
            alt = path.with_suffix(".txt")
            if path.exists() and alt.exists():
                said = caption or words(f"picture_{stem}")
                return [Picture(path, alt.read_text(encoding="utf-8").strip(), said)]
    return []
