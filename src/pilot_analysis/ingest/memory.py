"""How much memory tables may take while exports are read."""

import os
import re

from pilot_analysis.errors import ParameterError

DEFAULT = "2500MB"


def limit() -> str:
    """Return how much memory the tables may take: `PILOT_MEMORY`, as 2GB or 512MB.

    Reading and identifiers take up to 1 GB more.
    """
    wanted = os.environ.get("PILOT_MEMORY", DEFAULT)
    if not re.fullmatch(r"[1-9][0-9]*(MB|GB)", wanted):
        raise ParameterError(f"PILOT_MEMORY is a size such as 2GB or 512MB, not {wanted!r}")
    return wanted
