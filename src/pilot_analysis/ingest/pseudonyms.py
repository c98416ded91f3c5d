"""Keyed pseudonyms: identifiers never pass ingest.

A keyed BLAKE2b hash cannot be reversed by trying every personal identity number, as a plain hash
can, unless one holds the key. The key therefore lives outside the checkout, readable by its owner
alone.
"""

import hashlib
import os
import re
import secrets
import stat
from pathlib import Path

from pilot_analysis.errors import KeyFileError

KEY_BYTES = 32
PSEUDONYM_BYTES = 16
# Synthetic pupils are nobody, so their key is public: every machine then makes the same tables.
SYNTHETIC_KEY = hashlib.blake2b(b"synthetic data only", digest_size=KEY_BYTES).digest()

# The last four: digits, an interim number's letter and digits, or a temporary number's (TF10).
_IDENTITY_NUMBER = re.compile(r"(\d{2})?(\d{6})([-+]?)(\d{4}|[A-Z]\d{3}|[A-Z]{2}\d{2})")
# Ten digits that a spreadsheet has read as a number: zeros at the beginning are gone.
WITHOUT_ZEROS = r"\d{4,5}-?\d{4}"
_WITHOUT_ZEROS = re.compile(WITHOUT_ZEROS)
_SPACES = re.compile(r"[\s\u00a0\u2007\u202f]")


def key_path() -> Path:
    """Return where the key lives: `PILOT_KEY_FILE`, else the user's configuration folder."""
    if configured := os.environ.get("PILOT_KEY_FILE"):
        return Path(configured)
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "pilot-analysis" / "pseudonym.key"


def _inside_checkout(path: Path) -> bool:
    return any((parent / ".git").exists() for parent in path.resolve().parents)


def load_key() -> bytes:
    """Read the key, creating it with owner-only permissions when there is none.

    Raises `KeyFileError` when it lies inside a checkout, can be read by others, or is too short.
    """
    path = key_path()
    if _inside_checkout(path):
        raise KeyFileError(
            f"{path}: the key must not lie inside a repository; set PILOT_KEY_FILE to another place"
        )
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # O_EXCL: of two runs that start at once, one writes the key and the other reads it.
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return load_key()
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyFileError(f"{path}: others can read the key (mode {mode:o}); run chmod 600 on it")
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise KeyFileError(f"{path}: the key is shorter than {KEY_BYTES} bytes; it may be damaged")
    return key[:64]


def normalise(identifier: str) -> str:
    """Return one spelling of an identifier: 12 digits for personal identity numbers.

    `0601012384`, `060101-2384` and `20060101-2384` are the same pupil, and so are `20060101-TF10`
    and `060101TF10`. Ten digits belong to the last hundred years unless a `+` says otherwise; for
    pupils that is always the 2000s or, for birth years above 40, the 1900s. Leading zeros that were
    lost come back where the number is one only then (`601012384`).
    """
    text = _SPACES.sub("", identifier).upper()
    match = _IDENTITY_NUMBER.fullmatch(with_zeros(text) or text)
    if match is None:
        return text
    century, date, separator, ending = match.groups()
    if century is None:
        recent = "19" if int(date[:2]) > 40 else "20"
        century = str(int(recent) - 1) if separator == "+" else recent
    return f"{century}{date}{ending}"


def with_zeros(text: str) -> str | None:
    """Return ten digits for a number that has lost its leading zeros; None for any other text.

    Eight or nine digits may be a local identifier: only with a date of birth and a check digit that
    are right are they taken for a personal identity number.
    """
    if not _WITHOUT_ZEROS.fullmatch(text):
        return None
    digits = text.replace("-", "").zfill(10)
    month, day = int(digits[2:4]), int(digits[4:6])
    right = 1 <= month <= 12 and 1 <= day % 60 <= 31 and day <= 91 and not _luhn(digits)
    return digits if right else None


def _luhn(ten_digits: str) -> int:
    total = 0
    for position, digit in enumerate(int(c) for c in ten_digits):
        doubled = digit * (2 - position % 2)
        total += doubled // 10 + doubled % 10
    return total % 10


def has_wrong_check_digit(identifier: str) -> bool:
    """Say whether a personal identity number's last digit breaks the Luhn rule.

    Coordination numbers (day + 60) have one too; interim numbers, whose birth number begins with
    a letter, and local identifiers have none.
    """
    number = normalise(identifier)
    if not re.fullmatch(r"(19|20|18)\d{10}", number):
        return False
    return _luhn(number[2:]) != 0


def pseudonym(identifier: str, key: bytes) -> str:
    """Return the keyed BLAKE2b pseudonym (32 hexadecimal characters) of one identifier."""
    digest = hashlib.blake2b(
        normalise(identifier).encode(),
        key=key,
        digest_size=PSEUDONYM_BYTES,
        person=b"pilot-analysis",
    )
    return digest.hexdigest()
