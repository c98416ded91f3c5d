"""The reviewers' site: one folder that opens from disk, with no server and no network.

Summary, rendered notebooks, figures, every estimate, data quality and the specification explorer.
What comes from data is escaped; each page's security policy names its own script and nothing else.
"""

import html
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pilot_analysis import estimates, forked
from pilot_analysis import plan as plans
from pilot_analysis.catalogue.language import ENGLISH, text
from pilot_analysis.catalogue.words import Words
from pilot_analysis.evaluation import subgroups
from pilot_analysis.forms import in_order
from pilot_analysis.parameters import Parameters
from pilot_analysis.plan import Plan
from pilot_analysis.report import document, explorer, frame, gallery, pages, side_by_side, tables
from pilot_analysis.report.document import Document
from pilot_analysis.report.run import SECTIONS, Run, page
from pilot_analysis.words import LANGUAGES, Language

__all__ = ["Run", "write"]


def write(run: Run, out: Path) -> None:
    """Write the site into `out`: made beside it and moved into place, so that it is whole."""
    making = out.with_name(f".{out.name}.partial")
    shutil.rmtree(making, ignore_errors=True)
    (making / "notebooks").mkdir(parents=True)
    (making / "figures").mkdir()
    paths = sorted(run.notebooks.glob("[0-9]*.ipynb"))
    rendered = forked.each(pages.render_notebook, paths)
    notebooks = {path.stem: one for path, one in zip(paths, rendered, strict=True)}
    for path in sorted(run.figures.glob("*.svg")):
        shutil.copyfile(path, making / "figures" / path.name)
    for name in (f"report_{language}.pdf" for language in LANGUAGES):
        shutil.copyfile(run.report / name, making / name)
    estimates.write_csv(run.table, making / "estimates.csv")
    examples = LANGUAGES if run.has_examples else ()
    pages_of_site = {
        "index.html": partial(_summary, run, notebooks),
        "explorer.html": partial(explorer.show, run),
        "estimates.html": partial(tables.every_estimate, run),
        "figures.html": partial(gallery.show, run),
        "quality.html": partial(tables.data_quality, run),
        "plan.html": partial(_plan, run),
        **{f"report_{lang}.html": partial(_report, run, lang) for lang in LANGUAGES},
        **{
            f"{name}_{lang}.html": partial(_section, run, name, lang)
            for name in SECTIONS
            for lang in LANGUAGES
        },
        **{f"three_reports_{lang}.html": partial(_three_reports, run, lang) for lang in examples},
        **{
            f"notebooks/{name}.html": partial(_notebook, run, name, notebooks) for name in notebooks
        },
    }
    forked.each(partial(_put, making), list(pages_of_site.items()))
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        os.replace(out, old)
    os.replace(making, out)
    shutil.rmtree(old, ignore_errors=True)


def _put(folder: Path, page_of_site: tuple[str, Callable[[], str]]) -> None:
    name, content = page_of_site
    (folder / name).write_text(content(), encoding="utf-8")


# --- Summary and reports ---------------------------------------------------------------------


def _summary(run: Run, notebooks: Mapping[str, pages.Rendered]) -> str:
    report = run.reports[ENGLISH]
    first = []
    for block in report.blocks:
        if isinstance(block, document.NewPage):
            break
        first.append(block)
    shown = Document(report.language, report.title, report.notice, first)
    links = "".join(
        f'<li><a href="notebooks/{name}.html">{html.escape(one.title)}</a></li>'
        for name, one in notebooks.items()
    )
    return page(
        run,
        "index.html",
        report.title,
        document.html_body(shown, str) + "<h2>Read on</h2><ul>"
        f"<li>The whole report: {', '.join(_links_to_report(lang) for lang in LANGUAGES)}</li>"
        f"{_link_to_three_reports(run)}"
        f"<li>{_links_to('decisions')}: class or targeted, costs, the next pilot</li>"
        f"<li>{_links_to('method')}: estimand, test and assumptions in words</li>"
        '<li><a href="plan.html">The analysis plan</a>: what was asked, and what changed</li>'
        '<li><a href="explorer.html">Explore the specifications</a>: what other choices give</li>'
        '<li><a href="estimates.html">All estimates</a>, to sort and download</li>'
        '<li><a href="figures.html">Figures</a> and <a href="quality.html">data quality</a></li>'
        f"</ul><h2>Notebooks</h2><ul>{links}</ul>{_provenance(run)}",
    )


