"""Write a simulated municipality as the Swedish exports of the data contract."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pilot_analysis import forked, terms
from pilot_analysis.files import digests, write_json
from pilot_analysis.synthetic import attendance, grades, population, surveys
from pilot_analysis.synthetic.identifiers import pupil_ids
from pilot_analysis.synthetic.scenario import Scenario
from pilot_analysis.synthetic.truth import describe

TRUTH_FILE = "truth.json"
# Lessons start at these times; the fifth only in lower secondary school.
LESSON_STARTS = np.array(["08:15", "09:25", "10:40", "12:50", "14:00"])
_LESSON_SECONDS = np.array([29700, 33900, 38400, 46200, 50400])
# Pupils a full-time mentor has: sources give 30 to 90, fewer where pupils are picked.
_CLASS_PUPILS, _TARGETED_PUPILS = 90, 30
_SUBJECT_CYCLE = np.array(["SV", "MA", "EN", "IDH", "SH", "NO", "BL", "ML", "TK", "HI"])


def simulate(
    scenario: Scenario,
    out: Path,
    *,
    scale: int = 1,
    tell: Callable[[float, str], None] = lambda share, words: None,
) -> dict[str, object]:
    """Write the exports of `scenario` and `truth.json` into `out`; return the truth.

    `scale` blocks of schools are made one after the other, so that a region takes no more memory
    than a municipality; `tell` is told how far it is. The same scenario, seed and scale give the same bytes. Exports already in
    the folder are replaced, and `truth.json`, written last, lists the digest of each.
    """
    out.mkdir(parents=True, exist_ok=True)
    exports = _Exports(out)
    exports.discard()
    truths = []
    try:
        for number in range(scale):
            truths.append(_write_block(scenario.block_of(number), exports))
            tell((number + 1) / scale, f"{number + 1} of {scale} blocks of schools written")
        for old in [*out.glob("*.csv"), out / TRUTH_FILE]:
            old.unlink(missing_ok=True)
        exports.publish()
    finally:
        exports.discard()
    truth = _together(truths)
    seal(out, truth)
    return truth


def _write_block(scenario: Scenario, exports: "_Exports") -> dict[str, object]:
    people = population.build(scenario)
    presence = attendance.simulate(scenario, people)
    rng = scenario.rng("export")
    ids = pa.array(
        pupil_ids(
            people.pupils["birth_year"].to_numpy(),
            people.pupils["female"].to_numpy(),
            rng,
            scenario.block,
        )
    )
    block = _Block(
        scenario,
        people,
        presence,
        _stay_codes(people, presence.stays, scenario.reorganised),
        ids,
        rng,
    )
    told, rows = forked.each(lambda write: write(block, exports), [_write_grades, _write_others])
    return told | {"rows": rows}


@dataclass(frozen=True)
class _Block:
    """One block of schools as it was drawn; `stays` have their codes, `rng` is the exports' own."""

    scenario: Scenario
    people: population.Population
    presence: attendance.Attendance
    stays: pd.DataFrame
    ids: pa.Array
    rng: np.random.Generator


def _write_grades(block: _Block, exports: "_Exports") -> dict[str, Any]:
    """Write the grades; returns the truth."""
    marks = grades.simulate(block.scenario, block.people, block.presence.stays)
    exports.add("betyg.csv", _grades(block.stays, marks, block.ids))
    return describe(block.scenario, block.people, block.presence, marks)


def _write_others(block: _Block, exports: "_Exports") -> dict[str, Any]:
    """Write all exports but the grades; returns how many rows the largest have."""
    scenario, people, presence = block.scenario, block.people, block.presence
    stays, ids, rng = block.stays, block.ids, block.rng
    exports.add("skolor.csv", _schools(people))
    exports.add("exponering.csv", _exposure(scenario, people, presence))
    if scenario.block == 0:
        exports.add("kalender.csv", _calendar(people))
    exports.add("elever.csv", _pupils(people, stays, ids))
    exports.add("mentorer.csv", _mentors(people, presence, ids, rng))
    if scenario.pupil_waves:
        exports.add("elevenkat.csv", _pupil_survey(scenario, people, presence, stays, rng))
    if scenario.staff_waves:
        answered, asked = _staff_survey(scenario, people)
        exports.add("personalenkat.csv", answered)
        exports.add("utskick.csv", asked)
    reports = _with_corrections(scenario, presence, rng)
    term_of_stay = stays["term"].to_numpy()
    for year in sorted({terms.school_year(terms.label(t)) for t in scenario.terms}):
        in_year = [t for t in scenario.terms if terms.school_year(terms.label(t)) == year]
        weeks = presence.weeks[np.isin(term_of_stay[presence.weeks["stay"]], in_year)]
        exports.add(f"undervisningstid_{year}.csv", _weeks(stays, weeks, ids))
        absence = reports[np.isin(term_of_stay[reports["stay"]], in_year)]
        exports.add(f"franvaro_{year}.csv", _absence(stays, absence, ids))
    return {"franvaro": len(reports), "undervisningstid": len(presence.weeks)}


