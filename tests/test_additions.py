"""What one addition takes, in a copy of the package: a language, an outcome with its unit."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap

import pytest
from conftest import QUOTED, ROOT

BASELINE = ROOT / "tests" / "baseline"
RUN = ROOT / "reports" / "synthetic"
CATALOGUE = "src/pilot_analysis/catalogue"


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the package is and reads, in the languages that tests quote, to add to."""
    for name in ("src", "params"):
        # With its bytecode, which holds until a file is edited.
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.egg-info"))
    for path in (tmp_path / CATALOGUE).glob("*.ftl"):
        if path.stem not in QUOTED:
            path.unlink()
    (tmp_path / "notebooks").mkdir()
    shutil.copyfile(ROOT / "notebooks" / "notebooks.yml", tmp_path / "notebooks" / "notebooks.yml")
    return tmp_path


def python(checkout, *arguments):
    """Run Python on the copy."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(checkout / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def result_of(checkout, program, *arguments):
    """Return what a program, run on the copy, prints as JSON."""
    done = python(checkout, "-c", textwrap.dedent(program), *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- A language ------------------------------------------------------------------------------

NORWEGIAN = "Fravær"


@pytest.fixture
def norwegian(checkout):
    """The copy with one file more: English under the code of Norwegian, one word changed."""
    english = (checkout / CATALOGUE / "en.ftl").read_text(encoding="utf-8")
    old = "outcome_absence_share = Absence\n    .subject = Absence\n"
    assert english.count(old) == 1
    changed = english.replace(old, old.replace("Absence", NORWEGIAN))
    (checkout / CATALOGUE / "nb.ftl").write_text(changed, encoding="utf-8")
    return checkout


DRAW_ALL = """
    import json, sys
    from pathlib import Path
    import numpy as np, pandas as pd
    from matplotlib.text import Text
    from pilot_analysis import description, estimates, figures
    from pilot_analysis.catalogue.language import languages
    from pilot_analysis.catalogue.outcomes import OUTCOMES
    from pilot_analysis.catalogue.words import words_for
    from pilot_analysis.evaluation.checks.curve import CHOICES
    from pilot_analysis.inference import studies
    from pilot_analysis.parameters import Parameters
    from pilot_analysis.report import sentences

    baseline, run = map(Path, sys.argv[1:])
    read = lambda name: pd.read_csv(baseline / f"{name}.csv")
    absence = OUTCOMES["absence_share"]
    texts_of = lambda figure: [t.get_text() for t in figure.findobj(Text)] + [figure.get_label()]
    words = words_for("nb", Parameters())
    table = estimates.read(run / "estimates.parquet")
    told = [sentences.sentence(row, words) for row in table.to_dict("records")
            if row["outcome"] == "absence_share" and row["claim"] == "C1"]
    own = dict(synthetic=True, language="nb")
    rules = read("reversion_absence_share_GR").groupby("rule")
    curve = read("specification_curve_GR").groupby("model")
    effects = read("coefficients_attendance")
    rows = pd.DataFrame({"outcome": ["absence_share"], "school_form": "GR", "population": "all_pupils",
                         "a": [-1.5], "low_a": [-4.5], "high_a": [1.5],
                         "b": [-0.5], "low_b": [-3.5], "high_b": [2.5]})
    plans = pd.DataFrame({"schools": [11, 11], "pupils": 340, "terms_before": 4, "terms_after": 3,
                          "treated": [2, 4], "detectable": [np.inf, 3.5]})
    drawn = {
        "trends": figures.trends(read("trends_absence_share"), absence, starts={}, **own),
        "event_study": figures.event_study(
            read("event_study_absence_share_GR"), absence, school_form="GR", **own),
        "coefficients": figures.coefficients(
            effects, [words.outcome(name) for name in effects["outcome"]], truth=None,
            title="", unit="percentage points", **own),
        "reversion": figures.reversion(
            rules.get_group("the pilot"), rules.get_group("placebo"), absence, "GR", **own),
        "drift": figures.drift(read("drift_absence_share_GR"), absence, population="", **own),
        "exposure_timeline": figures.exposure_timeline(read("exposure_timeline"), **own),
        "balance": figures.balance(read("balance"), **own),
        "published": figures.published(read("published_effects"), **own),
        "specification_curve": figures.specification_curve(
            curve.get_group("specification curve"),
            curve.get_group("specification curve, joint test"),
            choices_of=CHOICES, population="", **own),
        "size_and_power": figures.size_and_power(studies.read(), language="nb"),
        "compared": figures.compared(rows, "a", "b", **own),
        "planned_power": figures.planned_power(
            plans, unit="percentage points", outcome="", language="nb"),
    }
    print(json.dumps({
        "languages": languages(),
        "number": words.number(1234.5),
        "sentences": told,
        "figures": {name: texts_of(figure) for name, figure in drawn.items()},
        "lacking": description.load().lacking("nb"),
    }))
