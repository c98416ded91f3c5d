"""Swedish grade rules: subject codes, points, merit value, eligibility, grade-point average.

Rules of the curricula in force in the pilot's years (Lgr 11 and Gy 11; grades A to F, and no grade
where absence left no basis for one). Every calculator takes plain arrays so that it serves the
ingest, the generator and a hand-worked test alike.
"""

import re

import numpy as np
from numpy.typing import NDArray

POINTS = {"A": 20.0, "B": 17.5, "C": 15.0, "D": 12.5, "E": 10.0, "F": 0.0}
NO_BASIS = "-"

# Subject codes of the national grade catalogue (Skolverkets föreskrifter om betygskatalog): the
# sixteen that everybody reads, and the modern language chosen as språkval (M2 and a language code).
LOWER_SECONDARY_SUBJECTS = [
    "BL",
    "EN",
    "HKK",
    "IDH",
    "MA",
    "MU",
    "BI",
    "FY",
    "KE",
    "GE",
    "HI",
    "RE",
    "SH",
    "SL",
    "SV",
    "TK",
    "M2",
]
SECOND_LANGUAGE = "SVA"  # Swedish as a second language counts wherever Swedish does
MODERN_LANGUAGE = "M2"
_OTHER_SUBJECTS = ("DA", "JU", "M1", "ML", "NO", "SO", "SVA", "TN")
# A pupil may get one grade for a whole block instead of one a subject (skollagen 10:18; SKOLFS
# 2011:123, 10 §: each subject of the block then carries the digit 2 for its own grade). The sixteen
# grades of a leaving certificate are complete only if the block's grade stands for all of them.
BLOCKS = {"NO": ("BI", "FY", "KE"), "SO": ("GE", "HI", "RE", "SH")}

# Names, syllabus codes (GRGRMAT01) and everyday abbreviations of the same subjects.
_SYNONYMS = {
    "BL": ("bild", "GRGRBIL01", "bil", "bd"),
    "EN": ("engelska", "GRGRENG01", "eng"),
    "HKK": ("hem- och konsumentkunskap", "hemkunskap", "GRGRHKK01", "hk"),
    "IDH": ("idrott och hälsa", "idrott", "GRGRIDR01", "idr", "ih"),
    "MA": ("matematik", "matte", "GRGRMAT01", "mat"),
    "MU": ("musik", "GRGRMUS01", "mus"),
    "BI": ("biologi", "GRGRBIO01", "bio"),
    "FY": ("fysik", "GRGRFYS01", "fys"),
    "KE": ("kemi", "GRGRKEM01", "kem"),
    "GE": ("geografi", "GRGRGEO01", "geo"),
    "HI": ("historia", "GRGRHIS01", "his"),
    "RE": ("religionskunskap", "religion", "GRGRREL01", "rel"),
    "SH": ("samhällskunskap", "GRGRSAM01", "sam"),
    "SL": ("slöjd", "GRGRSLJ01", "slj"),
    "SV": ("svenska", "GRGRSVE01", "sve"),
    "SVA": ("svenska som andraspråk", "GRGRSVA01", "sas"),
    "TK": ("teknik", "GRGRTEK01", "tek"),
    "M1": ("moderna språk, elevens val", "moderna språk - elevens val"),
    "M2": (
        "moderna språk",
        "moderna språk, språkval",
        "moderna språk - språkval",
        "moderna språk som språkval",
        "moderna språk inom språkval",
        "GRGRMSP01",
        "spanska",
        "franska",
        "tyska",
    ),
    "ML": ("modersmål", "modersmålsundervisning", "GRGRMOD01", "GRGRMDM01"),
    "NO": ("naturorienterande ämnen", "naturorienterande", "no-ämnen"),
    "SO": ("samhällsorienterande ämnen", "samhällsorienterande", "so-ämnen"),
    "TN": ("teckenspråk", "teckenspråk för hörande", "GRGRTSP01"),
    "DA": ("dans", "förberedande dansarutbildning", "GRGRDAN01"),
    "JU": ("judiska studier", "GRGRJUD01"),
}
_CODES = {name.casefold(): code for code, names in _SYNONYMS.items() for name in (code, *names)}
_CODES |= {code.casefold(): code for code in (*LOWER_SECONDARY_SUBJECTS, *_OTHER_SUBJECTS)}
# Languages stand behind their subject, with or without something between: M2DEU, M2 DEU, ML-ARA.
_WITH_LANGUAGE = re.compile(r"(M1|M2|ML|MSPR|MODM)[\s_-]?([A-ZÅÄÖ]{2,3})")
_LANGUAGE_SUBJECTS = {"MSPR": "M2", "MODM": "ML"}