def _together(truths: list[dict[str, object]]) -> dict[str, object]:
    """Return the truth of all blocks: effects by pupil-terms where they are counted, rows summed."""
    if len(truths) == 1:
        return truths[0]
    blocks: list[Any] = truths
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for effect in (effect for block in blocks for effect in block["effects"]):
        key = tuple(effect[k] for k in ("claim", "outcome", "population", "school_form"))
        found.setdefault(key, []).append(effect)
    effects = []
    for same in found.values():
        weights = [effect.get("n_pupil_terms", 1) for effect in same]
        mean = float(np.average([effect["effect"] for effect in same], weights=weights))
        total = {"n_pupil_terms": sum(weights)} if "n_pupil_terms" in same[0] else {}
        effects.append(same[0] | {"effect": mean} | total)
    rows = {name: sum(block["rows"][name] for block in blocks) for name in blocks[0]["rows"]}
    return truths[0] | {"effects": effects, "rows": rows, "scale": len(truths)}


def seal(folder: Path, truth: dict[str, object]) -> None:
    """Write `truth.json` with the digest of every export beside it.

    Ingest reads the digests: files that differ from them are not synthetic, and are refused
    beside files that are.
    """
    found = digests(sorted(folder.glob("*.csv")))
    truth["files"] = {path.name: known for path, known in found.items()}
    write_json(folder / TRUTH_FILE, truth)


_PARTIAL = ".partial"


@dataclass(frozen=True)
class _Exports:
    """The files being made, each beside its place until all are whole."""

    folder: Path

    def _partial(self, name: str) -> Path:
        return self.folder / f".{name}{_PARTIAL}"

    def _partials(self) -> list[Path]:
        return sorted(self.folder.glob(f".*.csv{_PARTIAL}"))

    def add(self, name: str, table: pa.Table | pd.DataFrame) -> None:
        """Append a table to a file; the first gives it its header."""
        if isinstance(table, pd.DataFrame):
            table = pa.Table.from_pandas(table, preserve_index=False)
        # Only answer sheets hold free text, which may contain the delimiter.
        quoting = "needed" if "fritext" in table.column_names else "none"
        new = not self._partial(name).exists()
        options = pyarrow.csv.WriteOptions(
            include_header=new, delimiter=";", quoting_style=quoting, quoting_header="none"
        )
        with self._partial(name).open("ab") as file:
            pyarrow.csv.write_csv(table, file, options)

    def publish(self) -> None:
        """Move every file into its place."""
        for path in self._partials():
            os.replace(path, self.folder / path.name[1:].removesuffix(_PARTIAL))

    def discard(self) -> None:
        """Remove what was not published, also by a run that was killed."""
        for path in self._partials():
            path.unlink(missing_ok=True)


def _comma(values: pd.Series | np.ndarray, digits: int = 1) -> np.ndarray:
    text = np.char.mod(f"%.{digits}f", np.asarray(values, dtype=float))
    return np.char.replace(text, ".", ",")


def _yes(values: pd.Series) -> np.ndarray:
    return np.where(values, "J", "N")


def _stay_codes(
    people: population.Population, stays: pd.DataFrame, reorganised: str
) -> pd.DataFrame:
    """Add the unit code and class label of every stay."""
    schools = people.schools
    school = stays["school"].to_numpy()
    first, second = schools["unit"].to_numpy()[school], schools["second_unit"].to_numpy()[school]
    # Odd classes of a school with two units belong to the second from the reorganisation on.
    use_second = (
        (second != "")
        & (stays["class_number"].to_numpy() % 2 == 1)
        & (stays["term"].to_numpy() >= terms.number(reorganised))
    )
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    letter = letters[stays["class_number"].to_numpy() % len(letters)]
    program = people.pupils["program"].to_numpy()[stays["pupil"].to_numpy()]
    is_gr = (stays["form"] == "GR").to_numpy()
    prefix = np.where(is_gr, stays["grade"].astype(str), program.astype(str))
    return stays.assign(
        unit=np.where(use_second, second, first),
        class_label=np.char.add(prefix.astype(str), letter),
    )


