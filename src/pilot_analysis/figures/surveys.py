"""Figures of questionnaires, and the pilot's logic."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Patch

from pilot_analysis.catalogue import reasons
from pilot_analysis.figures.style import (
    COMPARISON,
    NEUTRAL,
    PILOT,
    finish,
    groups,
    legend,
    new,
    theme,
)
from pilot_analysis.panel.questionnaires import Questionnaire
from pilot_analysis.words import Language, capital, count, form_name, number, pick

# From disagreement to agreement; neighbours differ in lightness, so that grey print keeps them apart.
_FOUR = ("#A64B00", "#F1A340", "#D8DAEB", "#542788")
_FIVE = ("#A64B00", "#F1A340", "#EFEFEF", "#B2ABD2", "#542788")
_ROLES = {
    "teacher": ("Teachers", "Lärare"),
    "principal": ("Principals", "Rektorer"),
    "mentor": ("Mentors", "Mentorer"),
    "pupil": ("Pupils", "Elever"),
}
_INDICES = {
    "workload_index": ("workload, 1 to 5", "arbetsbelastning, 1 till 5"),
    "safety_index": ("safety, 0 to 10", "trygghet, 0 till 10"),
}


def survey_items(
    shares: pd.DataFrame,
    questionnaire: Questionnaire,
    *,
    school_form: str,
    synthetic: bool,
    language: Language = "en",
) -> Figure:
    """Draw diverging stacked bars, one pair of bars an item: before and after the start.

    `shares` as from `questionnaires.item_shares`; bars are centred between disagreement and
    agreement, a middle answer lying on both sides.
    """
    items = [i for i in questionnaire.items if i in set(shares["item"])]
    figure, axes = new(9.4, 2.0 + 0.42 * len(items), 2, sharey=True, sharex=True)
    answers = questionnaire.answers
    colours = _FOUR if len(answers) == 4 else _FIVE
    periods = (("before", 0.2), ("after", -0.2))
    parts = []
    for axis, group in zip(axes, groups(language), strict=True):
        own = shares[shares["ever_treated"] == group.ever]
        for position, item in enumerate(items[::-1]):
            for period, shift in periods:
                cell = own[(own["item"] == item) & (own["period"] == period)]
                if len(cell):
                    _diverging(axis, position + shift, cell, [a[0] for a in answers], colours)
        numbers = own.groupby("period")["n"].max()
        n = ", ".join(
            f"{_period(p, language)} {count(numbers[p], language)}"
            for p, _ in periods
            if p in numbers
        )
        axis.set_title(f"{capital(group.schools)} ({n})", fontsize=9.5, pad=24)
        axis.axvline(0, color=NEUTRAL, lw=1)
        axis.set_xlabel(
            pick(("Disagree   |   agree (%)", "Instämmer inte   |   instämmer (%)"), language)
        )
        axis.xaxis.set_major_formatter(lambda x, _: f"{abs(x):.0f}")
        axis.grid(axis="y", visible=False)
        parts += _agreement(own, items, answers, group.schools, language)
    axes[0].set_yticks(range(len(items)), items[::-1])
    handles = [
        Patch(color=colour, label=pick((en, sv), language))
        for colour, (_, en, sv) in zip(colours, answers, strict=True)
    ]
    # It is wider than its axes, which are not to make room for it.
    legend(axes[0], handles).set_in_layout(False)
    who, place = pick(_ROLES[questionnaire.role], language), form_name(school_form, language)
    return finish(
        figure,
        title=pick(
            (f"{who} in {place}: what they answered", f"{who} på {place}: vad de svarade"), language
        ),
        caption=pick(
            (
                "Two bars an item: above before the first start, below after it; number of answer "
                "sheets in brackets. Shares of those who answered the item; an answer of fewer than "
                "five is counted with its neighbour. Items are scored so that right is more of what "
                "the index measures.",
                "Två staplar per fråga: överst före första starten, underst efter; antal svar inom "
                "parentes. Andelar av dem som besvarat frågan; ett svar från färre än fem räknas till "
                "grannsvaret. Frågorna är vända så att höger är mer av det indexet mäter.",
            ),
            language,
        ),
        synthetic=synthetic,
        language=language,
        alt=pick(("Diverging stacked bars. ", "Divergerande staplar. "), language)
        + "; ".join(parts)
        + ".",
    )


def _diverging(
    axis: Axes,
    position: float,
    cell: pd.DataFrame,
    scores: Sequence[float],
    colours: Sequence[str],
) -> None:
    shares = 100 * cell.set_index("answer")["share"].reindex(scores).fillna(0).to_numpy()
    half = len(scores) // 2
    left = -shares[:half].sum() - (shares[half] / 2 if len(scores) % 2 else 0)
    for share, colour in zip(shares, colours, strict=True):
        axis.barh(position, share, left=left, height=0.34, color=colour, lw=0)
        left += share


def _agreement(
    own: pd.DataFrame,
    items: Sequence[str],
    answers: Sequence[tuple[float, str, str]],
    schools: str,
    language: Language,
) -> list[str]:
    """Say how many agree, from the least to the most, for those who cannot see the bars."""
    agreeing = [score for score, *_ in answers[(len(answers) + 1) // 2 :]]
    said = []
    for period in ("before", "after"):
        rows = own[(own["period"] == period) & own["answer"].isin(agreeing)]
        agree = 100 * rows.groupby("item")["share"].sum().reindex(items)
        if agree.notna().any():
            low, high = number(agree.min(), language, 0), number(agree.max(), language, 0)
            words = pick((f"{low} to {high} % agree", f"{low} till {high} % instämmer"), language)
            said.append(f"{schools}, {_period(period, language)}: {words}")
    return said


def _period(period: str, language: Language) -> str:
    return pick({"before": ("before", "före"), "after": ("after", "efter")}[period], language)


def survey_roles(means: pd.DataFrame, *, synthetic: bool, language: Language = "en") -> Figure:
    """Draw each role's index side by side, before and after the start, by school form.

    `means` as from `questionnaires.role_means`; withheld groups are named, not drawn.
    """
    roles = [role for role in _ROLES if role in set(means["role"])]
    forms = sorted(set(means["school_form"]))
    theme()
    figure = Figure(figsize=(2.5 * len(roles) + 0.8, 2.5 * len(forms) + 1.4), layout="constrained")
    axes = figure.subplots(len(forms), len(roles), squeeze=False)
    parts = []
    for down, form in enumerate(forms):
        for across, role in enumerate(roles):
            axis = axes[down, across]
            rows = means[(means["school_form"] == form) & (means["role"] == role)]
            index = pick(_INDICES[rows["index"].iloc[0]] if len(rows) else ("", ""), language)
            parts += _role_panel(
                axis, rows, language, f"{pick(_ROLES[role], language)}, {form_name(form, language)}"
            )
            axis.set_title(
                f"{pick(_ROLES[role], language)}: {index}" if down == 0 else "", fontsize=8.5
            )
        axes[down, 0].set_ylabel(capital(form_name(form, language)))
    return finish(
        figure,
        title=pick(("Four roles side by side: index before and after the start",
                    "Fyra roller sida vid sida: index före och efter starten"), language),
        caption=pick(
            ("Mean of schools, each counting once; bars: one standard error over schools. A "
             "description, not an effect. Groups with too few answers are withheld.",
             "Medelvärde av skolor, där varje skola räknas en gång; streck: ett standardfel över "
             "skolor. En beskrivning, inte en effekt. Grupper med för få svar visas inte."),
            language),
        synthetic=synthetic, language=language,
        alt=pick(("Points by period. ", "Punkter per period. "), language) + "; ".join(parts) + ".",
    )  # fmt: skip


def _role_panel(axis: Axes, rows: pd.DataFrame, language: Language, name: str) -> list[str]:
    parts, hidden = [], []
    for group, shift in zip(groups(language), (-0.06, 0.06), strict=True):
        own = rows[rows["ever_treated"] == group.ever].set_index("period")
        if own.empty:
            continue
        x, y, low, high = [], [], [], []
        for at, period in enumerate(("before", "after")):
            if period not in own.index:
                continue
            row = own.loc[period]
            if row["reason"]:
                why = reasons.sentence(row, language)
                hidden.append(f"{group.name}, {_period(period, language)}: {why}")
                continue
            x.append(at + shift)
            y.append(row["mean"])
            low.append(row["low"])
            high.append(row["high"])
        parts += (
            [f"{name}, {group.schools}: {' → '.join(number(v, language) for v in y)}"] if y else []
        )
        axis.vlines(x, low, high, color=group.colour, lw=2)
        axis.plot(x, y, group.style, marker=group.marker, color=group.colour, ms=5)
        if y:
            axis.annotate(group.name, (x[-1], y[-1]), xytext=(6, 0), textcoords="offset points",
                          color=group.colour, va="center", fontsize=8)  # fmt: skip
    if hidden:
        axis.set_xlabel("\n".join(hidden), fontsize=6.5, color=NEUTRAL)
        parts.append(f"{name}: " + ", ".join(hidden))
    axis.set_xlim(-0.3, 1.9)
    axis.set_xticks([0, 1], [_period(p, language) for p in ("before", "after")])
    axis.tick_params(labelsize=8)
    if rows["mean"].isna().all():
        axis.set_yticks([])
    else:
        low_y, high_y = axis.get_ylim()
        middle, half = (low_y + high_y) / 2, max(0.5, (high_y - low_y) / 2)
        axis.set_ylim(middle - half, middle + half)
    return parts


_BOXES: Mapping[str, tuple[float, float, str, str]] = {
    "money": (0, 1, "Full-time mentors\nwho do not teach", "Heltidsmentorer\nsom inte undervisar"),
    "tasks": (1, 1.7, "Tasks move from\nteachers to mentors", "Uppgifter flyttas från\nlärare till mentorer"),
    "follow": (1, 0.3, "Absence is followed\nup, pupils are seen", "Frånvaro följs upp,\nelever blir sedda"),
    "time": (2, 2.2, "C5: teachers have\ntime to teach", "C5: lärarna får tid\natt undervisa"),
    "safe": (2, 1.0, "C6: pupils\nfeel safe", "C6: eleverna\nkänner sig trygga"),
    "there": (2, -0.2, "C1: attendance\nrises", "C1: närvaron\nökar"),
    "goals": (3, 1, "C2: more pupils\nreach the goals", "C2: fler elever\nnår målen"),
}  # fmt: skip
_ARROWS = (("money", "tasks"), ("money", "follow"), ("tasks", "time"), ("follow", "safe"),
           ("follow", "there"), ("time", "goals"), ("safe", "goals"), ("there", "goals"))  # fmt: skip


def logic_model(rivals: str, *, language: Language = "en") -> Figure:
    """Draw how mentors were meant to work, claim by claim.

    `rivals` says, in the same language, what else moves the same figures.
    """
    figure, (axis,) = new(9.2, 3.9)
    axis.axis("off")
    at = {}
    for name, (x, y, en, sv) in _BOXES.items():
        centre = 2.6 * x, 1.15 * y
        at[name] = centre
        outcome = en.startswith("C")
        axis.add_patch(FancyBboxPatch(
            (centre[0] - 0.95, centre[1] - 0.4), 1.9, 0.8, boxstyle="round,pad=0.06",
            fc="#FDF1E7" if outcome else "#EAF2F8", ec=PILOT if outcome else COMPARISON, lw=1.4,
        ))  # fmt: skip
        axis.text(*centre, pick((en, sv), language), ha="center", va="center", fontsize=9)
    for start, end in _ARROWS:
        (x0, y0), (x1, y1) = at[start], at[end]
        axis.annotate(
            "",
            (x1 - 1.04, y1),
            xytext=(x0 + 1.04, y0),
            arrowprops={"arrowstyle": "->", "color": NEUTRAL, "lw": 1.3},
        )
    axis.set_xlim(-1.15, 8.95)
    axis.set_ylim(-0.85, 3.1)
    names = {k: pick((en, sv), language).replace("\n", " ") for k, (_, _, en, sv) in _BOXES.items()}
    steps = "; ".join(f"{names[a]} → {names[b]}" for a, b in _ARROWS)
    return finish(
        figure,
        title=pick(("How full-time mentors were meant to work",
                    "Hur heltidsmentorerna var tänkta att göra nytta"), language),
        caption=f"{rivals}.", synthetic=False, language=language,
        alt=f"{pick(('Boxes and arrows', 'Rutor och pilar'), language)}: {steps}. {rivals}.",
    )  # fmt: skip
