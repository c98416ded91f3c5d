"""The allow-list: which columns tables may have and which JSON documents may be published.

A table or document with anything else is refused: whoever publishes something new writes down here
what it holds.
"""

import re
import unicodedata
from collections.abc import Iterable

from pilot_analysis import estimates

# Numbers of persons in published tables, which the limits on small groups are about.
COUNTS = {
    "n_obs",
    "n_pupils",
    "n_pilot",
    "n_comparison",
    "answered",
    "n",
    "pupils",
    "n_leavers",
    "n_answers",
    "n_teachers",
    "n_sheets",
}
# Tables drawn as figures, beside the estimates table. Names, codes, terms, means and shares.
_DRAWN = {
    "answer",
    "band",
    "change",
    "coverage",
    "covariate",
    "design",
    "error_variance",
    "autocorrelation",
    "ever_treated",
    "first_treated",
    "hedges_g",
    "high",
    "index",
    "item",
    "low",
    "mean",
    "mean_comparison",
    "mean_pilot",
    "method",
    "monte_carlo_error",
    "n_schools",
    "n_treated",
    "organisation",
    "panels",
    "period",
    "points",
    "population",
    "power_at_2_points",
    "program",
    "rejection_rate",
    "response",
    "role",
    "rounded_to",
    "rule",
    "run",
    "school",
    "school_form",
    "schools",
    "sd",
    "selection",
    "share",
    "sizes",
    "source",
    "start",
    "status",
    "step",
    "term",
    "term_number",
    "treated",
    "withheld",
    "label",
    "truth",
    "value",
    "name",
    "power",
    "effect",
    "shocks",
    "terms",
    "theme",
    "weights",
    "arm",
    "first_term",
    "last_term",
    # An answer under other choices.
    "variant",
    "kind",
    # Choices of the specification curve.
    "coding",
    "remote",
    "window",
    "sample",
    "weighting",
    "effects",
}
# Columns of the estimates table in its second edition, so that either may be read.
_ESTIMATED = {
    "school_form",
    "estimand",
    "event_time",
    "method",
    "assumption",
    "n_placements",
    "hedges_g",
    "reason",
    "reason_values",
    "inference",
    "note",
    "n_treated_pupils",
    "exploratory",
}
COLUMNS = set(estimates.COLUMNS) | _DRAWN | _ESTIMATED | COUNTS

# A heading that says one row is one person, or names one; in any case, spacing or spelling.
_PERSON = {
    "pupil",
    "pupilid",
    "student",
    "studentid",
    "elev",
    "elevid",
    "elevnamn",
    "mentor",
    "mentorid",
    "mentornamn",
    "teacherid",
    "teachername",
    "personnummer",
    "personnr",
    "pnr",
    "ssn",
    "personid",
    "svarsid",
    "sheetid",
    "namn",
    "fornamn",
    "efternamn",
    "firstname",
    "lastname",
    "surname",
    "fullname",
    "pupilname",
    "studentname",
    "epost",
    "epostadress",
    "email",
    "mail",
    "telefon",
    "telefonnummer",
    "phone",
    "mobil",
    "adress",
    "address",
    "fritext",
    "freetext",
    "kommentar",
    "comment",
    "birthyear",
    "fodelsear",
    "birthdate",
    "fodelsedatum",
    "dob",
    "birthday",
    "class",
    "klass",
    "guardian",
    "vardnadshavare",
    "skyddad",
    "pseudonym",
}
# Staff and pupils of a targeted school, divided, are the two or three pupils.
_SMALL_BY_DIVISION = {
    "pupilspermentor",
    "mentorfte",
    "mentorerheltid",
    "elevpermentor",
    "eleverpermentor",
}
_COUNT_WORDS = {
    "n",
    "antal",
    "count",
    "counts",
    "freq",
    "frequency",
    "frekvens",
    "pupils",
    "pupil",
    "elever",
    "students",
    "answered",
    "answers",
    "svar",
    "svarande",
    "svaranden",
    "respondents",
    "persons",
    "people",
    "personer",
    "individer",
    "individuals",
    "teachers",
    "larare",
    "size",
    "storlek",
    "headcount",
    "sheets",
    "leavers",
    "obs",
    "nobs",
    "observations",
    "cases",
    "pilot",
    "comparison",
}
# Numbers only where the heading says so: `n_pilot`, `antal lärare`.
_ALONE = {"pilot", "comparison", "teachers", "larare"}
_NOT_PERSONS = {
    "school",
    "schools",
    "skola",
    "skolor",
    "skolenheter",
    "units",
    "term",
    "terms",
    "terminer",
    "placements",
    "weeks",
    "veckor",
    "files",
    "filer",
    "draws",
    "panels",
    "treated",
    "clusters",
    "items",
    "per",
    "share",
    "andel",
    "min",
    "max",
    "least",
    "step",
    "most",
    "limit",
    "mean",
    "percent",
    "method",
    "draw",
    "imputations",
    "runs",
    "parameters",
}
_EXTREME = re.compile(
    r"(?:min|max|minimum|maximum|lagsta|hogsta|lowest|highest|median|p\d{1,2}|q\d{1,3}|\d{1,2} ?%)"
)