def _schools(people: population.Population) -> pd.DataFrame:
    schools = people.schools
    first = schools[["unit", "name", "form"]].assign(skola=schools["name"])
    second = schools[schools["second_unit"] != ""]
    extra = pd.DataFrame(
        {
            "unit": second["second_unit"],
            "name": second["name"] + " enhet 2",
            "form": second["form"],
            "skola": second["name"],
        }
    )
    table = pd.concat([first, extra], ignore_index=True)
    return table.rename(columns={"unit": "skolenhetskod", "name": "skolnamn", "form": "skolform"})[
        ["skolenhetskod", "skolnamn", "skola", "skolform"]
    ]


def _exposure(
    scenario: Scenario, people: population.Population, presence: attendance.Attendance
) -> pd.DataFrame:
    mentored = presence.mentored.groupby(["school", "term"]).size()
    rows = []
    register = range(terms.number(scenario.register_from), terms.number(scenario.last_term) + 1)
    for school, row in people.schools.iterrows():
        for term in register:
            active = row["pilot"] and term >= row["start"]
            studied = row["prestudy"] and term <= terms.number("VT2017")
            n_mentored = mentored.get((school, term), 0)
            fte = _posts(row, n_mentored, active=active) if active or studied else 0.0
            rows.append(
                {
                    "skola": row["name"],
                    "termin": terms.label(term),
                    "status": "pilot" if active else "forstudie" if studied else "ingen",
                    "organisation": {"class": "klass", "targeted": "riktad"}.get(
                        row["organisation"] if active else "class" if studied else "", ""
                    ),
                    "mentorer_heltid": _comma(np.array([fte]))[0] if fte else "0,0",
                    "elever_per_mentor": _comma(np.array([n_mentored / fte]))[0] if active else "",
                    "kostnad_kr": str(int(fte * 290_000)) if fte else "0",
                    "kalla": "syntetiskt register",
                }
            )
    return pd.DataFrame(rows)


def _posts(school: pd.Series, n_mentored: int, *, active: bool) -> float:
    """Return a school's mentors in full-time posts: by its size, or by the pupils who were picked."""
    if active and school["organisation"] == "targeted":
        return max(1, int(10 * n_mentored / _TARGETED_PUPILS)) / 10
    return max(1.0, round(school["size"] / _CLASS_PUPILS * 2) / 2)


def _calendar(people: population.Population) -> pd.DataFrame:
    weeks = people.calendar
    return pd.DataFrame(
        {
            "skolform": weeks["form"],
            "vecka": [f"{y}-W{w:02d}" for y, w in zip(weeks["year"], weeks["week"], strict=True)],
            "termin": weeks["term"].map(terms.label),
            "skoldagar": weeks["days"].astype(str),
            "distans": _comma(weeks["remote_share"]),
        }
    )


def _pupils(people: population.Population, stays: pd.DataFrame, ids: pa.Array) -> pd.DataFrame:
    pupils = people.pupils.loc[stays["pupil"]].reset_index(drop=True)
    monday = people.calendar.set_index(["form", "term", "position"])["monday"]
    keys = [stays["form"], stays["term"]]
    began = monday.reindex(pd.MultiIndex.from_arrays([*keys, stays["first_week"]]))
    ended = monday.reindex(pd.MultiIndex.from_arrays([*keys, stays["last_week"]]))
    began_text = began.dt.strftime("%Y-%m-%d").to_numpy()
    ended_text = (ended + pd.Timedelta(days=6)).dt.strftime("%Y-%m-%d").to_numpy()
    education = pupils["education"].astype(str).to_numpy()
    education[people.pupils["absence_trait"].to_numpy()[stays["pupil"]] > 2.2] = ""
    return pd.DataFrame(
        {
            "elev_id": ids.take(pa.array(stays["pupil"].to_numpy())).to_numpy(zero_copy_only=False),
            "skolenhetskod": stays["unit"].to_numpy(),
            "termin": stays["term"].map(terms.label).to_numpy(),
            "arskurs": stays["grade"].astype(str).to_numpy(),
            "klass": stays["class_label"].to_numpy(),
            "program": pupils["program"].to_numpy(),
            "kon": np.where(pupils["female"], "F", "P"),
            "fodelsear": pupils["birth_year"].astype(str).to_numpy(),
            "utlandsk_bakgrund": _yes(pupils["foreign"]),
            "nyanland": _yes(pupils["newly_arrived"]),
            "vardnadshavare_utbildning": education,
            "skyddad": _yes(pupils["protected"]),
            "inskriven": np.where(stays["arrives"], began_text, ""),
            "avslutad": np.where(stays["leaves"], ended_text, ""),
        }
    )


