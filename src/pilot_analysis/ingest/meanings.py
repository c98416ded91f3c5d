"""What the columns and codes of exports mean, where they are called otherwise."""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence

# Words that exports use for the contract's codes and columns, in plain letters.
_CODES: dict[str, tuple[str, ...]] = {
    "F": ("flicka", "flickor", "kvinna", "kv", "k", "girl", "female"),
    "P": ("pojke", "pojkar", "man", "m", "boy", "male"),
    "J": ("ja", "yes", "true", "sant", "y"),
    "N": ("nej", "no", "false", "falskt"),
    "GR": ("grundskola", "grundskolan", "hogstadiet", "grund"),
    "GY": ("gymnasium", "gymnasiet", "gymnasieskola", "gymnasieskolan"),
    "giltig": ("anmald", "giltig franvaro", "valid", "g"),
    "ogiltig": ("oanmald", "ogiltig franvaro", "olovlig", "invalid", "o", "og"),
    "riktad": ("riktat", "targeted", "enskild", "enskilda"),
    "klass": ("grupp", "class", "klassvis"),
    "ingen": ("inga", "none", "nej"),
    "okand": ("okant", "unknown", "vet ej"),
    "forstudie": ("forstudien", "prestudy"),
    "larare": ("teacher", "pedagog"),
    "rektor": ("principal", "bitradande rektor"),
    "-": ("streck", "–", "—", "saknas", "underlag saknas"),
    "vet ej": ("vet inte", "vet ej/ingen uppfattning", "ingen uppfattning"),
}
_COLUMNS: dict[str, tuple[str, ...]] = {
    "elev_id": ("personnummer", "elevid", "elev", "pnr", "personnr", "student", "elev id"),
    "skolenhetskod": ("skolenhet", "enhetskod", "skolkod", "enhet"),
    "skolnamn": ("enhetsnamn", "skolenhetsnamn", "namn"),
    "arskurs": ("ak", "ar", "arskurs"),
    "klass": ("klassnamn", "grupp"),
    "kon": ("sex", "gender"),
    "fodelsear": ("fodd", "fodelsearet"),
    "kurskod": ("kurs", "amne", "amneskod", "kod"),
    "betyg": ("omdome", "betygsvarde", "varde"),
    "poang": ("kurspoang", "gymnasiepoang"),
    "datum": ("dag", "franvarodatum", "betygsdatum"),
    "lektion_start": ("starttid", "start", "lektionsstart", "tid"),
    "minuter": ("franvarominuter", "min", "langd", "antal minuter"),
    "typ": ("franvarotyp", "franvarokod", "orsak"),
    "registrerad": ("registreringstid", "rapporterad", "skapad", "andrad"),
    "schemalagda_minuter": ("schemalagd tid", "offeredsum", "undervisningstid", "schemalagt"),
    "rapporterade_minuter": ("rapporterad tid", "reportedsum", "rapporterat"),
    "skyddad": ("skyddade personuppgifter", "sekretess", "sekretessmarkering", "securitymarking"),
    "termin": ("term", "lasarstermin"),
    "vecka": ("week", "v"),
}
_ALIKE = 0.84


def plain(text: str) -> str:
    """Return a word in small letters without accents, dots or signs between its parts."""
    letters = unicodedata.normalize("NFKD", text.strip().casefold())
    kept = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(kept.replace("_", " ").replace("-", " ").split()) or text.strip()


def meaning(written: str, allowed: Sequence[str]) -> str | None:
    """Return the allowed code that a code means; None where that is not clear.

    Never by position: a code that nothing is known of stays a question.

    >>> meaning("e", list("ABCDEF")), meaning("Flicka", ["F", "P"]), meaning("9", ["A", "B"])
    ('E', 'F', None)
    """
    return _meant(written, allowed, _CODES)


def column_meaning(written: str, missing: Iterable[str]) -> str | None:
    """Return the missing column that a header's name means; None where that is not clear.

    >>> column_meaning("Kön", ["kon", "klass"]), column_meaning("sep=", ["elev_id"])
    ('kon', None)
    """
    return _meant(written, list(missing), _COLUMNS)


def _meant(written: str, allowed: Sequence[str], words: dict[str, tuple[str, ...]]) -> str | None:
    word = plain(written)
    same = [a for a in allowed if plain(a) == word or word in words.get(a, ())]
    if len(same) == 1:
        return same[0]
    # A slip in a longer word; short codes differ by a letter and mean different things.
    if same or len(word) < 5:
        return None
    near = [
        a
        for a in allowed
        if any(
            difflib.SequenceMatcher(None, word, plain(w)).ratio() >= _ALIKE
            for w in (a, *words.get(a, ()))
        )
    ]
    return near[0] if len(near) == 1 else None
