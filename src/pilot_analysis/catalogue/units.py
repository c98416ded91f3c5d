"""Units of effects, and what a reader counts instead of percentage points.

Names are the messages `unit_<name>` of each language's file.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit: the span of the values it measures, and the decimals that it is told with.

    `in_subject` where the outcomes measured in it are called by it ("hours a week on teaching"):
    a sentence about one then says how many fewer or more, and not of what again.
    """

    span: float
    digits: int = 1
    in_subject: bool = False


@dataclass(frozen=True)
class Counted:
    """What a reader counts: how many a percentage point is, and of what."""

    per_point: float


# Of an interval's width, the finest step that its numbers are told in: between 20 and 200 units wide
# they are whole numbers, between 2 and 20 they have one decimal.
_FINEST = 200


def decimals_for(width: float, most: int) -> int:
    """Return the decimals, at most `most`, that an interval of a width deserves.

    The one rule of rounding for estimates in sentences, tables and figures.

    >>> [decimals_for(width, 2) for width in (1.4, 12.3, 88.0)]
    [2, 1, 0]
    """
    if not math.isfinite(width) or width <= 0:
        return most
    return min(most, max(0, math.floor(math.log10(_FINEST / width) + 1e-9)))


SCHOOL_DAYS = 178  # the least a Swedish school year may have
CLASS = 25
UNITS: dict[str, Unit] = {
    "percentage points": Unit(100.0),
    "merit points": Unit(340.0),
    "grade points": Unit(20.0),
    "course points": Unit(1000.0),
    "hours a week": Unit(80.0, in_subject=True),
    "index points": Unit(10.0, digits=2),
    "minutes a day": Unit(600.0),
}
# What mentors had: told in steps that no pupil more or fewer shows in.
POSTS, CASELOAD = "full-time posts", "pupils a mentor"
STEPS = {POSTS: 0.5, CASELOAD: 1.0}
COUNTED: dict[str, Counted] = {
    "school days": Counted(SCHOOL_DAYS / 100),
    "pupils": Counted(CLASS / 100),
    "subjects": Counted(1.0),
}
