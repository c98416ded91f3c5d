"""Figures of the design: balance, exposure, size and power."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from pilot_analysis import terms
from pilot_analysis.figures.style import (
    ACCENT,
    COMPARISON,
    NEUTRAL,
    PILOT,
    finish,
    legend,
    new,
    term_axis,
    theme,
)
from pilot_analysis.words import Language, capital, covariate_name, form_name, pick


def balance(table: pd.DataFrame, *, synthetic: bool) -> Figure:
    """Draw baseline differences in standard deviations, with the What Works Clearinghouse bands."""
    forms = list(dict.fromkeys(table["school_form"]))
    longest = max(len(table[table["school_form"] == f]) for f in forms)
    figure, axes = new(5.2 * len(forms) + 0.8, 1.9 + 0.34 * longest, len(forms), sharex=True)
    for axis, form in zip(axes, forms, strict=True):
        rows = table[table["school_form"] == form]
        y = np.arange(len(rows))[::-1]
        axis.axvspan(-0.05, 0.05, color="#009E73", alpha=0.15, lw=0)
        for edge in (-0.25, 0.25):
            axis.axvline(edge, color=ACCENT, lw=1.2, ls="--")
        axis.axvline(0, color=NEUTRAL, lw=1)
        axis.plot(rows["hedges_g"], y, "o", color=PILOT)
        axis.set_yticks(y, [covariate_name(name, "en") for name in rows["covariate"]])
        axis.set_title(capital(form_name(form, "en")), fontsize=10.5)
        axis.set_xlabel("Hedges' g (pilot minus comparison)")
        axis.grid(axis="y", visible=False)
    largest = table.loc[table["hedges_g"].abs().fillna(0).idxmax()]
    return finish(
        figure,
        title="Pilot and comparison pupils before the pilot",
        caption="Last term before the first start. Green: within 0.05 standard deviations; beyond "
        "the dashed lines (0.25) adjustment does not suffice (What Works Clearinghouse).",
        synthetic=synthetic,
        alt=f"Dot plot of baseline differences in standard deviations. The largest is "
        f"{covariate_name(largest['covariate'], 'en')} ({largest['hedges_g']:.2f}).",
    )


_STATUS_STYLE = {
    "none": ("#EDEDED", "", "no mentors", "inga mentorer"),
    "prestudy": (ACCENT, "...", "pre-study", "förstudie"),
    "pilot class": (PILOT, "", "pilot, whole classes", "pilotskola, hela klasser"),
    "pilot targeted": ("#CC79A7", "///", "pilot, targeted pupils", "pilotskola, riktat till vissa"),
    "unknown": ("#000000", "", "unknown", "okänt"),
}


def exposure_timeline(
    exposure: pd.DataFrame, *, synthetic: bool, language: Language = "en"
) -> Figure:
    """Draw who was treated when: one row a school, one column a term.

    Colours carry a hatch too, so that they are told apart in grey.
    """
    schools = list(dict.fromkeys(zip(exposure["school_form"], exposure["school"], strict=True)))
    figure, (axis,) = new(8.4, 1.6 + 0.3 * len(schools))
    position = {school: i for i, (_, school) in enumerate(schools[::-1])}
    used = []
    for row in exposure.itertuples():
        kind = f"pilot {row.organisation}" if row.status == "pilot" else str(row.status)
        colour, hatch, *_ = _STATUS_STYLE[kind]
        used.append(kind)
        axis.barh(
            position[row.school], 0.94, left=row.term_number - 0.47, height=0.8, color=colour,
            lw=0, hatch=hatch, edgecolor="white",
        )  # fmt: skip
    axis.set_yticks(list(position.values()), [f"{s}" for s in position])
    forms = [form for form, _ in schools[::-1]]
    for i in range(1, len(forms)):
        if forms[i] != forms[i - 1]:
            axis.axhline(i - 0.5, color=NEUTRAL, lw=1)
    term_axis(axis, exposure["term_number"])
    axis.grid(visible=False)
    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=pick((en, sv), language))
        for kind, (colour, hatch, en, sv) in _STATUS_STYLE.items()
        if kind in used
    ]
    legend(axis, handles)
    treated = exposure[exposure["status"] == "pilot"].groupby("school")["term_number"].min()
    since = pick(("from", "från"), language)
    starts = ", ".join(f"{s} {since} {terms.label(int(t))}" for s, t in treated.items())
    return finish(
        figure,
        title=pick(("Who had full-time mentors when", "Vilka som hade heltidsmentorer när"),
                   language),
        caption=pick(("From the exposure register, the only source of who is treated.",
                      "Ur exponeringsregistret, den enda källan till vilka som deltog."), language),
        synthetic=synthetic, language=language,
        alt=pick((f"Timeline of schools by term. Pilot schools: {starts}.",
                  f"Tidslinje över skolor och terminer. Pilotskolor: {starts}."), language),
    )  # fmt: skip


def size_and_power(study: pd.DataFrame) -> Figure:
    """Draw each method's rejection rate under no effect, by design; one point a cell."""
    # Terms that count equally are the primary's; what other weights buy is in the table.
    study = study[study["terms"] == "equal"]
    by = study["weights"].map({"schools": "", "pupils": ", by pupils"})
    study = study.assign(method=study["method"] + by)
    designs = list(dict.fromkeys(study["design"]))
    methods = list(dict.fromkeys(study["method"]))
    theme()
    figure = Figure(figsize=(9.5, 6.6), layout="constrained")
    axes = figure.subplots(2, int(np.ceil(len(designs) / 2)), sharey=True, sharex=True)
    y = {m: i for i, m in enumerate(methods[::-1])}
    for axis, design in zip(axes.ravel(), designs, strict=False):
        rows = study[study["design"] == design]
        axis.axvline(5, color=NEUTRAL, lw=1.2)
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
        axis.set_title(f"{design} treated", fontsize=9.5)
        axis.set_xscale("symlog", linthresh=10)
        axis.set_xticks([0, 5, 10, 50], ["0", "5", "10", "50"])
        axis.set_yticks(list(y.values()), list(y))
    for axis in axes.ravel()[len(designs) :]:
        axis.set_axis_off()
    figure.supxlabel("Rejections of a true null (%)", fontsize=9.5)
    n = int(study["panels"].min())
    error = 100 * np.sqrt(0.05 * 0.95 / n)
    worst = study.groupby("method")["rejection_rate"].max()
    parts = ", ".join(f"{m} at most {100 * worst[m]:.0f} %" for m in methods)
    return finish(
        figure,
        title="How often each method finds an effect where there is none (should be 5 %)",
        caption=f"Simulated panels, at least {n:,} a cell; Monte-Carlo error about {error:.1f} "
        "points at 5 %. Dots: treated schools like the "
        "others; crosses: the largest schools treated, or schools noisier when treated.",
        synthetic=False,
        alt=f"Dot plot of rejection rates under no effect. Worst case: {parts}.",
    )