def folded(header: str) -> str:
    """Return a heading without case, accents and what separates its words but spaces."""
    apart = re.sub(r"(?<=[a-zåäö])(?=[A-ZÅÄÖ])", " ", header)
    plain = unicodedata.normalize("NFKD", apart.casefold())
    return re.sub(
        r"[^a-z0-9%]+", " ", "".join(c for c in plain if not unicodedata.combining(c))
    ).strip()


def persons(headers: Iterable[str]) -> list[str]:
    """Return the headings that say a row is one person."""
    return sorted({h for h in headers if folded(h).replace(" ", "") in _PERSON})


def small_by_division(headers: Iterable[str]) -> list[str]:
    """Return the headings whose product is the number of pupils with a mentor at a school."""
    return sorted({h for h in headers if folded(h).replace(" ", "") in _SMALL_BY_DIVISION})


def is_count(header: str) -> bool:
    """Say whether a heading, in Swedish or English, names a number of persons."""
    if header in COUNTS:
        return True
    words = set(folded(header).split())
    told = _COUNT_WORDS if words & {"n", "antal", "number", "count"} else _COUNT_WORDS - _ALONE
    counted = words & told
    return bool(counted) and not words & _NOT_PERSONS


def is_school_count(header: str) -> bool:
    """Say whether a heading names a number of schools."""
    words = set(folded(header).split())
    return bool(words & {"schools", "skolor"}) and not words & {"treated", "pilot"}


def is_extreme(header: str) -> bool:
    """Say whether a heading is that of a minimum, maximum or percentile."""
    return bool(_EXTREME.fullmatch(folded(header)))


# Documents by the keys that tell them, and all keys they may have at their top.
DOCUMENTS: dict[str, tuple[set[str], set[str]]] = {
    "quality.json": (
        {"synthetic", "notice", "files"},
        {
            "synthetic",
            "notice",
            "files",
            "processed",
            "adjusted",
            "remarks",
            "coverage",
            "grades",
            "school_terms_missing_in_register",
            "aliases",
        },
    ),
    "disclosure.json": ({"rules", "withheld"}, {"rules", "withheld"}),
    "manifest.json": (
        {"parameters", "inputs", "outputs"},
        {
            "synthetic",
            "notice",
            "parameters",
            "parameters_sha256",
            "seed",
            "plan_sha256",
            "departures_from_plan",
            "exploratory",
            "inputs",
            "lock_sha256",
            "python",
            "versions",
            "outputs",
            "git_commit",
            "finished",
            "seconds",
            "tables",
            "code_sha256",
            "evaluation",
            "evaluation_sha256",
            "plan",
            "digest",
            "notebooks",
            "processed",
        },
    ),
}