def _mentors(
    people: population.Population,
    presence: attendance.Attendance,
    ids: pa.Array,
    rng: np.random.Generator,
) -> pd.DataFrame:
    rows = presence.mentored.groupby(["pupil", "school"], as_index=False)["term"].agg(
        ["min", "max"]
    )
    term_dates = people.calendar.groupby("term")["monday"].agg(["min", "max"])
    first = term_dates["min"].reindex(rows["min"]).dt.strftime("%Y-%m-%d").to_numpy()
    last = (
        (term_dates["max"].reindex(rows["max"]) + pd.Timedelta(days=4))
        .dt.strftime("%Y-%m-%d")
        .to_numpy()
    )
    mentor = rng.integers(1, 6, len(rows))
    organisation = people.schools["organisation"].to_numpy()[rows["school"]]
    return pd.DataFrame(
        {
            "elev_id": ids.take(pa.array(rows["pupil"].to_numpy())).to_numpy(zero_copy_only=False),
            "mentor_id": [f"M{s:03d}{m}" for s, m in zip(rows["school"], mentor, strict=True)],
            "from": first,
            "tom": last,
            "stod": np.where(organisation == "class", "klass", "riktad"),
        }
    )


def _take(values: np.ndarray, stays: pd.DataFrame, index: np.ndarray) -> pa.Array:
    """Return one text a row, looked up by stay."""
    return pa.array(values.astype(str)).take(pa.array(index))


def _grades(stays: pd.DataFrame, marks: grades.Grades, ids: pa.Array) -> pa.Table:
    stay = marks.rows["stay"].to_numpy()
    last_day = {
        t: f"{t // 2}-12-18" if t % 2 else f"{t // 2}-06-10" for t in stays["term"].unique()
    }
    points = marks.rows["points"].to_numpy()
    return pa.table(
        {
            "elev_id": ids.take(pa.array(stays["pupil"].to_numpy()[stay])),
            "skolenhetskod": _take(stays["unit"].to_numpy(), stays, stay),
            "termin": _take(stays["term"].map(terms.label).to_numpy(), stays, stay),
            "kurskod": pa.array(marks.rows["course"], pa.string()),
            "poang": pa.array(np.where(points > 0, points.astype(str), "")),
            "betyg": pa.array(marks.rows["grade"], pa.string()),
            "datum": _take(stays["term"].map(last_day).to_numpy(), stays, stay),
        }
    )


def _weeks(stays: pd.DataFrame, weeks: pd.DataFrame, ids: pa.Array) -> pa.Table:
    stay = weeks["stay"].to_numpy()
    number = weeks["year"].to_numpy() * 100 + weeks["week"].to_numpy()
    known, code = np.unique(number, return_inverse=True)
    labels = pa.array([f"{n // 100}-W{n % 100:02d}" for n in known])
    return pa.table(
        {
            "elev_id": ids.take(pa.array(stays["pupil"].to_numpy()[stay])),
            "skolenhetskod": _take(stays["unit"].to_numpy(), stays, stay),
            "vecka": labels.take(pa.array(code)),
            "schemalagda_minuter": pa.array(weeks["scheduled"].to_numpy()),
            "rapporterade_minuter": pa.array(weeks["reported"].to_numpy()),
        }
    )


