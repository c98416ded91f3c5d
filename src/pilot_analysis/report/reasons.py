"""Why something could not be estimated, for readers of either language.

Models say it in English in the estimates table's `note`; here stands what a board reads.
"""

import re

from pilot_analysis.words import Language

# A model's note, what a board reads of it in English (empty: the note itself), and in Swedish.
_PLAIN: tuple[tuple[str, str, str], ...] = (
    (r"withheld: (pilot|comparison) schools (before|after) the start, (.+)", "", "withheld"),
    (r"the selection term (\w+) is not in the panel.*", "",
     r"urvalsterminen \1 finns inte i underlaget"),
    (r"the exposure register .* holds no cost", "", "exponeringsregistret anger ingen kostnad"),
    (r"outcome .* does not vary.*", "the outcome does not vary", "utfallet varierar inte"),
    (r".* has no variation left.*", "the pilot cannot be told from other changes", "försöket går inte att skilja från annat som ändrades"),
    (r".*every school is treated.*", "every school is treated, none is left to compare with", "alla skolor deltog, ingen finns att jämföra med"),
    (r".*(no school is treated|nobody is never treated).*",
     "no school to compare is in the data",
     "ingen skola att jämföra finns i underlaget"),
    (r".*(single cluster|at least two treated clusters).*", "too few schools took part", "för få skolor deltog"),
    (r"no row has .* all known", "nothing is known of the outcome", "inga uppgifter om utfallet"),
    (r".*no eligible pupil.*", "", "ingen elev pekas ut av regeln"),
    (r"column .* infinite values", "the outcome has infinite values",
     "utfallet har oändliga värden"),
    (r"nothing is known of these pupils.*", "", "inget är känt om dessa elever"),
    (r".*not identified without.*", "the effect hangs on one school",
     "effekten hänger på en enda skola"),
    (r"no effect estimate", "", "ingen effekt kunde skattas"),
    (r"how many were asked is not known", "", "hur många som tillfrågades är inte känt"),
)  # fmt: skip
_GROUPS = {"pilot": "försöksskolorna", "comparison": "jämförelseskolorna", "before": "före",
           "after": "efter"}  # fmt: skip
_RULES = (
    (r"fewer than (\d+) answers", r"färre än \1 svar"),
    (r"fewer than (\d+) % answered", r"färre än \1 % svarade"),
    (r"one school only", "bara en skola"),
)


def reason(note: str, language: Language) -> str:
    """Return why there is no estimate; what has no translation points to the table."""
    for pattern, english, swedish in _PLAIN:
        found = re.fullmatch(pattern, note, re.DOTALL)
        if found and language == "en":
            return english or note
        if found and swedish == "withheld":
            rule = found[3]
            for english, told in _RULES:
                rule = re.sub(english, told, rule)
            return f"visas inte: {rule} på {_GROUPS[found[1]]} {_GROUPS[found[2]]} starten"
        if found:
            return found.expand(swedish)
    if language == "en":
        return note or "no estimate"
    return "skälet står på engelska i tabellen med skattningar" if note else "ingen skattning"