def _links_to_report(language: Language) -> str:
    """Return links to the report in a language, which are in that language too."""
    its = "" if language == ENGLISH else f' hreflang="{language}"'
    return (
        f'<a href="report_{language}.html"{its}>{html.escape(text("language_in", language))}</a> '
        f'(<a href="report_{language}.pdf"{its}>PDF</a>)'
    )


def _links_to(name: str) -> str:
    """Return the English link to a page that every language has."""
    return f'<a href="{name}_{ENGLISH}.html">{html.escape(text(f"nav_{name}", ENGLISH))}</a>'


def _link_to_three_reports(run: Run) -> str:
    """Return a link to the page of three made-up pilots, where the site has it."""
    if not run.has_examples:
        return ""
    listed = ", ".join(
        f'<a href="three_reports_{language}.html" hreflang="{language}">'
        f"{html.escape(text('language_in', language))}</a>"
        for language in LANGUAGES
    )
    return f"<li>{html.escape(text('side_title', ENGLISH))}: {listed}</li>"


def _provenance(run: Run) -> str:
    """Return what the run was made from; times and commits stand in manifest.json."""
    found = run.provenance
    parameters = [(k, json.dumps(v, ensure_ascii=False)) for k, v in found["parameters"].items()]
    made = [
        ("analysis plan, SHA-256", found["plan_sha256"]),
        ("locked dependencies, SHA-256", found["lock_sha256"]),
        *found["versions"].items(),
    ]
    inputs = list(found["inputs"].items())
    return (
        '<h2 id="provenance">Parameters and provenance</h2>'
        + document.html_table(("parameter", "value"), parameters, "Parameters of the run")
        + document.html_table(("what", "which"), made, "Made with")
        + document.html_table(("file", "SHA-256"), inputs, "Exports read")
    )


_TEST = ("school form", "pilot schools", "comparison schools", "method", "degrees of freedom")


def _spaced(code: str) -> str:
    return code.replace("_", " ")


def _listed(codes: Sequence[str], kind: str, words: Words) -> str:
    """Return codes in words: by the messages of a kind, where there are any."""
    named = (f"{kind}_{code}" for code in codes)
    told = [
        words(name) if words.has(name) else _spaced(code)
        for code, name in zip(codes, named, strict=True)
    ]
    return ", ".join(told) or "none"


def _in_words(value: object, words: Words) -> str:
    name = f"method_{value}"
    return words(name) if words.has(name) else str(value)


def _plan(run: Run) -> str:
    """Return what was asked before outcomes were seen, how it was to be answered, what changed."""
    planned_then = run.provenance.get("plan")
    plan = Plan.model_validate(planned_then) if planned_then else plans.load()
    values = Parameters.model_validate(run.provenance["parameters"])
    digest = run.provenance["plan_sha256"]
    words = run.words
    forms = in_order(run.table["school_form"])
    asked = [
        (
            words(f"question_{q.claim}"),
            words.outcome(q.outcome, *forms),
            words.population(q.population),
        )
        for q in plan.primary
    ]
    interest = [
        (words.outcome(name, *forms), size)
        for name, size in plan.evidence.smallest_effect_of_interest.items()
    ]
    tests = [
        (words.form(form), *(_in_words(value, words) for value in test.model_dump().values()))
        for form, test in plan.tests.items()
    ]
    limits = [
        ("a drift this many times the largest earlier change", plan.warnings.breakdown_below),
        ("Hedges' g before the start", plan.warnings.baseline_g),
        (
            "moved by more than the smallest effect",
            _listed(plan.warnings.sensitivity_moves, "variant", words),
        ),
        ("not where drawn by lot", _listed(plan.warnings.not_where_drawn_by_lot, "warning", words)),
        ("imputation beside the answer: share missing", plan.missing_outcomes.imputation_above),
        ("warnings that strong evidence may have", plan.evidence.strong_up_to_warnings),
        ("warnings that moderate evidence may have", plan.evidence.moderate_up_to_warnings),
        (subgroups.MODEL, _listed(plan.subgroups, "", words)),
    ]
    planned = [(k, json.dumps(v)) for k, v in plan.parameters.items()]
    amended = [(str(a.date), a.changed, a.reason) for a in plan.amendments]
    departed = [
        (d["parameter"], str(d["planned"]), str(d["used"])) for d in plans.departures(plan, values)
    ]
    body = (
        "<h1>The analysis plan</h1>"
        f"<p>Frozen on {plan.frozen}. SHA-256 of the plan and of the code that computes the "
        f"primary estimates: <code>{html.escape(digest)}</code>.</p>"
        + document.html_table(("question", "outcome", "population"), asked, "Primary questions")
        + f"<p>Estimand: {_spaced(plan.estimand)}. Model: {html.escape(plan.estimator.model)}"
        + (f": {html.escape(plan.estimator.equation.strip())}" if plan.estimator.equation else "")
        + f". The first step adjusts for {', '.join(map(_spaced, plan.estimator.first_step))}; a missing one is a "
        f"level of its own. "
        f"P-values of a school form are adjusted by {plan.multiplicity}'s method. "
        f"Joint test of a question: {plan.joint_test or 'none'}. "
        f"Effect sizes: {', '.join(map(_spaced, plan.effect_sizes)) or 'none'}.</p>"
        + (document.html_table(_TEST, tests, "Tests that the design resolves to") if tests else "")
        + document.html_table(("outcome", "in its unit"), interest, "Smallest effect of interest")
        + document.html_table(("warning", "limit"), limits, "Warnings and missing data")
        + document.html_table(("parameter", "value"), planned, "The planned run")
        + document.html_table(("date", "changed", "reason"), amended, "Amendments")
        + (
            document.html_table(("parameter", "planned", "used"), departed, "This run departs")
            if departed
            else "<p>This run departs from the plan in nothing.</p>"
        )
    )
    return page(run, "plan.html", "The analysis plan", body)


