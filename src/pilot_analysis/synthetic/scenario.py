"""What is simulated: how many schools, which true effects, which nuisances and how large."""

import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import yaml

from pilot_analysis import description, terms
from pilot_analysis.errors import ParameterError

# Every nuisance is a reason why a naive evaluation goes wrong. Each can be switched off alone;
# the sizes go into `truth.json` beside the exports.
NUISANCES: dict[str, dict[str, float]] = {
    # School and school x term parts of absence, on a standard normal scale; with a pupil SD of
    # 8 points they give an intra-class correlation near 0.05. Grades vary more between schools.
    "shocks": {
        "school_sd": 0.26,
        "school_term_sd": 0.15,
        "school_term_autocorrelation": 0.4,
        "grade_school_sd": 0.33,
        "grade_school_term_sd": 0.06,
    },
    # Share of a pupil's own absence that is new each term.
    "regression_to_the_mean": {"transitory_share": 0.42, "autocorrelation": 0.3},
    "remote_teaching": {"gy_absence_factor": 0.80},
    "pandemic_absence": {"gr_absence_factor": 1.35},
    "cancelled_tests": {"grade_index": 0.12},
    # Share of lesson time nobody reports, and how much of it pilot schools began to report.
    "unreported_lessons": {"share": 0.10},
    "closer_reporting": {"points": 0.05},
    # What the 2015-2017 pre-study left behind: less absence that fades over two school years.
    "prestudy": {"relative_effect": 0.12, "fades_over_terms": 4},
    # Pupils without a mentor at `targeted` schools.
    "spillover": {"relative_effect": 0.03},
    # Effects that differ by organisation and by earlier absence.
    "heterogeneity": {
        "class_relative_effect": 0.09,
        "class_relative_effect_high_absence": 0.20,
        "targeted_relative_effect": 0.35,
        "class_grade_index": 0.07,
        "targeted_grade_index": 0.25,
    },
    # Extra chance a term that a pupil with high absence leaves a pilot school.
    "selective_leaving": {"extra_hazard": 0.12},
}

# True effects while `heterogeneity` is off: the same for every pupil at a pilot school.
COMMON_RELATIVE_EFFECT = 0.12
COMMON_GRADE_INDEX = 0.10
SURVEY_SAFETY_POINTS = 0.30
STAFF_OTHER_HOURS = -2.0

# Eligibility for targeted support: absence in the term two before the start.
ELIGIBILITY_ABSENCE = 0.15
MENTOR_TAKE_UP = 0.80


@dataclass(frozen=True)
class Scenario:
    """A synthetic municipality. Sizes are pupils enrolled at one time."""

    name: str = "linkoping"
    gr_pilot: int = 4
    gr_comparison: int = 7
    gy_pilot: int = 2
    gy_comparison: int = 3
    gr_size: int = 340
    gy_size: tuple[int, int] = (700, 1300)
    first_term: str = "HT2017"
    last_term: str = "HT2020"
    # Half of the lower secondary pilot schools start with the others, half later.
    first_start: str = "HT2019"
    later_start: str = "VT2020"
    register_from: str = "HT2015"
    # From this term on, some classes of the first school belong to a unit of their own.
    reorganised: str = "HT2018"
    # Terms in which pupils and staff are asked; none means no questionnaire.
    pupil_waves: tuple[str, ...] = ("VT2018", "VT2019", "VT2020")
    staff_waves: tuple[str, ...] = ("VT2019", "HT2019", "VT2020", "HT2020")
    effect_scale: float = 1.0
    nuisances: frozenset[str] = field(default_factory=lambda: frozenset(NUISANCES))
    seed: int = 20190819
    block: int = 0

    def __post_init__(self) -> None:
        unknown = self.nuisances - NUISANCES.keys()
        if unknown:
            raise ValueError(
                f"unknown nuisance {sorted(unknown)}; choose among {sorted(NUISANCES)}"
            )

    def without(self, *names: str) -> "Scenario":
        """Return the scenario with these nuisances off; with no names, all of them."""
        if unknown := set(names) - NUISANCES.keys():
            raise ValueError(
                f"unknown nuisance {sorted(unknown)}; choose among {sorted(NUISANCES)}"
            )
        return replace(self, nuisances=self.nuisances - set(names or NUISANCES))

    def only(self, *names: str) -> "Scenario":
        """Return the scenario with these nuisances alone."""
        return replace(self, nuisances=frozenset(names))

    def block_of(self, number: int) -> "Scenario":
        """Return one block of a municipality many times as large: its own schools and chance.

        Block 0 is the scenario itself.
        """
        return replace(self, block=number)

    def size(self, nuisance: str, key: str) -> float:
        """Return the size of a nuisance, zero while it is switched off."""
        return NUISANCES[nuisance][key] if nuisance in self.nuisances else 0.0

    def has(self, nuisance: str) -> bool:
        """Say whether a nuisance is on."""
        return nuisance in self.nuisances

    @property
    def forms(self) -> list[str]:
        """The school forms that have schools."""
        schools = {
            "GR": self.gr_pilot + self.gr_comparison,
            "GY": self.gy_pilot + self.gy_comparison,
        }
        return [form for form, n in schools.items() if n]

    @property
    def terms(self) -> list[int]:
        """The simulated terms, as numbers."""
        return [terms.number(t) for t in terms.between(self.first_term, self.last_term)]

    def rng(self, stream: str) -> np.random.Generator:
        """Return the generator of one named stream.

        Streams do not share draws, so switching a nuisance off leaves everything else as it was.
        """
        further = [self.block] if self.block else []
        return np.random.default_rng([self.seed, zlib.crc32(stream.encode()), *further])


SCENARIOS: dict[str, Scenario] = {
    "linkoping": Scenario(),
    "neighbours": Scenario(name="neighbours", gr_comparison=16, gy_comparison=4),
    # Small enough for tests, with every feature of the real size.
    "small": Scenario(name="small", gr_size=60, gy_size=(70, 110)),
}


def of_evaluation(folder: Path | None) -> Scenario | None:
    """Return what an evaluation simulates while it has no exports; None where it simulates nothing.

    Raises `ParameterError` for a `synthetic.yml` that describes no scenario.
    """
    if folder is None or folder.resolve() == description.FOLDER.resolve():
        return SCENARIOS["linkoping"]
    path = folder / description.SYNTHETIC
    if not path.exists():
        return None
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "nuisances" in values:
            values["nuisances"] = frozenset(values["nuisances"])
        return Scenario(**values)
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise ParameterError(f"{path}: describes nothing that can be simulated: {error}") from None
