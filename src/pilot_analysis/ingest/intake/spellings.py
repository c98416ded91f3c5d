"""Cells in other spellings than the contract's, where only one meaning is possible.

Excel and registers write whole numbers as `60,00` and `1 839`, times as `08:15:00` and dates as
`2019-08-19 00:00:00`. What could mean two things, as `1.234` or `1,000`, stays as it is and breaks
its rule.
"""

import re

# What UTF-8 letters become when they are read as Windows-1252 (å is Ã¥), perhaps without marks that
# cannot be seen; and what a letter becomes that could not be read at all.
WRONG_LETTERS = "Ã([^A-Z ]|$)|â€|Â[\u00a0-\u00bf]"
LOST_LETTER = "\ufffd"

# 1.500 and 1,500 can be one and a half, or one thousand five hundred; 0,500 and 1500,125 cannot.
THOUSANDS = r"-?[1-9][0-9]{0,2}[.,][0-9]{3}"
DECIMALS = r"-?[0-9]+,([0-9]{1,2}|[0-9]{4,})|-?(0|[0-9]{4,}),[0-9]+"

_SPACE = r"[ \x{00A0}\x{2007}\x{202F}\x{2009}]"
_GROUPED = rf"-?[0-9]{{1,3}}({_SPACE}[0-9]{{3}})+(,[0-9]+)?"
_REWRITTEN = {
    "integer": [(r"^(-?[0-9]+)(,0{1,2}|,0{4,}|\.0{1,2})$", r"\1")],
    "time": [(r"^([0-9]{1,2}:[0-9]{2}):00$", r"\1")],
    "date": [(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]00:00(:00(\.0+)?)?$", r"\1")],
}


def clear(number: str) -> str:
    """Return a number written by a machine so that its decimals are not taken for thousands.

    >>> clear("1,125"), clear("1,5")
    ('1,1250', '1,5')
    """
    return f"{number}0" if re.fullmatch(THOUSANDS, number) else number


def plain(text: str, kind: str) -> str:
    """Return SQL for a cell in the contract's spelling; `text` is SQL for the trimmed cell."""
    if kind in ("integer", "decimal", "figure"):
        text = (
            f"CASE WHEN regexp_full_match({text}, '{_GROUPED}') "
            f"THEN regexp_replace({text}, '{_SPACE}', '', 'g') ELSE {text} END"
        )
    for pattern, meant in _REWRITTEN.get(kind, ()):
        text = f"regexp_replace({text}, '{pattern}', '{meant}')"
    return text
