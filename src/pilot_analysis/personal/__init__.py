"""What in a text points to a person: identity numbers in every spelling, telephone numbers, names.

A net for accidents, not for somebody who hides a number on purpose. Nothing here quotes what it
found.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib import resources

_DASH = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
# Digests of files and commits: hexadecimal digits in which a birth date may stand by chance.
_DIGEST = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{40}|[0-9a-f]{64})(?![0-9A-Za-z])")

_GAP = r"[ \t]?[-+/._:]?[ \t]?"
_CENTURY = "(?:18|19|20)"
_IDENTITY = re.compile(
    r"(?<!\d)(?<!\d\.)"
    rf"(?P<born>{_CENTURY}?\d{{6}}"
    rf"|{_CENTURY}\d\d(?P<a>[-./ ])\d\d(?P=a)\d\d"
    r"|\d\d(?P<b>[-./])\d\d(?P=b)\d\d)"
    rf"{_GAP}(?P<last>\d{{4}}|TF\d\d|[JKLMNRSTUWX]\d{{3}})"
    # Not the start of a longer number, of decimals, or of another date.
    r"(?!\d)(?!\.\d*[1-9])(?!-\d\d-\d\d)",
    re.IGNORECASE,
)
# Ten or twelve digits as a spreadsheet or a float may show them.
_GROUPED = re.compile(
    r"(?<![\d.,])\d{1,3}(?:[ ,.'\u2019]\d{3}){3}(?![ ,.'\u2019]?\d{3})(?:[.,]0+)?(?!\d)"
)
_FLOAT = re.compile(r"(?<![\d.,])\d[.,]\d{5,11}[eE]\+?(?:0?9|1[01])(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE)
_PSEUDONYM = re.compile(r"(?<![0-9a-fA-F])[0-9a-f]{32}(?![0-9a-fA-F])")
_TELEPHONE = re.compile(
    r"(?<![\w.,+-])(?:"
    r"(?:\+|00)46[ -]?(?:\(0\))?[ -]?[1-9](?:[ /-]{0,3}\d){6,9}"
    r"|07[02369](?:[ /-]{0,3}\d){7}"
    r"|0(?:8|[1-9]\d{1,2})[ ]?[-/][ ]?\d(?:[ ]?\d){4,7}"
    r")(?!\w|[.,-]\d)"
)


def plain(text: str) -> str:
    """Return text with one kind of digit, dash and space, and without invisible signs."""
    if text.isascii():
        return text
    seen = _DASH.sub("-", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))
    return _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match.group())), seen)


def has_identity_number(text: str) -> bool:
    """Say whether a text holds a personal identity number, however it is spelled.

    Coordination numbers (day + 60), interim numbers (a letter and three digits) and TF numbers are
    such numbers too. Of ten or twelve digits the last is a check digit, which tells them from
    other numbers; the two other kinds have none.
    """
    found = _DIGEST.sub(" ", plain(text))
    if any(_is_identity(match, found) for match in _IDENTITY.finditer(found)):
        return True
    for match in _GROUPED.finditer(found):
        digits = re.sub(r"\D", "", re.sub(r"[.,]0+$", "", match.group()))
        if len(digits) in (10, 12) and is_identity(digits[:-4], digits[-4:]):
            return True
    return any(_is_float_identity(match.group()) for match in _FLOAT.finditer(found))


def _is_identity(match: re.Match[str], text: str) -> bool:
    start = match.start()
    if match.group().isdigit() and re.fullmatch(r"\d,", text[max(0, start - 2) : start]):
        return False  # the decimals of a Swedish number
    return is_identity(re.sub(r"\D", "", match["born"]), match["last"])


def _is_float_identity(shown: str) -> bool:
    digits = f"{float(shown.replace(',', '.')):.0f}"
    return is_identity(digits[:-4], digits[-4:])


def is_identity(born: str, last: str) -> bool:
    """Say whether a birth date of 6 or 8 digits and an ending make an identity number."""
    short = born[-6:]
    if len(born) not in (6, 8) or (len(born) == 8 and born[:2] not in ("18", "19", "20")):
        return False
    try:
        date(2000, int(short[2:4]), int(short[4:]) % 60)  # a leap year: any leap day may be
    except ValueError:
        return False
    if not last.isdigit():
        return True
    doubled = (int(c) * (2 - place % 2) for place, c in enumerate(short + last))
    return sum(n // 10 + n % 10 for n in doubled) % 10 == 0


def findings(text: str) -> Iterable[tuple[str, str]]:
    """Yield what in a text may not leave, and what to do about it; never the text itself."""
    if has_identity_number(text):
        yield (
            "holds what looks like a personal identity number",
            "Remove it, and find out how it got there",
        )
    if "@" in text and _EMAIL.search(text):
        yield "holds an e-mail address", "Remove it"
    if _TELEPHONE.search(plain(text)):
        yield "holds what looks like a telephone number", "Remove it"
    if _PSEUDONYM.search(text):
        yield "holds a pupil's pseudonym", "Publish groups, not pupils"


# --- Free columns of exports -----------------------------------------------------------------


def free_text_findings(texts: Iterable[str | None], *, names: bool = True) -> dict[str, list[int]]:
    """Return which texts of a free column tell of a person: kind of finding to positions.

    The kinds are `identity_number`, `email`, `telephone` and `name`. `names` is off for columns in
    which names are expected: a school may be named after a person.
    """
    found: dict[str, list[int]] = {}
    for position, text in enumerate(texts):
        for kind in _kinds(str(text), names) if isinstance(text, str) and text else ():
            found.setdefault(kind, []).append(position)
    return found


@cache
def _kinds(text: str, names: bool) -> tuple[str, ...]:
    tests = {
        "identity_number": has_identity_number(text),
        "email": bool(_EMAIL.search(text)),
        "telephone": bool(_TELEPHONE.search(plain(text))),
        "name": names and has_name(text),
    }
    return tuple(kind for kind, told in tests.items() if told)


_WORD = r"[A-ZÅÄÖÉÜ][a-zåäöéüA-ZÅÄÖ'’]+(?:-[A-ZÅÄÖ][a-zåäöéü]+)?"
_PAIR = re.compile(
    rf"(?<!\w)(?=({_WORD})[ ]+(?:[A-ZÅÄÖ]\.?[ ]+)?(?:(?:von|af|de|al|el)[ -]+)?({_WORD}))"
)
_INITIAL = re.compile(rf"(?<!\w)[A-ZÅÄÖ]\.[ ]?({_WORD})")
_AFTER_ROLE = re.compile(
    r"(?<!\w)(?:elev|eleven|mentor|mentorn|lärare|läraren|rektor|rektorn|kurator|kuratorn|vårdnadshavare"
    rf"|pupil|teacher|principal)[: ]+({_WORD})",
    re.IGNORECASE,
)
_SURNAME = re.compile(
    r".+(?:sson|ssen|berg|ström|gren|qvist|kvist|lund|lind|dahl|stedt|mark|ström"
    r"|holm|blad|fors|sjö|nius|lén|ović|ić|oğlu|zadeh)s?"
)
# What ends as surnames do, or stands beside a first name, and names a place or a school.
_NO_NAME = re.compile(
    r"(?i).*(?:skola|skolan|skolans|gymnasiet|gymnasium|nämnden|förvaltningen|kommun|kommunen"
    r"|köping|verket|enheten|register|universitet|stad|län)s?"
)

_SCHOOL_NEXT = re.compile(r"\s+(?:gymnasi|skola|skolor)", re.IGNORECASE)


@cache
def _first_names() -> frozenset[str]:
    listed = resources.files("pilot_analysis.personal").joinpath("first_names.txt")
    return frozenset(listed.read_text(encoding="utf-8").casefold().split())


def has_name(text: str) -> bool:
    """Say whether a text seems to name a person.

    That is a common first name and another name, an initial and a surname, or a first name after a
    role.
    """
    found = plain(text)
    for match in _PAIR.finditer(found):
        first, second = match.groups()
        if _NO_NAME.fullmatch(second) or _SCHOOL_NEXT.match(found, match.end(2)):
            continue
        if _is_first_name(first) or _is_first_name(second):
            return True
        if _SURNAME.fullmatch(second.casefold()) and not _NO_NAME.fullmatch(first):
            return True
    if any(_SURNAME.fullmatch(m[1].casefold()) for m in _INITIAL.finditer(found)):
        return True
    return any(_is_first_name(m[1]) for m in _AFTER_ROLE.finditer(found))


def _is_first_name(word: str) -> bool:
    known = _first_names()
    folded = word.casefold()
    return (
        folded in known
        or (folded.endswith("s") and folded[:-1] in known)
        or ("-" in folded and folded.split("-")[0] in known)
    )
