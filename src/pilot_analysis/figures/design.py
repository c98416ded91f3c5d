"""Figures of the design: balance, exposure, size and power."""

import textwrap
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from pilot_analysis import terms
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.words import Words
from pilot_analysis.figures.style import (
    ACCENT,
    COMPARISON,
    NEUTRAL,
    PILOT,
    PRINT_WIDTH,
    SMALL,
    finish,
    legend,
    new,
    term_axis,
    theme,
)
from pilot_analysis.words import Language, capital, decimal, small, words_in

# What Works Clearinghouse: up to the first nothing has to be adjusted for, beyond the second
# adjustment does not suffice (standard deviations).
_ALIKE, _UNLIKE = 0.05, 0.25


def balance(table: pd.DataFrame, *, synthetic: bool, language: Language = ENGLISH) -> Figure:
    """Draw baseline differences in standard deviations, with the What Works Clearinghouse bands."""
    words = words_in(language)
    forms = list(dict.fromkeys(table["school_form"]))
    longest = max(len(table[table["school_form"] == f]) for f in forms)
    figure, axes = new(5.2 * len(forms) + 0.8, 1.9 + 0.38 * longest, len(forms), sharex=True)
    for axis, form in zip(axes, forms, strict=True):
        rows = table[table["school_form"] == form]
        y = np.arange(len(rows))[::-1]
        axis.axvspan(-_ALIKE, _ALIKE, color="#009E73", alpha=0.15, lw=0)
        for edge in (-_UNLIKE, _UNLIKE):
            axis.axvline(edge, color=ACCENT, lw=1.2, ls="--")
        axis.axvline(0, color=NEUTRAL, lw=1)
        axis.plot(rows["hedges_g"], y, "o", color=PILOT)
        names = [textwrap.fill(words.covariate(name, form), 26) for name in rows["covariate"]]
        axis.set_yticks(y, names)
        axis.set_title(capital(words.form(form)), fontsize=10.5)
        axis.set_xlabel(words("figure_balance_axis"))
        axis.grid(axis="y", visible=False)
    reach = 1.12 * max(_UNLIKE, table["hedges_g"].abs().max())
    axes[0].set_xlim(-reach, reach)  # both bands are seen whole, and zero in the middle
    largest = table.loc[table["hedges_g"].abs().fillna(0).idxmax()]
    return finish(
        figure,
        title=words(
            "figure_balance_title",
            covariate=small(words.covariate(largest["covariate"], largest["school_form"])),
            form=words.form(largest["school_form"]),
            g=words.number(largest["hedges_g"], 2),
        ),
        caption=words(
            "figure_balance_caption", small=words.decimal(_ALIKE), large=words.decimal(_UNLIKE)
        ),
        synthetic=synthetic,
        language=language,
        alt=words(
            "figure_balance_alt",
            covariate=words.covariate(largest["covariate"], largest["school_form"]),
            g=decimal(f"{largest['hedges_g']:.2f}", language),
        ),
    )


# By status and organisation (messages `figure_exposure_<name>`): colour and hatch.
_STATUS_STYLE = {
    "none": ("#EDEDED", ""),
    "prestudy": (ACCENT, "\\\\\\"),
    "pilot_class": (PILOT, ""),
    "pilot_targeted": ("#CC79A7", "///"),
    "unknown": ("#000000", ""),
}


def exposure_timeline(
    exposure: pd.DataFrame, *, synthetic: bool, language: Language = ENGLISH
) -> Figure:
    """Draw who was treated when: one row a school, one column a term.

    Colours carry a hatch too, so that they are told apart in grey. What a school had stands behind
    it; where there is no room for that, a legend stands above.
    """
    words = words_in(language)
    schools = list(dict.fromkeys(zip(exposure["school_form"], exposure["school"], strict=True)))
    names = [textwrap.fill(school, 34) for _, school in schools[::-1]]
    lines = [name.count("\n") + 1 for name in names]
    # Between the middles of two names stands half of each.
    row = max(((above + below) / 2 for above, below in pairwise(lines)), default=1)
    figure, (axis,) = new(PRINT_WIDTH, 1.5 + 0.235 * row * len(schools))
    position = {school: i for i, (_, school) in enumerate(schools[::-1])}
    kinds = [
        f"pilot_{row.organisation}" if row.status == "pilot" else str(row.status)
        for row in exposure.itertuples()
    ]
    stretches = _stretches(exposure.assign(kind=kinds))
    for school, kind, first, end in stretches:
        colour, hatch = _STATUS_STYLE[kind]
        axis.barh(
            position[school],
            end - first + 1,
            left=first - 0.5,
            height=0.8,
            color=colour,
            lw=0,
            hatch=hatch,
            edgecolor="white",
        )
    for edge in sorted(set(exposure["term_number"]))[1:]:
        axis.axvline(edge - 0.5, color="white", lw=2.5)
    axis.set_yticks(range(len(schools)), names)
    forms = [form for form, _ in schools[::-1]]
    for i in range(1, len(forms)):
        if forms[i] != forms[i - 1]:
            axis.axhline(i - 0.5, color=NEUTRAL, lw=1)
    term_axis(axis, exposure["term_number"])
    axis.grid(visible=False)
    if not _name_stretches(axis, stretches, position, words):
        handles = [
            Patch(
                facecolor=colour,
                hatch=hatch,
                edgecolor="white",
                label=words(f"figure_exposure_{kind}"),
            )
            for kind, (colour, hatch) in _STATUS_STYLE.items()
            if kind in kinds
        ]
        legend(axis, handles)
    treated = exposure[exposure["status"] == "pilot"].groupby("school")["term_number"].min()
    starts = ", ".join(
        words("figure_exposure_start", school=school, term=terms.label(int(term)))
        for school, term in treated.items()
    )
    return finish(
        figure,
        title=words(
            "figure_exposure_title",
            pilot=f"{len(treated)}",
            schools=f"{len(schools)}",
            first=words.term(terms.label(int(treated.min()))) if len(treated) else "–",
        ),
        caption=words("figure_exposure_caption"),
        synthetic=synthetic,
        language=language,
        alt=words("figure_exposure_alt", starts=starts),
    )


