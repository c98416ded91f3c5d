"""Whose pilot is evaluated: `evaluation.yml`, the words and facts that no code may hold.

An evaluation is a folder with `evaluation.yml` and the analysis plan, `plan.yml`; one whose exports
are made up has `synthetic.yml` beside them. The default is `params/`.
"""

import datetime
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from pilot_analysis.errors import ParameterError
from pilot_analysis.files import read_yaml
from pilot_analysis.forms import EVERY_FORM, SCHOOL_FORMS
from pilot_analysis.terms import number

FOLDER = Path(__file__).resolve().parents[2] / "params"
# Other evaluations, whose pilots are made up, and the answers that the site sets side by side.
EXAMPLES = FOLDER.parent / "examples"
FILE, PLAN, SYNTHETIC = "evaluation.yml", "plan.yml", "synthetic.yml"
LANGUAGE_CODE = re.compile("[a-z]{2,3}")  # as pages name a language
OWN = "evaluation"  # beside processed tables
SchoolForm = Annotated[str, StringConstraints(pattern=rf"^({'|'.join(sorted(EVERY_FORM))})$")]
# Claims made in public, which the report answers one by one (messages `claim_<name>`).
Claimed = Literal["support", "chances", "targeted", "aim", "safety", "teaching", "examination"]


# Who is asked, and what the answers are put together to (messages `outcome_<name>`).
ROLES = ("pupil", "teacher", "principal", "mentor")
INDICES = ("safety_index", "workload_index", "purpose_index")
Role = Annotated[str, StringConstraints(pattern=f"^({'|'.join(ROLES)})$")]
IndexName = Annotated[str, StringConstraints(pattern=f"^({'|'.join(INDICES)})$")]
MOST_INDEX_POINTS = 10.0
# The columns that items have in the exports.
ITEMS = tuple(f"q{i + 1}" for i in range(40))
ItemName = Annotated[str, StringConstraints(pattern=f"^({'|'.join(ITEMS)})$")]
# How exports write a theme of free-text answers: a word of a list, never what somebody wrote.
ThemeName = Annotated[str, StringConstraints(pattern=r"^[\w-]+( [\w-]+){0,3}$", max_length=40)]
# YAML reads a step written 1 as a number; exports hold text.
_Written = Annotated[str, BeforeValidator(lambda cell: str(cell) if type(cell) is int else cell)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Model):
    """A text in Swedish and English, and in any other language of the report by its code.

    Where another language is left out, the report in it has the English text.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[str, Field(min_length=1)]]

    sv: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @model_validator(mode="after")
    def _names_languages(self) -> Self:
        if unknown := sorted(
            code for code in self.__pydantic_extra__ if not LANGUAGE_CODE.fullmatch(code)
        ):
            raise ValueError(f"{', '.join(unknown)}: is no language's code, such as sv, en or nb")
        return self

    @property
    def languages(self) -> set[str]:
        """The codes of the languages that the text is written in."""
        return {"sv", "en", *self.__pydantic_extra__}

    def within(self, language: str) -> str:
        """Return the text in a language, its lines joined; in English where it lacks that one."""
        texts = {"sv": self.sv, **self.__pydantic_extra__}
        return " ".join(texts.get(language, self.en).split())


class Item(Text):
    """An item's wording. `reversed`: who agrees has less of what its index measures."""

    reversed: bool = False


class Step(Text):
    """One step of the answers: its words, how exports write it, and its score."""

    written: list[_Written] = Field(min_length=1)
    score: float


class Index(_Model):
    """The mean of some items, which runs from `low` (the least agreement) to `high`."""

    items: list[ItemName] = Field(min_length=1)
    low: float
    high: float

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        # What may be told of an index (`units.UNITS`) is reckoned for ten points.
        if not 0 < self.high - self.low <= MOST_INDEX_POINTS:
            raise ValueError("an index runs from low to high over at most ten points")
        return self


