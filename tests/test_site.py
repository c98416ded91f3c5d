"""The reviewers' site in a real browser: from disk, without network, for everybody.

Needs Debian's chromium; where there is none these tests are skipped, but never in CI.
"""

import functools
import json
import os
import re
import shutil

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from conftest import ROOT
from playwright.sync_api import sync_playwright

from pilot_analysis import estimates, plan
from pilot_analysis.catalogue.language import text
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.cli import main
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import board, explorer, gallery, pages, run, site
from pilot_analysis.words import LANGUAGES, capital

pytestmark = pytest.mark.slow  # all of them look at a whole municipality or site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
COMMITTED = ROOT / "reports" / "synthetic"
ATTACK = "<script>document.title='attacked'</script>"

browser_needed = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="needs chromium (apt install chromium)"
)


def build(folder, *, attacked=False):
    """Write the site of the committed run; `attacked` puts a script where a school's name was."""
    table = estimates.read(COMMITTED / "estimates.parquet")
    quality = json.loads((COMMITTED / "quality.json").read_text("utf-8"))
    manifest = json.loads((COMMITTED / "manifest.json").read_text("utf-8"))
    figures = COMMITTED / "figures"
    if attacked:
        left_out = table["model"] == "one school left out"
        table.loc[left_out, "specification"] = ATTACK
        table["specification"] = table["specification"].where(
            table.index != 0, f"=1+1 {ATTACK} \x1b[31m \u202e"
        )
        quality["files"][0]["file"] = f"{ATTACK}.csv"
        quality["school_terms_missing_in_register"] = [ATTACK]
        manifest["parameters"]["exclude_schools"] = [ATTACK, "</script><script>alert(1)</script>"]
        figures = folder / "figures"
        shutil.copytree(COMMITTED / "figures", figures)
        (figures / "balance.txt").write_text(f'" onload="alert(1)" {ATTACK}', "utf-8")
    values = Parameters.model_validate(manifest["parameters"])
    material = board.Material(table, quality, figures, plan.load(), values)
    documents = {language: board.compose(material, language) for language in LANGUAGES}
    run = site.Run(table, quality, manifest, documents, COMMITTED / "notebooks", figures, COMMITTED)
    site.write(run, folder / "site")
    return folder / "site"


