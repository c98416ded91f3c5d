"""Grade rules against examples worked by hand."""

import numpy as np
import pytest

from pilot_analysis import grading

SUBJECTS = list(grading.LOWER_SECONDARY_SUBJECTS)


def pupil(default="C", **grades):
    """Return one pupil's points: `default` in every subject unless said otherwise (None: not taken)."""
    letters = dict.fromkeys(SUBJECTS, default) | grades
    return np.array(
        [[np.nan if letters[s] is None else grading.POINTS[letters[s]] for s in SUBJECTS]]
    )


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (pupil("A"), 17 * 20),  # the highest merit value there is: 340
        (pupil("A", M2=None), 16 * 20),
        (pupil("E"), 17 * 10),
        (pupil("C", MA="A", EN="F"), 15 * 15 + 20),  # 15 C, one A, one F
        (pupil("F"), 0),
        (pupil("B", M2="F"), 16 * 17.5),
    ],
)
def test_merit_value(points, expected):
    assert grading.merit_value(points, SUBJECTS)[0] == expected


@pytest.mark.parametrize("other", ["ML", "MLARA", "M1FRA"])
def test_merit_value_takes_the_best_sixteen_and_the_modern_language(other):
    """Another language (A) pushes out the weakest subject (E): 15 C + A + språkval D."""
    points = np.column_stack([pupil("C", BL="E", M2="D"), [[20.0]]])
    assert grading.merit_value(points, [*SUBJECTS, other])[0] == 15 * 15 + 20 + 12.5


@pytest.mark.parametrize(
    ("written", "code", "counts_as"),
    [
        ("MA", "MA", ("MA",)),
        ("ma", "MA", ("MA",)),
        ("GRGRMAT01", "MA", ("MA",)),
        ("Matematik", "MA", ("MA",)),
        ("SVA", "SVA", ("SV",)),
        ("M2DEU", "M2DEU", ("M2",)),
        ("M2 deu", "M2DEU", ("M2",)),
        ("Moderna språk, språkval", "M2", ("M2",)),
        ("M1FRA", "M1FRA", ("M1FRA",)),
        ("ML-ARA", "MLARA", ("MLARA",)),
        ("Modersmål", "ML", ("ML",)),
        ("NO", "NO", ("BI", "FY", "KE")),
        ("Samhällsorienterande ämnen", "SO", ("GE", "HI", "RE", "SH")),
        ("Räkning", None, None),
    ],
)
def test_subjects_are_known_by_code_name_and_syllabus_code(written, code, counts_as):
    assert grading.lower_secondary_subject(written) == code
    if code is not None:
        assert grading.counts_as(code) == counts_as


def test_merit_value_of_a_pupil_without_subjects_is_missing():
    assert np.isnan(grading.merit_value(np.full((1, 17), np.nan), SUBJECTS)[0])


@pytest.mark.parametrize(
    ("points", "vocational", "academic", "social", "science"),
    [
        (pupil("E"), 1, 1, 1, 1),
        (pupil("E", MA="F"), 0, 0, 0, 0),  # core subject failed
        (pupil("F", SV="E", EN="E", MA="E"), 0, 0, 0, 0),  # no other subject
        (pupil("F", SV="E", EN="E", MA="E", BL="E", HKK="E", IDH="E", MU="E", SL="E"), 1, 0, 0, 0),
        # nine others, without geography: not to social science
        (pupil("E", GE="F", HI="F"), 1, 1, 0, 1),
        (pupil("E", FY="F"), 1, 1, 1, 0),
    ],
)
def test_eligibility(points, vocational, academic, social, science):
    expected = {
        "vocational": vocational,
        "academic": academic,
        "academic_social": social,
        "academic_science": science,
    }
    for kind, value in expected.items():
        assert grading.eligible(points, SUBJECTS, kind)[0] == value, kind


def test_eligibility_refuses_an_unknown_kind():
    with pytest.raises(ValueError, match="kind is one of"):
        grading.eligible(pupil(), SUBJECTS, "any")


def test_grade_point_average_is_weighted_by_course_points():
    points = np.array([[20.0, 10.0, np.nan]])  # A of 100, E of 50, no basis of 100
    weights = np.array([[100.0, 50.0, 100.0]])
    assert grading.grade_point_average(points, weights)[0] == pytest.approx((2000 + 500) / 150)
    assert np.isnan(grading.grade_point_average(np.array([[np.nan]]), np.array([[100.0]]))[0])
