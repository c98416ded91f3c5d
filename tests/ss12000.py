"""A dump in the shape of SS 12000:2020 made from exports of the contract: the same facts.

Objects have the attributes that the standard's OpenAPI description requires, and those the mapping
reads. Identifiers are derived from what they stand for.
"""

import csv
import json
import uuid
from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")
META = {"created": "2021-01-01T00:00:00+01:00", "modified": "2021-01-01T00:00:00+01:00"}


def key(*words):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(words)))


def read(folder, stem):
    rows = []
    for path in sorted(folder.glob(f"{stem}*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows += csv.DictReader(file, delimiter=";")
    return rows


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=SWEDEN).isoformat()


def term_dates(term):
    year = int(term[2:])
    return (
        (f"{year}-08-15", f"{year}-12-22")
        if term[:2] == "HT"
        else (f"{year}-01-08", f"{year}-06-12")
    )


def organisations(folder):
    units = read(folder, "skolor")
    for school in sorted({row["skola"] for row in units}):
        yield {
            "id": key("school", school),
            "meta": META,
            "displayName": school,
            "organisationType": "Skola",
        }
    for row in units:
        yield {
            "id": key("unit", row["skolenhetskod"]),
            "meta": META,
            "displayName": row["skolnamn"],
            "organisationType": "Skolenhet",
            "schoolUnitCode": row["skolenhetskod"],
            "parentOrganisation": {"id": key("school", row["skola"])},
            "schoolTypes": [row["skolform"]],
        }


def persons(folder):
    forms = {row["skolenhetskod"]: row["skolform"] for row in read(folder, "skolor")}
    by_pupil = defaultdict(list)
    for row in read(folder, "elever"):
        by_pupil[row["elev_id"]].append(row)
    for pupil, rows in by_pupil.items():
        enrolments = []
        for row in rows:
            begin, end = term_dates(row["termin"])
            enrolments.append(
                {
                    "enroledAt": {"id": key("unit", row["skolenhetskod"])},
                    "schoolYear": int(row["arskurs"]),
                    "schoolType": forms[row["skolenhetskod"]],
                    "startDate": row.get("inskriven") or begin,
                    "endDate": row.get("avslutad") or end,
                    "cancelled": False,
                    "educationCode": row.get("program", ""),
                }
            )
        first = rows[0]
        yield {
            "id": key("person", pupil),
            "meta": META,
            "givenName": "Test",
            "familyName": "Test",
            "civicNo": {"value": pupil, "nationality": "SE"},
            "sex": "Kvinna" if first["kon"] == "F" else "Man",
            "birthDate": f"{first['fodelsear']}-01-01",
            "personStatus": "Aktiv",
            "enrolments": enrolments,
            "securityMarking": "Sekretessmarkering" if first["skyddad"] == "J" else "Ingen",
        }


def groups(folder):
    members = defaultdict(list)
    for row in read(folder, "elever"):
        members[row["skolenhetskod"], row["klass"], row["termin"]].append(row["elev_id"])
    for (unit, name, term), pupils in members.items():
        begin, end = term_dates(term)
        yield {
            "id": key("class", unit, name, term),
            "displayName": name,
            "groupType": "Klass",
            "startDate": begin,
            "endDate": end,
            "organisation": {"id": key("unit", unit)},
            "studentMemberships": [
                {"person": {"id": key("person", p)}, "startDate": begin, "endDate": end}
                for p in pupils
            ],
        }


SUBJECTS = ("SV", "MA")  # lesson time is split between two activities, and has to be summed


def activities(folder):
    for row in read(folder, "skolor"):
        for subject in SUBJECTS:
            yield {
                "id": key("activity", row["skolenhetskod"], subject),
                "displayName": subject,
                "organisation": {"id": key("unit", row["skolenhetskod"])},
                "startDate": "2017-08-01",
                "calendarEventsRequired": True,
                "groups": [{"id": key("group", row["skolenhetskod"])}],
            }


def lesson_of(row):
    return key("lesson", row["skolenhetskod"], row["datum"], row["lektion_start"])


def calendar_events(folder):
    seen = set()
    for row in read(folder, "franvaro"):
        if lesson_of(row) in seen:
            continue
        seen.add(lesson_of(row))
        start = f"{row['datum']} {row['lektion_start']}"
        yield {
            "id": lesson_of(row),
            "meta": META,
            "startTime": local(start),
            "cancelled": False,
            "endTime": (datetime.fromisoformat(local(start)) + timedelta(minutes=55)).isoformat(),
            "activity": {"id": key("activity", row["skolenhetskod"], "SV")},
        }


def attendances(folder):
    for number, row in enumerate(read(folder, "franvaro")):
        absent = int(row["minuter"])
        yield {
            "id": key("attendance", str(number)),
            "meta": META,
            "isReported": True,
            "calendarEvent": {"id": lesson_of(row)},
            "student": {"id": key("person", row["elev_id"])},
            "attendanceMinutes": max(0, 55 - absent),
            "validAbsenceMinutes": absent if row["typ"] == "giltig" else 0,
            "invalidAbsenceMinutes": absent if row["typ"] == "ogiltig" else 0,
            "reportedTimestamp": local(row["registrerad"]),
        }


def aggregated_attendances(folder):
    for row in read(folder, "undervisningstid"):
        year, week = row["vecka"].split("-W")
        monday = date.fromisocalendar(int(year), int(week), 1)
        offered, reported = int(row["schemalagda_minuter"]), int(row["rapporterade_minuter"])
        for share, subject in zip((1 / 3, None), SUBJECTS, strict=True):
            own = (
                (int(offered * share), int(reported * share))
                if share
                else (offered - int(offered / 3), reported - int(reported / 3))
            )
            yield {
                "activity": {"id": key("activity", row["skolenhetskod"], subject)},
                "student": {"id": key("person", row["elev_id"])},
                "startDate": f"{monday}",
                "endDate": f"{monday + timedelta(days=4)}",
                "attendanceSum": own[1],
                "offeredSum": own[0],
                "reportedSum": own[1],
            }


def syllabuses(folder):
    forms = {row["skolenhetskod"]: row["skolform"] for row in read(folder, "skolor")}
    seen = set()
    for row in read(folder, "betyg"):
        code, points = row["kurskod"], row["poang"]
        if (code, points) not in seen:
            seen.add((code, points))
            form = forms[row["skolenhetskod"]]
            yield {
                "id": key("syllabus", code, points),
                "schoolType": form,
                "subjectCode": f"{form}{form}{code[:3]}01",
                "subjectName": code,
                "official": True,
                **({"courseCode": code} if form == "GY" else {"subjectDesignation": code}),
                **({"points": int(points)} if points else {}),
            }


def grades(folder):
    for number, row in enumerate(read(folder, "betyg")):
        yield {
            "id": key("grade", str(number)),
            "student": {"id": key("person", row["elev_id"])},
            "schoolUnit": {"id": key("unit", row["skolenhetskod"])},
            "registeredBy": {"id": key("teacher")},
            "registeredDate": row["datum"],
            "gradeValue": row["betyg"],
            "finalGrade": True,
            "adaptedStudyPlan": "",
            "semester": row["termin"][:2],
            "year": int(row["termin"][2:]),
            "syllabus": {"id": key("syllabus", row["kurskod"], row["poang"])},
        }


DUMP = {
    "organisations": organisations,
    "persons": persons,
    "groups": groups,
    "activities": activities,
    "calendarEvents": calendar_events,
    "attendances": attendances,
    "aggregatedAttendances": aggregated_attendances,
    "syllabuses": syllabuses,
    "grades": grades,
}
PAGE = 2_000


def write_dump(folder, out):
    """Write the dump: attendances one a line, persons as one array, the others in pages."""
    out.mkdir(parents=True, exist_ok=True)
    for name, objects in DUMP.items():
        found = list(objects(folder))
        if name == "attendances":
            lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in found)
            (out / f"{name}.jsonl").write_text(lines, encoding="utf-8")
        elif name == "persons":
            (out / f"{name}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        else:
            for page, first in enumerate(range(0, len(found), PAGE)):
                text = json.dumps({"data": found[first : first + PAGE], "pageToken": None})
                (out / f"{name}_{page}.json").write_text(text, encoding="utf-8")