class Instrument(_Model):
    """What one role is asked: items, the steps of their answers from least to most, indices.

    `dont_know` is how exports write an answer that is none. `hours`: staff also tell their hours a
    week on teaching and on other tasks.
    """

    items: dict[ItemName, Item] = Field(min_length=1)
    steps: list[Step] = Field(min_length=2)
    dont_know: list[_Written] = []
    indices: dict[IndexName, Index] = {}
    hours: bool = False

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        scores = [step.score for step in self.steps]
        if scores != sorted(set(scores)):
            raise ValueError(
                "steps: list them from least to most agreement; their scores must rise"
            )
        written = [*(w for step in self.steps for w in step.written), *self.dont_know]
        if twice := sorted({w for w in written if written.count(w) > 1}):
            raise ValueError(f"steps and dont_know: {', '.join(twice)} stands for two answers")
        for name, index in self.indices.items():
            if unknown := sorted(set(index.items) - set(self.items)):
                raise ValueError(f"indices: {name}: {', '.join(unknown)} is no item")
        return self

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and the highest score."""
        return self.steps[0].score, self.steps[-1].score


Grade = Annotated[int, Field(ge=0, le=10)]
Instruments = Mapping[str, Instrument]


class Period(Text):
    """Terms in which something met every school, and what figures call it."""

    terms: list[str] = Field(min_length=1)

    @field_validator("terms")
    @classmethod
    def _are_terms(cls, value: list[str]) -> list[str]:
        for name in value:
            number(name)
        return value


class Description(_Model):
    """One evaluation's facts and words. Frozen, and in the manifest of every run."""

    municipality: Text
    commissioner: Text
    author: Text
    # The report's date; where its author gives none, the plan's stands there.
    dated: datetime.date | None = None
    title: Text
    what_was_done: Text
    compared: Text
    limits: Text
    rivals: Text
    # Whether chance chose the pilot schools: their report then does not doubt who was chosen.
    drawn_by_lot: bool = False
    # How schools and pupils were chosen, as a sentence after a colon; nothing but chance or not where empty.
    how_chosen: Text | None = None
    # What met every school while the pilot went on, such as a pandemic: shaded in figures.
    marked_terms: list[Period] = []
    # The law that a comparison within a school form has to know.
    laws: dict[SchoolForm, Text] = {}
    # What was said in public of class against targeted mentors; nothing where nothing was.
    said_of_organisation: Text | None = None
    # Who paid for the evaluation, and what its authors have to do with the pilot.
    interests: Text | None = None
    press_release: list[Claimed] = []
    # The first and last grade of each school form that the evaluation is about, where it is not the
    # whole of lower or upper secondary school, or of another form beside them; and what these grades
    # are called in a sentence.
    grades: dict[SchoolForm, tuple[Grade, Grade]] = {}
    form_names: dict[SchoolForm, Text] = {}
    # The questionnaires, by who answered them; a role that nobody asked is left out.
    instruments: dict[Role, Instrument] = {}
    # The themes that free-text answers were coded by, as exports write them, and their words.
    themes: dict[ThemeName, Text] = Field(default={}, max_length=100)

    @model_validator(mode="after")
    def _grades_rise(self) -> Self:
        for form, (first, last) in self.grades.items():
            if first > last:
                raise ValueError(f"grades: {form}: the first grade must not come after the last")
        if nameless := sorted(set(self.grades) - set(SCHOOL_FORMS) - set(self.form_names)):
            raise ValueError(f"form_names: say what {', '.join(nameless)} is called")
        return self

    @property
    def evaluated_grades(self) -> dict[str, tuple[int, int]]:
        """The first and last grade of each school form that is evaluated."""
        return SCHOOL_FORMS | dict(self.grades)

    @model_validator(mode="after")
    def _hours_are_of_staff(self) -> Self:
        if "pupil" in self.instruments and self.instruments["pupil"].hours:
            raise ValueError("instruments: pupil: hours are asked of staff")
        return self

    def facts(self, language: str) -> dict[str, str]:
        """Return what messages may name of the evaluation, in a language."""
        named = ("municipality", "commissioner", "author")
        return {name: getattr(self, name).within(language) for name in named}

    def lacking(self, language: str) -> list[str]:
        """Return the names of the texts that are not written in a language."""
        return [name for name, text in _texts_of(self) if language not in text.languages]

    @property
    def languages(self) -> set[str]:
        """The codes of the languages that any text is written in."""
        return set().union(*(text.languages for _, text in _texts_of(self)))

    def laws_of(self, forms: Collection[str], language: str) -> list[str]:
        """Return the laws that matter to these school forms."""
        return [law.within(language) for form, law in self.laws.items() if form in forms]


def _texts_of(value: Any, name: str = "") -> Iterator[tuple[str, Text]]:
    """Return every text below a value, named as in `evaluation.yml`: `laws.GY`."""
    if isinstance(value, Text):
        yield name, value
        return
    held = dict(value) if isinstance(value, BaseModel) else value
    if isinstance(held, list):
        held = dict(enumerate(held, start=1))
    if isinstance(held, dict):
        for key, part in held.items():
            yield from _texts_of(part, f"{name}.{key}" if name else str(key))


def load(folder: Path = FOLDER) -> Description:
    """Read an evaluation's description. Raises `ParameterError` with every problem."""
    path = folder / FILE
    values = read_yaml(path, "there is no description of an evaluation")
    try:
        return Description.model_validate(values)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        lines = [
            f"{path}: {'.'.join(map(str, p['loc'])) or '(file)'}: {_said(p)}" for p in problems
        ]
        raise ParameterError("\n".join(lines)) from None


def _said(problem: Mapping[str, Any]) -> str:
    empty = problem["type"] == "string_too_short"
    return "is empty; fill it in" if empty else str(problem["msg"]).removeprefix("Value error, ")


def beside_tables(processed: Path) -> Path:
    """Return the folder of the evaluation that processed tables were made for."""
    own = processed / OWN
    return own if (own / FILE).exists() else FOLDER


def put_beside_tables(folder: Path, processed: Path) -> None:
    """Let notebooks find the evaluation that their tables were made for; the default has no copy."""
    shutil.rmtree(processed / OWN, ignore_errors=True)
    if folder.resolve() == FOLDER.resolve():
        return
    (processed / OWN).mkdir(parents=True)
    for name in (FILE, PLAN):
        shutil.copyfile(folder / name, processed / OWN / name)