def _with_corrections(
    scenario: Scenario, presence: attendance.Attendance, rng: np.random.Generator
) -> pd.DataFrame:
    """Add what registers are full of: earlier versions of a report, and cancelled reports."""
    reports = presence.reports
    n = len(reports)
    delay = rng.integers(300, 3000, n).astype(np.int32)
    current = reports.assign(delay=delay)
    # 1.5 % were first registered otherwise, and corrected one to five days later.
    corrected = rng.random(n) < 0.015
    earlier = current[corrected].copy()
    earlier["minutes"] = np.where(earlier["minutes"] > 30, 20, 40).astype(np.int8)
    earlier["invalid"] = ~earlier["invalid"]
    current.loc[corrected, "delay"] += rng.integers(86_400, 5 * 86_400, corrected.sum()).astype(
        np.int32
    )
    # 1 % more were never absences: registered, then cancelled by a correction to 0 minutes.
    n_lessons = 4
    pick = rng.integers(0, n, n // 100)
    wrong = current.iloc[pick].copy()
    wrong["lesson"] = rng.integers(0, n_lessons, len(wrong)).astype(np.int8)
    key = ["stay", "monday", "day", "lesson"]
    wrong = wrong.drop_duplicates(key)
    taken = pd.MultiIndex.from_frame(wrong[key]).isin(
        pd.MultiIndex.from_frame(reports.loc[reports["stay"].isin(wrong["stay"]), key])
    )
    wrong = wrong[~taken].assign(delay=600)
    cancelled = wrong.assign(minutes=np.int8(0), delay=90_000)
    return pd.concat([current, earlier, wrong, cancelled], ignore_index=True)


def _absence(stays: pd.DataFrame, reports: pd.DataFrame, ids: pa.Array) -> pa.Table:
    stay, lesson = reports["stay"].to_numpy(), reports["lesson"].to_numpy()
    day = reports["day"].to_numpy()
    date = reports["monday"].to_numpy().astype("datetime64[D]") + day
    known, code = np.unique(date, return_inverse=True)
    labels = pa.array(known.astype(str))
    registered = date.astype("datetime64[s]") + (
        _LESSON_SECONDS[lesson] + reports["delay"].to_numpy()
    ).astype("timedelta64[s]")
    subject = _SUBJECT_CYCLE[
        (stays["class_number"].to_numpy()[stay] * 3 + day * 5 + lesson) % len(_SUBJECT_CYCLE)
    ]
    return pa.table(
        {
            "elev_id": ids.take(pa.array(stays["pupil"].to_numpy()[stay])),
            "skolenhetskod": _take(stays["unit"].to_numpy(), stays, stay),
            "datum": labels.take(pa.array(code)),
            "lektion_start": pa.array(LESSON_STARTS).take(pa.array(lesson)),
            "minuter": pa.array(reports["minutes"].to_numpy()),
            "typ": pa.array(["giltig", "ogiltig"]).take(
                pa.array(reports["invalid"].to_numpy().astype(np.int8))
            ),
            "amne": pa.array(subject),
            "registrerad": pc.cast(pa.array(registered), pa.timestamp("s")),
        }
    )


def _pupil_survey(
    scenario: Scenario,
    people: population.Population,
    presence: attendance.Attendance,
    stays: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    sheet = surveys.pupil_survey(scenario, people, presence.stays)
    sheet = sheet.iloc[rng.permutation(len(sheet))].reset_index(drop=True)
    stay = sheet.pop("stay").to_numpy()
    sheet.insert(0, "svars_id", _sheet_ids("E", scenario, len(sheet)))
    sheet.insert(1, "skolenhetskod", stays["unit"].to_numpy()[stay])
    sheet.insert(2, "termin", stays["term"].map(terms.label).to_numpy()[stay])
    sheet.insert(3, "arskurs", stays["grade"].astype(str).to_numpy()[stay])
    return sheet


def _sheet_ids(letter: str, scenario: Scenario, n: int) -> list[str]:
    """Return one identifier an answer sheet, different between blocks."""
    block = f"{scenario.block:03d}-" if scenario.block else ""
    return [f"{letter}{block}{i + 1:06d}" for i in range(n)]


def _staff_survey(
    scenario: Scenario, people: population.Population
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the answer sheets and the number of sheets sent, as exported."""
    sheets, asked = surveys.staff_survey(scenario, people)
    unit = people.schools["unit"].to_numpy()
    school = sheets.pop("school").to_numpy()
    sheets.insert(0, "svars_id", _sheet_ids("P", scenario, len(sheets)))
    sheets.insert(1, "skolenhetskod", unit[school])
    sheets["term"] = sheets["term"].map(terms.label)
    for column in ("timmar_undervisning", "timmar_ovrigt"):
        sheets[column] = _comma(sheets[column])
    sent = pd.DataFrame(
        {
            "skolenhetskod": unit[asked["school"]],
            "termin": asked["term"].map(terms.label),
            "roll": asked["roll"],
            "antal": asked["antal"],
        }
    )
    return sheets.rename(columns={"term": "termin"}), sent
