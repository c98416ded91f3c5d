"""What differs between two runs: parameters, data, versions, and every estimate."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from pilot_analysis import estimates, figures
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.evaluation.claims import headline
from pilot_analysis.report import frame
from pilot_analysis.report.document import html_table
from pilot_analysis.runs import manifest
from pilot_analysis.words import called, words_in

KEYS = [
    *estimates.ABOUT,
    "term",
    "event_time",
    "bound",
]
FIGURES_COMPARED = ["estimate", "std_error", "p_value", "ci_low", "ci_high"]
# Relative to the larger of the two and one: what other processors and Python versions may move.
TOLERANCE = 1e-8
IDENTICAL, EQUAL, DIFFERENT = "identical", "equal within tolerance", "different"


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side.

    `settings` has one row a parameter, input file, version or switch that differs (kind, name, a,
    b); `rows` one an estimate: the keys, `a`, `b`, `change`, `verdict` (identical, equal within
    tolerance, different, only in A, only in B) and which figures are `differing`.
    """

    a: Path
    b: Path
    settings: pd.DataFrame
    rows: pd.DataFrame
    main: pd.DataFrame

    def counts(self) -> dict[str, int]:
        """Return how many estimates have each verdict."""
        return {str(k): int(n) for k, n in self.rows["verdict"].value_counts(sort=False).items()}


def _read(run: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    return manifest.read_manifest(run), manifest.read_estimates(run)


def _differences(kind: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "name": name, "a": a.get(name, "–"), "b": b.get(name, "–")}
        for name in dict.fromkeys([*a, *b])
        if a.get(name) != b.get(name)
    ]


def _settings(a: dict[str, Any], b: dict[str, Any]) -> pd.DataFrame:
    rows = _differences("parameter", a["parameters"], b["parameters"])
    short = [{k: v[:12] for k, v in m["inputs"].items()} for m in (a, b)]
    rows += _differences("input", *short)
    rows += _differences(
        "version", a["versions"] | {"python": a["python"]}, b["versions"] | {"python": b["python"]}
    )
    names = ("synthetic", "lock_sha256", "plan_sha256", "git_commit", "exploratory")
    rows += _differences("run", *({n: m.get(n) for n in names} for m in (a, b)))
    return pd.DataFrame(rows, columns=["kind", "name", "a", "b"])


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Add a number to rows with equal keys, so that each has one counterpart."""
    return table.assign(_n=table.groupby(KEYS, dropna=False).cumcount())


def _verdicts(both: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return each row's verdict, and which of its figures are different."""
    worst = np.zeros(len(both), dtype=int)
    differing = np.full(len(both), "", dtype=object)
    for column in FIGURES_COMPARED:
        a = both[f"{column}_a"].to_numpy(float)
        b = both[f"{column}_b"].to_numpy(float)
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        with np.errstate(invalid="ignore"):
            room = TOLERANCE * np.maximum(1.0, np.fmax(np.abs(a), np.abs(b)))
            near = np.isfinite(a) & np.isfinite(b) & (np.abs(a - b) <= room)
        worst = np.maximum(worst, np.where(same, 0, np.where(near, 1, 2)))
        differing += np.where(same | near, "", f"{column} ")
    words = np.array([IDENTICAL, EQUAL, DIFFERENT])[worst]
    words = np.where(both["_merge"] == "left_only", "only in A", words)
    words = np.where(both["_merge"] == "right_only", "only in B", words)
    return pd.Series(words, both.index), pd.Series(differing, both.index).str.strip()


def compare(a: Path, b: Path) -> Comparison:
    """Compare two finished runs. Raises `PilotError` for a folder that holds none."""
    (manifest_a, table_a), (manifest_b, table_b) = _read(a), _read(b)
    kept = [*KEYS, "_n", *FIGURES_COMPARED, "unit"]
    both = _numbered(table_a)[kept].merge(
        _numbered(table_b)[kept],
        on=[*KEYS, "_n"],
        how="outer",
        suffixes=("_a", "_b"),
        indicator=True,
        sort=False,
    )
    verdicts, differing = _verdicts(both)
    rows = both[KEYS].assign(
        a=both["estimate_a"],
        b=both["estimate_b"],
        change=both["estimate_b"] - both["estimate_a"],
        unit=both["unit_a"].fillna(both["unit_b"]),
        verdict=verdicts,
        differing=differing,
    )
    main = headline(
        rows.assign(
            low_a=both["ci_low_a"],
            high_a=both["ci_high_a"],
            low_b=both["ci_low_b"],
            high_b=both["ci_high_b"],
        )
    )
    return Comparison(a, b, _settings(manifest_a, manifest_b), rows, main)


def comparison_page(found: Comparison, out: Path) -> Path:
    """Write compare.html, its figure and compare.csv into `out`; returns the page."""
    out.mkdir(parents=True, exist_ok=True)
    settings, _ = _read(found.a)
    points = found.main[found.main["unit"] == estimates.PERCENTAGE_POINTS]
    named = found.a.name, found.b.name
    if len(set(named)) == 1:  # runs of the same name in two places
        named = str(found.a), str(found.b)
    figure = figures.compared(points, *named, synthetic=settings["synthetic"])
    figures.save(figure, out / "compare_figure", points)
    estimates.write_csv(found.rows, out / "compare.csv")
    differing = found.rows[~found.rows["verdict"].isin([IDENTICAL, EQUAL])]
    counts = ", ".join(f"{n} {verdict}" for verdict, n in found.counts().items())
    plain = ["model", "estimand", "specification", "term", "event_time", "bound"]
    body = frame.rendered(
        "compare.html",
        a=named[0],
        b=named[1],
        counts=counts,
        settings=_table(found.settings, "What was set otherwise"),
        alt=str(figure.get_label()),
        primary=_table(_in_words(found.main.drop(columns=plain)), "Primary estimates"),
        differing=_table(_in_words(differing), "Every estimate that differs"),
    )
    page = frame.page(
        body,
        title=f"{found.a.name} and {found.b.name}",
        notice=settings["notice"] if settings["synthetic"] else "",
    )
    path = out / "compare.html"
    path.write_text(page, encoding="utf-8")
    return path


def _in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a page's table in words, without columns that no row fills."""
    told = called(table, words_in(ENGLISH))
    return told.loc[:, told.notna().any() & told.ne("").any()].rename(
        columns=lambda name: name.replace("_", " ")
    )


def _table(table: pd.DataFrame, caption: str) -> Markup:
    if table.empty:
        return Markup("<p>Nothing.</p>")
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False, name=None)]
    return Markup(html_table([*table.columns], rows, caption))


def _cell(value: Any) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