# A grade of at least E in Swedish, English and mathematics, and in this many other subjects; some
# groups of academic programs fix a few of the nine. The arts program fixes none, so nine others of
# any kind make a pupil eligible to an academic program.
_CORE = ("SV", "EN", "MA")
_OTHERS: dict[str, tuple[int, tuple[str, ...]]] = {
    "vocational": (5, ()),
    "academic": (9, ()),
    "academic_social": (9, ("GE", "HI", "RE", "SH")),
    "academic_science": (9, ("BI", "FY", "KE")),
}

Array = NDArray[np.float64]


def lower_secondary_subject(written: str) -> str | None:
    """Return the catalogue's code of a lower secondary subject; None when it is not known.

    Knows codes, names and syllabus codes. Languages keep their code.

    >>> [lower_secondary_subject(s) for s in ("GRGRMAT01", "Svenska som andraspråk", "m2 deu", "X")]
    ['MA', 'SVA', 'M2DEU', None]
    """
    text = " ".join(written.split())
    if (code := _CODES.get(text.casefold())) is not None:
        return code
    match = _WITH_LANGUAGE.fullmatch(text.upper())
    if match is None:
        return None
    subject, language = match.groups()
    return _LANGUAGE_SUBJECTS.get(subject, subject) + language


def counts_as(subject: str) -> tuple[str, ...]:
    """Return the subjects that a grade counts for: a block's all, Swedish for both of its kinds.

    The modern language of the språkval is one subject whatever the language.
    """
    if subject == SECOND_LANGUAGE:
        return ("SV",)
    if subject.startswith(MODERN_LANGUAGE):
        return (MODERN_LANGUAGE,)
    return BLOCKS.get(subject, (subject,))


def _columns(
    points: NDArray[np.bool_], subjects: list[str], names: tuple[str, ...]
) -> NDArray[np.bool_]:
    return points[:, [subjects.index(name) for name in names]]


def merit_value(points: Array, subjects: list[str]) -> Array:
    """Return the merit value (0 to 340) of pupils x subjects grade points.

    The sum of the sixteen best subjects, and of the modern language chosen as språkval as a
    seventeenth; a language read as elevens val (M1) or mother tongue (ML) is never the seventeenth
    (gymnasieförordningen 2010:2039, 7:4; skolverket.se, Meritpoäng för gymnasiestudier). NaN means
    not registered; 0 means F or no basis. A pupil without any registered subject gets NaN.
    """
    value = np.nan_to_num(points, nan=0.0)
    modern = subjects.index(MODERN_LANGUAGE) if MODERN_LANGUAGE in subjects else None
    others = np.delete(value, modern, axis=1) if modern is not None else value
    total = -np.sort(-others, axis=1)[:, :16].sum(axis=1)
    if modern is not None:
        total = total + value[:, modern]
    return np.where(np.isnan(points).all(axis=1), np.nan, total)


def eligible(points: Array, subjects: list[str], kind: str) -> Array:
    """Return 1.0 for pupils eligible to upper secondary school, 0.0 for others, NaN without grades.

    `kind` is `vocational` (core subjects and five others), `academic` (and nine others),
    `academic_social` or `academic_science` (nine others, some of them fixed; Skollagen 2010:800,
    chapter 16). Swedish as a second language counts in the column of Swedish.
    """
    if kind not in _OTHERS:
        raise ValueError(f"kind is one of {sorted(_OTHERS)}, not {kind!r}")
    n_others, fixed = _OTHERS[kind]
    passed = np.nan_to_num(points, nan=0.0) >= POINTS["E"]
    core = _columns(passed, subjects, _CORE)
    others = passed.sum(axis=1) - core.sum(axis=1)
    result = core.all(axis=1) & (others >= n_others)
    if fixed:
        result &= _columns(passed, subjects, fixed).all(axis=1)
    return np.where(np.isnan(points).all(axis=1), np.nan, result.astype(float))


def grade_point_average(points: Array, course_points: Array) -> Array:
    """Return the upper secondary grade-point average (0 to 20) of pupils x courses.

    Weighted by course points. NaN means no basis or not taken, and is left out; F counts as 0.
    """
    graded = ~np.isnan(points)
    weight = np.where(graded, course_points, 0.0).sum(axis=1)
    total = np.where(graded, np.nan_to_num(points) * course_points, 0.0).sum(axis=1)
    return np.divide(total, weight, out=np.full(len(points), np.nan), where=weight > 0)