@pytest.fixture(scope="module", autouse=True)
def notebooks_rendered_once():
    """The committed notebooks are the same in every site here, and take most of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "render_notebook", functools.cache(pages.render_notebook))
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as driver:
        yield driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )


def test_every_page_s_menu_is_in_its_language(made):
    said = {
        language: {text(f"nav_{name}", language) for name in run.PAGES} for language in LANGUAGES
    }
    for path in sorted(made.rglob("*.html")):
        html = path.read_text("utf-8")
        language = re.search(r'<html lang="(\w+)"', html)[1]
        menu = re.search(rf'<nav aria-label="{text("page_pages", language)}">.*?</nav>', html)[0]
        links = re.findall(r"<a ([^>]*)>([^<]*)</a>", menu)
        own = {words for attributes, words in links if " lang=" not in attributes}
        assert own == said[language], path
        # The way to each other language is in that language, and marked so.
        for other in set(LANGUAGES) - {language}:
            there = [words for attributes, words in links if f' lang="{other}"' in attributes]
            assert there == [capital(text("language_in", other))], path


@pytest.fixture
def page(browser):
    """A page that remembers its console errors, failed scripts and requests."""
    opened = browser.new_page()
    opened.complaints, opened.requests = [], []
    opened.on(
        "console", lambda m: m.type in ("error", "warning") and opened.complaints.append(m.text)
    )
    opened.on("pageerror", lambda e: opened.complaints.append(str(e)))
    opened.on("request", lambda r: opened.requests.append(r.url))
    yield opened
    opened.close()


PAGES = [
    "index.html",
    "plan.html",
    "explorer.html",
    "estimates.html",
    "figures.html",
    "quality.html",
    "report_en.html",
    "report_sv.html",
    *(f"{name}_{language}.html" for name in run.SECTIONS for language in ("en", "sv")),
    "three_reports_en.html",
    "three_reports_sv.html",
    *[f"notebooks/{p.stem}.html" for p in sorted((ROOT / "notebooks").glob("0*.ipynb"))],
]


def test_the_site_is_one_whole_folder(made):
    assert {str(p.relative_to(made)) for p in made.rglob("*.html")} == set(PAGES)
    assert not list(made.rglob("*.partial"))
    assert (made / "estimates.csv").read_bytes() == (COMMITTED / "estimates.csv").read_bytes()


def test_the_site_is_light_enough_to_hand_over(made):
    sizes = {p.name: p.stat().st_size for p in made.rglob("*") if p.is_file()}
    assert {n: s for n, s in sizes.items() if n.endswith(".html") and s > 3_000_000} == {}
    assert sum(sizes.values()) < 15_000_000


def test_links_and_pictures_resolve_inside_the_site(made):
    for path in made.rglob("*.html"):
        text = path.read_text("utf-8")
        anchors = {p: set(re.findall(r'id="([^"]+)"', p.read_text("utf-8"))) for p in {path}}
        for target in re.findall(r'(?:href|src)="([^"]*)"', text):
            if target.startswith(("data:", "https://")):
                continue
            name, _, anchor = target.partition("#")
            linked = (path.parent / name).resolve() if name else path
            assert linked.is_relative_to(made), (path.name, target)
            assert linked.exists(), (path.name, target)
            if anchor and linked.suffix == ".html":
                own = anchors.setdefault(
                    linked, set(re.findall(r'id="([^"]+)"', linked.read_text("utf-8")))
                )
                assert anchor in own, (path.name, target)


@browser_needed
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_from_disk_in_silence_and_is_accessible(made, page, name):
    page.goto((made / name).as_uri())
    page.wait_for_load_state("load")
    assert page.complaints == []
    assert [u for u in page.requests if not u.startswith(("file:", "data:"))] == []
    assert "ynt" in page.locator(".notice").inner_text()
    broken = page.evaluate(
        "[...document.images].filter(i => i.complete && !i.naturalWidth && i.loading !== 'lazy')"
        ".map(i => i.src.slice(0, 80))"
    )
    assert broken == []
    if name.startswith("notebooks/"):
        widest = "Math.max(0, ...[...document.querySelectorAll('table')].map(t => t.scrollWidth))"
        assert page.evaluate(widest) <= 1000, "a forge's reader sees a table of a notebook whole"
    # A long table's rows are all made alike: the first of them speak for the others.
    page.evaluate("document.querySelectorAll('tbody tr:nth-child(n+12)').forEach(r => r.remove())")
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []


@browser_needed
@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_a_narrow_screen_and_paper(made, page, name):
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto((made / name).as_uri())
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    assert page.locator("h1").is_visible()


@browser_needed
def test_the_page_of_two_runs_compared_opens_in_silence_and_fits(page, tmp_path):
    done = CliRunner().invoke(
        main, ["compare", str(COMMITTED), str(COMMITTED), "--out", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((tmp_path / "compare.html").as_uri())
    page.wait_for_load_state("load")
    assert page.complaints == []
    assert [u for u in page.requests if not u.startswith(("file:", "data:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []


def test_decisions_and_method_have_pages_with_the_report_s_own_words(made):
    for language in LANGUAGES:
        report = (made / f"report_{language}.html").read_text("utf-8")
        whole = " ".join(re.sub(r"<[^>]+>", " ", report).split())
        for name in run.SECTIONS:
            section = (made / f"{name}_{language}.html").read_text("utf-8")
            body = re.search(r"<main.*?</main>", section, re.DOTALL)[0]
            said = re.findall(r"<(?:p|li)>(.*?)</(?:p|li)>", body, re.DOTALL)
            assert len(said) >= 2
            for paragraph in said:
                assert " ".join(re.sub(r"<[^>]+>", " ", paragraph).split()) in whole


def test_windows_of_terms_can_be_explored_with_an_interval_for_every_main_question():
    table = estimates.read(COMMITTED / "estimates.parquet")
    manifest = json.loads((COMMITTED / "manifest.json").read_text("utf-8"))
    rows = explorer.explorer_rows(
        table, manifest["parameters"], explorer.read_curves(COMMITTED / "figures")
    )
    bounded = rows[rows["effect"] & ~rows["curve"] & rows["low"].notna()]
    for question in plan.load().primary:
        own = bounded[
            (bounded["outcome"] == question.outcome)
            & bounded["population"].str.startswith(question.population)
        ]
        assert {"HT2017 to HT2020", "HT2018 to HT2020", "HT2017 to VT2020"} <= set(own["window"])
        assert own["specification"].str.contains("without_exceptional_terms").any()


@browser_needed
def test_the_explorer_tells_the_run_s_own_estimates(made, page):
    """Choices picked at random: what is shown is the row of the estimates table."""
    table = estimates.read(COMMITTED / "estimates.parquet")
    manifest = json.loads((COMMITTED / "manifest.json").read_text("utf-8"))
    rows = explorer.explorer_rows(
        table, manifest["parameters"], explorer.read_curves(COMMITTED / "figures")
    )
    steps = ["outcome", "population", "estimator", "window", "inference", "specification"]
    single = rows[~rows.duplicated(steps, keep=False)]
    picked = pd.concat(
        [
            single[single["curve"]].sample(6, random_state=1),
            single[~single["curve"] & single["estimate"].notna()].sample(14, random_state=2),
            single[single["low"] == "unbounded"].head(2),
        ]
    )
    page.goto((made / "explorer.html").as_uri())
    for row in picked.to_dict("records"):
        for step in steps:
            page.locator(f"#{step}").select_option(value=row[step])
        size = f"{row['estimate']:.2f}".replace("-", "−")
        wanted = f"{size} {row['unit']}"
        assert page.locator("#estimate").inner_text() == wanted
        interval = page.locator("#interval").inner_text()
        if row["low"] == "unbounded":
            assert interval.startswith("not bounded")
        elif pd.notna(row["low"]):
            ends = f"{row['low']:.2f} to {row['high']:.2f}".replace("-", "−")
            assert interval.startswith(ends)
        peers = rows[
            (rows["outcome"] == row["outcome"])
            & (rows["unit"] == row["unit"])
            & (rows["population"] == row["population"])
            & rows["estimate"].notna()
            & rows["effect"]
        ]
        curve = peers[peers["curve"]]
        among = curve if len(curve) else peers
        if not row["effect"]:
            assert "no estimate of the effect" in page.locator("#place").inner_text()
        elif len(among) > 1:
            below = int((among["estimate"].round(9) < round(row["estimate"], 9)).sum())
            shown = page.locator("#place").inner_text()
            assert abs(int(shown.split()[0]) - below) <= 1, (row, shown)
            assert f"of {len(among)} " in shown
    assert page.complaints == []


def test_the_explorer_ranks_only_estimates_of_the_effect():
    table = estimates.read(COMMITTED / "estimates.parquet")
    manifest = json.loads((COMMITTED / "manifest.json").read_text("utf-8"))
    rows = explorer.explorer_rows(table, manifest["parameters"], pd.DataFrame())
    ranked = rows[rows["effect"]]
    assert set(ranked["outcome"]) >= {q.outcome for q in plan.load().primary}
    assert not ranked["specification"].str.contains(r"placebo|[+-]\d").any()
    assert not ranked["estimator"].str.contains("placebo|bounds|triple").any()


def test_figures_have_titles_in_words_and_the_order_of_reading(made):
    text = (made / "figures.html").read_text("utf-8")
    titles = re.findall(r"<figure[^>]*><h2>(.*?)</h2>", text)
    assert titles[0] == "How mentors were meant to work"
    assert "Effects: attendance" in titles
    assert not [t for t in titles if "_" in t or " GR" in t or " GY" in t]
    assert len(set(titles)) == len(titles)
    words = words_for("sv", Parameters())
    assert gallery.title("trends_absence_share", words) == "Termin för termin: Frånvaro"


@browser_needed
def test_the_explorer_works_by_keyboard(made, page):
    page.goto((made / "explorer.html").as_uri())
    page.locator("#outcome").focus()
    before = page.locator("#estimate").inner_text()
    page.keyboard.press("ArrowDown")
    assert page.locator("#estimate").inner_text() != before
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "population"


@browser_needed
def test_the_table_sorts_and_filters(made, page):
    page.goto((made / "estimates.html").as_uri())
    head = page.locator("th button", has_text=re.compile("^estimate$"))
    head.click()
    first = page.evaluate(
        "[...document.querySelectorAll('tbody tr')].slice(0, 50)"
        ".map(r => Number(r.cells[4].dataset.value))"
    )
    assert first == sorted(first)
    head.click()
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.locator("#filter").fill("merit lower primary")
    shown = page.locator("tbody tr:visible").count()
    assert 0 < shown < 10
    assert page.locator("#status").inner_text().startswith(f"{shown} of ")


@browser_needed
def test_a_school_named_as_a_script_stays_text(page, tmp_path):
    folder = build(tmp_path, attacked=True)
    dialogs = []
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    for name in PAGES:
        page.goto((folder / name).as_uri())
        assert "attacked" not in page.title(), name
        assert page.complaints == [], name
    assert dialogs == []
    page.goto((folder / "estimates.html").as_uri())
    page.locator("#filter").fill("attacked")
    assert ATTACK in page.locator("tbody tr:visible").first.inner_text()
    # What a spreadsheet would run as a formula begins with an apostrophe.
    frame = pd.read_csv(folder / "estimates.csv", dtype=str, keep_default_na=False)
    assert not frame["specification"].str.startswith(("=", "+", "@")).any()


def test_a_site_of_real_data_shows_no_made_up_pilots(tmp_path):
    table = estimates.read(COMMITTED / "estimates.parquet")
    manifest = json.loads((COMMITTED / "manifest.json").read_text("utf-8"))
    quality = json.loads((COMMITTED / "quality.json").read_text("utf-8")) | {"synthetic": False}
    values = Parameters.model_validate(manifest["parameters"])
    material = board.Material(table, quality, COMMITTED / "figures", plan.load(), values)
    documents = {language: board.compose(material, language) for language in LANGUAGES}
    run = site.Run(
        table,
        quality,
        manifest,
        documents,
        COMMITTED / "notebooks",
        COMMITTED / "figures",
        COMMITTED,
    )
    site.write(run, tmp_path / "site")
    assert not list((tmp_path / "site").glob("three_reports*"))
    for path in (tmp_path / "site").rglob("*.html"):
        assert "three_reports" not in path.read_text("utf-8"), path


@pytest.mark.long
def test_policies_name_only_the_page_s_own_script(made):
    for path in made.rglob("*.html"):
        text = path.read_text("utf-8")
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert " style=" not in re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL)
        scripts = len(re.findall(r"<script>", text))
        assert scripts == policy.count("script-src"), path.name