"""


@pytest.mark.slow
def test_a_language_is_one_file(norwegian):
    """Words, numbers, sentences and every figure of results come out in it."""
    found = result_of(norwegian, DRAW_ALL, BASELINE, RUN)
    assert found["languages"] == ["en", "nb", "sv"]
    assert found["number"] == "1234,5"  # English but for one word, and the numbers are Norwegian
    assert found["sentences"]
    for sentence in found["sentences"]:
        assert NORWEGIAN.lower() in sentence.lower()
    for name, texts in found["figures"].items():
        # Names of methods are those of the study's table.
        assert name == "size_and_power" or not decimal_points(" ".join(texts)), name
        if name in ("trends", "event_study", "coefficients", "reversion", "drift"):
            assert any(NORWEGIAN in text for text in texts), name
    assert {"title", "rivals", "laws.GY"} <= set(found["lacking"])


def decimal_points(text):
    """Return the points between digits: numbers that are still written as in English."""
    return [
        text[i - 3 : i + 3]
        for i in range(1, len(text) - 1)
        if text[i] == "." and text[i - 1].isdigit() and text[i + 1].isdigit()
    ]


@pytest.mark.slow
def test_notebooks_draw_the_report_s_figures_in_a_new_language_too(norwegian, tiny_processed):
    program = """
        import json, sys
        from pathlib import Path
        from pilot_analysis import workbench
        places = {"processed_dir": sys.argv[1], "results_dir": sys.argv[2]}
        bench = workbench.start("mine", places)
        bench.draw_trends("absence_share")
        drawn = Path(sys.argv[2]) / "figures"
        made = sorted(path.name for path in drawn.glob("trends*.svg"))
        title = "<title>trends_absence_share_nb</title>" in (drawn / made[1]).read_text()
        workbench.start("mine", places)
        print(json.dumps([made, title, [path.name for path in drawn.iterdir()]]))
    """
    made, title, left = result_of(norwegian, program, tiny_processed, norwegian / "results")
    stem = "trends_absence_share"
    assert made == [f"{stem}.svg", f"{stem}_nb.svg", f"{stem}_sv.svg"]
    assert title
    assert left == []


@pytest.mark.long
def test_a_finished_run_s_report_is_written_again_and_in_a_new_language_too(norwegian):
    """`pilot report`: the same words from the run's own folder, and PDF, HTML and site of the new.

    Nothing is estimated anew; it says which texts lack the language.
    """
    run = norwegian / "run"
    # One notebook is enough for the site.
    left_out = (".work", "site", "report_*", "0[2-9]_*.ipynb")
    shutil.copytree(RUN, run, ignore=shutil.ignore_patterns(*left_out))
    done = python(norwegian, "-m", "pilot_analysis.cli", "report", run)
    assert done.returncode == 0, done.stderr
    assert str(run / "report_nb.pdf") in done.stdout
    assert "evaluation.yml has no nb text for municipality, " in done.stdout
    page = (run / "report_nb.html").read_text(encoding="utf-8")
    assert '<html lang="nb">' in page
    assert NORWEGIAN in page
    digest = re.compile(r"\b[0-9a-f]{64}\b")  # of the code, which the run may be older than
    for language in QUOTED:
        again, before = (
            (folder / f"report_{language}.html").read_text(encoding="utf-8")
            for folder in (run, RUN)
        )
        assert digest.sub("", again) == digest.sub("", before)
    for language in (*QUOTED, "nb"):
        assert (run / f"report_{language}.pdf").read_bytes().startswith(b"%PDF")
    english = (run / "report_en.html").read_text(encoding="utf-8")
    # The notebooks drew no figure in it yet: the report has the English ones, none is lost.
    assert page.count("<figure>") == english.count("<figure>")
    index = (run / "site" / "index.html").read_text(encoding="utf-8")
    assert 'href="report_nb.html" hreflang="nb"' in index
    assert (run / "site" / "report_nb.pdf").exists()


@pytest.mark.slow
def test_commands_and_evaluations_know_a_new_language(norwegian):
    done = python(norwegian, "-m", "pilot_analysis.cli", "check", "--help")
    assert "--language [en|nb|sv]" in done.stdout, done.stderr
    empty = norwegian / "empty"
    empty.mkdir()
    done = python(norwegian, "-m", "pilot_analysis.cli", "check", empty, "--language", "nb")
    assert done.returncode == 1
    assert "skolor*.csv: is missing" in done.stdout + done.stderr
    edit(
        norwegian / "params" / "evaluation.yml",
        "municipality: {sv: Linköping, en: Linköping}",
        "municipality: {sv: Linköping, en: Linköping, nb: Linkøping}",
    )
    program = """
        import json
        from pilot_analysis import description
        found = description.load()
        print(json.dumps([found.municipality.within("nb"), found.author.within("nb"),
                          found.lacking("nb"), found.lacking("en")]))
    """
    name, author, lacking, lacking_english = result_of(norwegian, program)
    assert name == "Linkøping"
    assert author == "the pilot-analysis project"
    assert "municipality" not in lacking
    assert lacking_english == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("nb", ["  evaluation.yml has texts in nb, a language without a file nb.ftl"]),
        ("norsk", "municipality: norsk: is no language's code, such as sv, en or nb"),
    ],
)
def test_a_text_in_a_language_without_a_file_is_told(checkout, code, told):
    edit(
        checkout / "params" / "evaluation.yml",
        "municipality: {sv: Linköping, en: Linköping}",
        f"municipality: {{sv: Linköping, en: Linköping, {code}: Linkøping}}",
    )
    program = """
        import json
        from pilot_analysis import description, errors
        try:
            found = description.load()
        except errors.ParameterError as error:
            print(json.dumps(str(error).split("evaluation.yml: ")[1]))
        else:
            from pilot_analysis.runs import translations
            print(json.dumps(translations.untranslated(found)))
    """
    assert result_of(checkout, program) == told


@pytest.mark.slow
def test_a_language_that_lacks_a_message_says_which(norwegian):
    nb = norwegian / CATALOGUE / "nb.ftl"
    edit(
        nb,
        "outcome_merit = Merit rating\n    .subject = The merit rating\n",
        "outcome_merit = Merit rating\n",
    )
    edit(nb, "figure_balance_axis = Hedges' g (pilot minus comparison)\n", "")
    program = "from pilot_analysis.catalogue.words import Words; Words({!r})"
    done = python(norwegian, "-c", program.format("nb"))
    assert "nb.ftl lacks figure_balance_axis, outcome_merit.subject" in done.stderr
    nb.rename(nb.with_name("norsk.ftl"))
    done = python(norwegian, "-c", program.format("norsk"))
    assert "norsk.ftl: name the file by a code that Babel knows, such as nb.ftl" in done.stderr


# --- An outcome with a unit of its own -------------------------------------------------------

ENTRY = '        Outcome("n_graded", "C2", "grades", 1, scale=1.0{counts}),\n'
MESSAGES = {
    "en": "outcome_n_graded = Grades\n    .subject = The number of grades\nunit_grades = grades\n",
    "sv": "outcome_n_graded = Betyg\n    .subject = Antalet betyg\nunit_grades = betyg\n",
}


def add_outcome(checkout, counts=""):
    """Add the entry of an outcome whose column the panel has already."""
    place = "        # Teachers give no grade to a pupil they have hardly seen"
    edit(checkout / CATALOGUE / "outcomes.py", place, ENTRY.format(counts=counts) + place)


def add_unit(checkout):
    place = '    "grade points": Unit(20.0),\n'
    edit(checkout / CATALOGUE / "units.py", place, place + '    "grades": Unit(20.0),\n')


@pytest.mark.slow
def test_an_outcome_says_what_it_lacks(checkout):
    load = "from pilot_analysis.catalogue.words import Words; Words({!r})"
    add_outcome(checkout, counts=', counts="grades"')
    told = python(checkout, "-c", load.format("en")).stderr
    assert "outcome 'n_graded': catalogue/units.py has no unit 'grades'" in told
    add_unit(checkout)
    told = python(checkout, "-c", load.format("en")).stderr
    assert "outcome 'n_graded': catalogue/units.py counts no 'grades'" in told
    place = '    "subjects": Counted(1.0),\n'
    edit(checkout / CATALOGUE / "units.py", place, place + '    "grades": Counted(0.25),\n')
    for language in ("en", "sv"):
        told = python(checkout, "-c", load.format(language)).stderr
        assert (
            f"{language}.ftl lacks amount_grades, outcome_n_graded, short_grades, unit_grades"
            in (told)
        )
    with (checkout / CATALOGUE / "en.ftl").open("a", encoding="utf-8") as file:
        file.write(MESSAGES["en"].replace("    .subject = The number of grades\n", ""))
    told = python(checkout, "-c", load.format("en")).stderr
    assert "en.ftl lacks amount_grades, outcome_n_graded.subject, short_grades" in told


EVERYWHERE = """
    import json, sys
    from pathlib import Path
    import pandas as pd
    from pilot_analysis import evaluation, panel, workbench
    from pilot_analysis.catalogue.words import words_for
    from pilot_analysis.report import board, sentences
    from pilot_analysis.runs import manifest, pages
    from pilot_analysis.words import LANGUAGES

    processed, run, results = map(Path, sys.argv[1:])
    bench = workbench.start("mine", {"processed_dir": processed, "results_dir": results})
    outcome = panel.OUTCOMES["n_graded"]
    assert outcome in panel.outcomes("C2", "GR")
    rows = [evaluation.claims.evaluate_outcome(bench.panel, outcome, form, bench.parameters)
            for form in bench.panel.school_forms]
    bench.save_estimates(*rows)
    shown = bench.protected(evaluation.headline(pd.concat(rows)))
    bench.draw_trends("n_graded")
    workbench.show(bench.changes("n_graded"))
    table = bench.show_estimates(shown).data
    found = manifest.read_manifest(run)
    whole = pd.concat([manifest.read_estimates(run), shown], ignore_index=True)
    material = pages.material(whole, manifest.read_quality(run), run / "figures", found)
    rows = shown.to_dict("records")
    print(json.dumps({
        "table": table,
        "alt": (results / "figures" / "trends_n_graded.txt").read_text(),
        "answers": bench.answers(shown).data,
        **{language: {
            "sentences": [sentences.sentence(row, words_for(language, bench.parameters)) for row in rows],
            "titles": [sentences.finding(row, words_for(language, bench.parameters)) for row in rows],
            "report": board.html_page(board.compose(material, language)),
        } for language in LANGUAGES},
    }))
"""


@pytest.mark.slow
def test_an_outcome_with_a_new_unit_is_entries_and_messages(checkout, tiny_processed):
    """Two entries (outcome, unit) and a message each in every language carry it everywhere."""
    add_outcome(checkout)
    add_unit(checkout)
    for language, text in MESSAGES.items():
        with (checkout / CATALOGUE / f"{language}.ftl").open("a", encoding="utf-8") as file:
            file.write(text)
    found = result_of(checkout, EVERYWHERE, tiny_processed, RUN, checkout / "results")
    assert "n_graded" not in found["table"]
    assert "Grades" in found["table"]
    assert "unit grades" in found["table"]
    assert "Line chart. Lower secondary" in found["alt"]
    for language, subject, unit in (
        ("en", "number of grades", " grades"),
        ("sv", "ntalet betyg", " betyg"),
    ):
        said = found[language]
        assert all(subject in sentence for sentence in (*said["sentences"], *said["titles"]))
        assert any(unit in sentence for sentence in said["sentences"])
        name = {"en": "Grades", "sv": "Betyg"}[language]
        assert f"<td>{name}</td>" in said["report"]
