"""School forms, by Statistics Sweden's, the school unit register's and SS 12000's codes."""

from collections.abc import Iterable

# The first and last grade of each form that every evaluation is about: lower secondary school, and
# upper secondary with a fourth year for some.
SCHOOL_FORMS: dict[str, tuple[int, int]] = {"GR": (7, 9), "GY": (1, 4)}
# The grade after which pupils leave each.
LAST_GRADES = {"GR": 9, "GY": 3}
# Forms beside them, each evaluated where an evaluation says so; else its rows are left out and counted.
OTHER_SCHOOL_FORMS = (
    "FS",
    "FSK",
    "FKLASS",
    "FTH",
    "OPPFTH",
    "GRS",
    "GRSÄR",
    "GRSAR",
    "ANPGR",
    "TR",
    "SP",
    "SPEC",
    "SAM",
    "GYS",
    "GYSÄR",
    "GYSAR",
    "ANPGY",
    "VUX",
    "VUXGR",
    "VUXGY",
    "VUXSFI",
    "VUXSÄR",
    "VUXSAR",
    "SFI",
    "FHS",
    "YH",
    "STF",
    "KU",
    "HS",
    "ABU",
    "AU",
)
EVERY_FORM = frozenset((*SCHOOL_FORMS, *OTHER_SCHOOL_FORMS))
# Those of them that begin where compulsory school ends: their first grade is 1.
AFTER_COMPULSORY = ("GY", "GYS", "GYSÄR", "GYSAR", "ANPGY")
# Those that make up compulsory school.
COMPULSORY = ("GR", "GRS", "GRSÄR", "GRSAR", "ANPGR", "TR", "SP", "SPEC", "SAM")


_ORDER = {form: i for i, form in enumerate((*SCHOOL_FORMS, *OTHER_SCHOOL_FORMS))}


def in_order(forms: Iterable[str]) -> list[str]:
    """Return the school forms in the order of reports, each once: those that every pilot may have come first.

    >>> in_order(["GY", "ANPGR", "GR", "GR"])
    ['GR', 'GY', 'ANPGR']
    """
    return sorted(set(forms) - {""}, key=lambda form: (_ORDER.get(form, len(_ORDER)), form))


def graded_as(*forms: str) -> str:
    """Return GR where subjects are graded in all of the forms, GY where courses are; else nothing.

    >>> graded_as("ANPGR"), graded_as("ANPGY", "GY"), graded_as("GR", "GY"), graded_as("VUX")
    ('GR', 'GY', '', '')
    """
    for name, alike in (("GR", COMPULSORY), ("GY", AFTER_COMPULSORY)):
        if forms and all(form in alike for form in forms):
            return name
    return ""