# Terms without mentors that the name of what came before them takes.
_NAME_TERMS = 4


def _stretches(exposure: pd.DataFrame) -> list[tuple[str, str, int, int]]:
    """Return each school's stretches of one kind: school, kind, first and last term."""
    found: list[tuple[str, str, int, int]] = []
    for school, rows in exposure.groupby("school", sort=False):
        for row in rows.sort_values("term_number", kind="stable").itertuples():
            at = int(row.term_number)
            if found and found[-1][0] == school and found[-1][1] == row.kind:
                found[-1] = (*found[-1][:3], at)
            else:
                found.append((str(school), str(row.kind), at, at))
    return found


def _name_stretches(
    axis: Axes,
    stretches: Sequence[tuple[str, str, int, int]],
    position: dict[str, int],
    words: Words,
) -> bool:
    """Write what each school had behind its last term of it; say whether there was room for all."""
    last = max(end for _, _, _, end in stretches)
    named = []
    for i, (school, kind, _, end) in enumerate(stretches):
        if kind == "none":
            continue
        after = stretches[i + 1] if i + 1 < len(stretches) else ("", "", 0, 0)
        free = after[:2] == (school, "none") and after[3] - end >= _NAME_TERMS
        if end != last and not free:
            return False
        named.append((end, position[school], kind))
    for end, at, kind in named:
        axis.annotate(
            words(f"figure_exposure_{kind}"),
            (end + 0.5, at),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=NEUTRAL,
        )
    return True


# Per cent of cases in which a test may find an effect where there is none.
_LEVEL = 5


def size_and_power(study: pd.DataFrame, *, language: Language = ENGLISH) -> Figure:
    """Draw each method's rejection rate under no effect, by design; one point a cell."""
    words = words_in(language)
    # Terms that count equally are the primary's; what other weights buy is in the table.
    study = study[study["terms"] == "equal"]
    study = study.assign(
        method=[
            words("figure_size_method", method=words.test(method), weights=weights)
            for method, weights in zip(study["method"], study["weights"], strict=True)
        ]
    )
    designs = list(dict.fromkeys(study["design"]))
    methods = list(dict.fromkeys(study["method"]))
    theme()
    figure = Figure(figsize=(9.5, 6.6), layout="constrained")
    axes = figure.subplots(2, int(np.ceil(len(designs) / 2)), sharey=True, sharex=True)
    y = {m: i for i, m in enumerate(methods[::-1])}
    for axis, design in zip(axes.ravel(), designs, strict=False):
        rows = study[study["design"] == design]
        axis.axvline(_LEVEL, color=NEUTRAL, lw=1.2)
        position = rows["method"].map(y)
        adverse = rows["sizes"].str.contains("largest") | (rows["error_variance"] != "equal")
        for marker, keep, colour in (("o", ~adverse, COMPARISON), ("x", adverse, PILOT)):
            axis.plot(
                100 * rows["rejection_rate"][keep],
                position[keep],
                marker,
                color=colour,
                ms=5,
                alpha=0.8,
            )
        treated, schools = str(design).split(" of ")
        named = words("figure_size_design", treated=treated, schools=schools)
        axis.set_title(named, fontsize=9.5)
        axis.set_xscale("symlog", linthresh=10)
        axis.set_xticks([0, _LEVEL, 10, 50], ["0", f"{_LEVEL}", "10", "50"])
        axis.set_yticks(list(y.values()), list(y))
    for axis in axes.ravel()[len(designs) :]:
        axis.set_axis_off()
    for axis in axes[-1]:
        axis.set_xlabel(textwrap.fill(words("figure_size_axis"), 30), fontsize=SMALL)
    n = int(study["panels"].min())
    error = 100 * np.sqrt(0.05 * 0.95 / n)
    worst = study.groupby("method")["rejection_rate"].max()
    planned = words("size_method_least_favourable")
    parts = ", ".join(
        words("figure_size_part", method=m, rate=f"{100 * worst[m]:.0f}") for m in methods
    )
    return finish(
        figure,
        title=words(
            "figure_size_title",
            planned=words.number(100 * worst[planned]),
            method=worst.idxmax(),
            worst=words.number(100 * worst.max(), 0),
        ),
        caption=words("figure_size_caption", n=words.count(n), error=words.number(error)),
        synthetic=False,
        language=language,
        alt=words("figure_size_alt", parts=parts),
    )
