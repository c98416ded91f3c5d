"""Starting another pilot's evaluation: its folder, what its plan can find, and freezing the plan."""

import csv
import datetime
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from pilot_analysis import description, plan, terms
from pilot_analysis.errors import ParameterError
from pilot_analysis.files import PRIVATE, whole
from pilot_analysis.parameters import Parameters

TEMPLATE = description.FOLDER / "new"
_FROZEN = re.compile(r"^frozen:.*$", re.MULTILINE)
_NO_STATUS = {"status": "ingen", "mentorer_heltid": "0,0"}


@dataclass(frozen=True)
class NewPilot:
    """What a new evaluation's folder is made for: its terms, and `skolor.csv` where there is one."""

    first_term: str
    last_term: str
    schools: Path | None = None

    def __post_init__(self) -> None:
        if terms.number(self.first_term) >= terms.number(self.last_term):
            raise ParameterError("the first term must come before the last")


def write(folder: Path, wanted: NewPilot) -> None:
    """Make the folder: what to fill in, templates of the exports, what to do in which order.

    With `skolor.csv` the exposure register has a row for each school and term, status `ingen`.
    Raises `ParameterError` where the folder holds anything.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ParameterError(f"{folder}: is not empty; name a new folder")
    register = _register(wanted)
    raw = folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    raw.chmod(PRIVATE)
    for name in (description.FILE, "README.md"):
        shutil.copyfile(TEMPLATE / name, folder / name)
    (folder / description.PLAN).write_text(_open_plan(wanted), encoding="utf-8")
    (folder / ".gitignore").write_text("raw/\n", encoding="utf-8")
    _write_templates(folder / "templates")
    if wanted.schools is not None:
        shutil.copyfile(wanted.schools, raw / "skolor.csv")
        register.to_csv(raw / "exponering.csv", sep=";", index=False)


def _open_plan(wanted: NewPilot) -> str:
    """Return the default plan for other terms, not yet frozen and without its amendments."""
    text = plan.PATH.read_text(encoding="utf-8")
    text = text[text.index("# The effect on the pupils enrolled") :]
    default = plan.load()
    for name in ("first_term", "last_term"):
        planned, own = default.parameters[name], getattr(wanted, name)
        text = text.replace(f"  {name}: {planned}\n", f"  {name}: {own}\n")
    for name in ("questionnaire_changes", "exceptional_terms"):
        planned = ", ".join(default.parameters[name])
        text = text.replace(f"{name}: [{planned}]", f"{name}: []")
    text = text.replace(
        "Terms in which the pandemic struck", "Terms in which something else struck"
    )
    return (
        "# The analysis plan. Fill it in before anybody has seen outcomes, then freeze it with\n"
        "# pilot plan --freeze, which writes the date.\nfrozen:\n\n" + text
    )


def _write_templates(folder: Path) -> None:
    from pilot_analysis.ingest.contracts import TABLES

    folder.mkdir()
    for stem, table in TABLES.items():
        # Items are as many as the evaluation lists.
        columns = [c for c in table.schema.columns if c not in description.ITEMS[3:]]
        header = ";".join(columns)
        (folder / f"{stem}.csv").write_text(header + "\n", encoding="utf-8")


def _register(wanted: NewPilot) -> pd.DataFrame:
    """Return a row for each school and term, every one without mentors."""
    from pilot_analysis.ingest.contracts import TABLES

    columns = list(TABLES["exponering"].schema.columns)
    if wanted.schools is None:
        return pd.DataFrame(columns=columns)
    try:
        with wanted.schools.open(encoding="utf-8-sig", newline="") as file:
            names = [row["skola"] for row in csv.DictReader(file, delimiter=";")]
    except (UnicodeDecodeError, KeyError):
        raise ParameterError(
            f"{wanted.schools}: needs UTF-8, semicolons and the column skola"
        ) from None
    rows = [
        {"skola": school, "termin": term, **_NO_STATUS}
        for school in dict.fromkeys(names)
        for term in terms.between(wanted.first_term, wanted.last_term)
    ]
    return pd.DataFrame([dict.fromkeys(columns, "") | row for row in rows], columns=columns)


def read_open_plan(folder: Path) -> plan.Plan:
    """Return a plan, frozen or not yet. Raises `ParameterError` with every problem."""
    path = folder / description.PLAN
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return plan.load(path)
    if isinstance(values, dict) and values.get("frozen") is None:
        with tempfile.TemporaryDirectory() as scratch:
            dated = Path(scratch) / description.PLAN
            dated.write_text(_dated(path, datetime.date.today()), encoding="utf-8")
            return plan.load(dated)
    return plan.load(path)


def _dated(path: Path, day: datetime.date) -> str:
    text = path.read_text(encoding="utf-8")
    line = f"frozen: {day.isoformat()}"
    return _FROZEN.sub(line, text, count=1) if _FROZEN.search(text) else f"{line}\n{text}"


def freeze(folder: Path, day: datetime.date) -> None:
    """Write the day into the plan. Raises `ParameterError` for one that is frozen, or not whole."""
    path = folder / description.PLAN
    read_open_plan(folder)
    values: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    if values.get("frozen") is not None:
        raise ParameterError(
            f"{path}: was frozen on {values['frozen']}; list changes as amendments"
        )
    text = _dated(path, day)
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8")


def design(processed: Path, parameters: Parameters) -> pd.DataFrame:
    """Return what each school form's design can find, from who was where and never from outcomes.

    How much schools and pupils vary is not taken from these exports (`pilot power` says what is
    assumed). Columns: school_form, treated, schools, pupils, terms_before, terms_after, starts (how many
    pilot schools by first term, in order), left_out (pilot schools without a term before their start,
    which are in none of these numbers), detectable, smallest_p; a form without a comparison has no
    numbers. A pilot school that starts after the last term is a comparison school.
    """
    from pilot_analysis.inference import power
    from pilot_analysis.panel.answerable import design_of

    rows = []
    for form, schools, first, members in design_of(processed, parameters):
        numbers = members["number"].unique()
        early = first[first <= numbers.min()]
        first = first[(first > numbers.min()) & (first <= numbers.max())]
        row: dict[str, Any] = {
            "school_form": form,
            "treated": len(first),
            "schools": len(schools) - len(early),
            "pupils": round(members.groupby(["school", "term"]).size().mean()),
            "starts": {
                terms.label(int(start)): int(n)
                for start, n in first.value_counts().sort_index().items()
            },
            "left_out": len(early),
        }
        row["terms_before"] = int((numbers < first.min()).sum())
        row["terms_after"] = int((numbers >= first.min()).sum())
        try:
            found = power.plan(
                **{
                    name: row[name]
                    for name in ("treated", "schools", "pupils", "terms_before", "terms_after")
                },
                starts=[int((numbers < start).sum()) for start in first],
                spread=power.ASSUMED,
                ci_level=parameters.ci_level,
            )
            row |= {name: found[name] for name in ("detectable", "smallest_p")}
        except ValueError:
            row |= {"detectable": float("nan"), "smallest_p": float("nan")}
        rows.append(row)
    return pd.DataFrame(rows)