def _report(run: Run, language: Language) -> str:
    return _text(run, run.reports[language], "report")


def _section(run: Run, name: str, language: Language) -> str:
    """Return one section of the report as a page of its own."""
    report, title = run.reports[language], text(f"report_{name}", language)
    inside, blocks = False, []
    for block in report.blocks:
        if isinstance(block, document.Heading) and block.level == 1:
            inside = block.text == title
        if inside:
            blocks.append(block)
    shown = replace(report, title=title, blocks=blocks[1:], imprint="")
    return _text(run, shown, name)


def _text(run: Run, shown: Document, name: str) -> str:
    """Return a page of the report's text in its language."""
    return frame.page(
        document.html_body(shown, lambda path: f"figures/{path.name}"),
        title=shown.title,
        notice=shown.notice,
        language=shown.language,
        kind="text",
        links=run.links(shown.language, name),
        here=f"{name}_{shown.language}.html",
    )


def _three_reports(run: Run, language: Language) -> str:
    """Return the page of three made-up pilots in a language."""
    title = text("side_title", language)
    shown = Document(language, title, "", side_by_side.blocks(side_by_side.read(), language))
    return frame.page(
        document.html_body(shown, str),
        title=title,
        notice=text("side_notice", language),
        language=language,
        links=run.links(language, "three_reports"),
        here=f"three_reports_{language}.html",
    )


# --- Notebooks -------------------------------------------------------------------------------


def _notebook(run: Run, name: str, notebooks: Mapping[str, pages.Rendered]) -> str:
    own = notebooks[name]
    up = [replace(link, target=f"../{link.target}") for link in run.links()]
    sections = "".join(
        f'<li><a href="#{html.escape(anchor)}">{html.escape(text)}</a></li>'
        for anchor, text in own.sections
    )
    others = "".join(
        f'<li><a href="{other}.html"{" aria-current=page" if other == name else ""}>'
        f"{html.escape(one.title)}</a></li>"
        for other, one in notebooks.items()
    )
    parameters = [(k, json.dumps(v, ensure_ascii=False)) for k, v in own.parameters.items()]
    top = (
        f'<nav aria-label="Notebooks"><ul>{others}</ul></nav>'
        f'<nav aria-label="Sections"><ul>{sections}</ul></nav>'
        "<details><summary>Parameters and provenance</summary>"
        + document.html_table(("parameter", "value"), parameters, "Parameters of this notebook")
        + '<p><a href="../index.html#provenance">What the run was made from</a></p></details>'
    )
    return frame.page(top + own.body, title=own.title, notice=run.notice, links=up, here="")
