"""Figures of questionnaires, and the pilot's logic."""

import textwrap
from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Patch

from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.language import ENGLISH, text
from pilot_analysis.description import Instrument, Instruments, Item, Step, Text
from pilot_analysis.figures.style import (
    COMPARISON,
    NEUTRAL,
    PILOT,
    PRINT_WIDTH,
    SMALL,
    coarse_steps,
    finish,
    groups,
    legend,
    new,
    theme,
)
from pilot_analysis.forms import in_order
from pilot_analysis.words import Language, capital, count, form_name, number, words_in

# From disagreement to agreement; neighbours differ in lightness, so that grey print keeps them apart.
_COLOURS = {
    4: ("#A64B00", "#F1A340", "#D8DAEB", "#542788"),
    5: ("#A64B00", "#F1A340", "#D0D0D0", "#B2ABD2", "#542788"),
}
_PERIODS = ("before", "after")
_WORDING = 46  # signs on a line
_MOST_ACROSS = 4
_INDEX = "index points"


def survey_items(
    shares: pd.DataFrame,
    instrument: Instrument,
    *,
    role: str,
    school_form: str,
    synthetic: bool,
    language: Language = ENGLISH,
) -> Figure:
    """Draw diverging stacked bars, one pair of bars an item: before and after the start.

    `shares` as from `questionnaires.item_shares`; bars are centred between disagreement and
    agreement, a middle answer lying on both sides. Items stand in their own words.
    """
    items = [i for i in instrument.items if i in set(shares["item"])]
    labels = [_wording(instrument.items[item], language) for item in items]
    figure, axes = new(11, 2.0 + 0.46 * len(items), 2, sharey=True, sharex=True)
    steps = instrument.steps
    colours = _COLOURS.get(len(steps)) or sns.color_palette("PuOr", len(steps)).as_hex()
    parts = []
    moved: list[tuple[float, str, float, float]] = []
    for axis, group in zip(axes, groups(language), strict=True):
        own = shares[shares["ever_treated"] == group.ever]
        for position, item in enumerate(items[::-1]):
            for period, shift in zip(_PERIODS, (0.2, -0.2), strict=True):
                cell = own[(own["item"] == item) & (own["period"] == period)]
                if len(cell):
                    _diverging(axis, position + shift, cell, [s.score for s in steps], colours)
        numbers = own.groupby("period")["n"].max()
        n = ", ".join(
            f"{_period(p, language)} {count(numbers[p], language)}"
            for p in _PERIODS
            if p in numbers
        )
        heading = f"{capital(group.schools)} ({n})" if n else capital(group.schools)
        axis.set_title(heading, fontsize=9.5, pad=24)
        axis.axvline(0, color=NEUTRAL, lw=1)
        axis.set_xlabel(text("figure_items_axis", language))
        axis.xaxis.set_major_formatter(lambda x, _: f"{abs(x):.0f}")
        axis.grid(axis="y", visible=False)
        parts += _agreement(own, items, steps, group.schools, language)
        if group.ever:
            moved = _moved(own, items, steps)
    axes[0].set_yticks(range(len(items)), labels[::-1], fontsize=8)
    handles = [
        Patch(color=colour, label=step.within(language))
        for colour, step in zip(colours, steps, strict=True)
    ]
    # It is wider than its axes, which are not to make room for it.
    legend(axes[0], handles).set_in_layout(False)
    named = {
        "who": text(f"figure_role_{role}", language),
        "place": form_name(school_form, language),
    }
    title = text("figure_items", language, named)
    if moved:
        _, item, before, after = max(moved)
        shown = {"first": number(before, language, 0), "second": number(after, language, 0)}
        wording = instrument.items[item].within(language).rstrip(".")
        title = text("figure_items_finding", language, named | shown | {"item": wording})
    return finish(
        figure,
        title=title,
        caption=text("figure_items.caption", language),
        synthetic=synthetic,
        language=language,
        alt=text("figure_items.alt", language, {"parts": "; ".join(parts)}),
    )


def _wording(item: Item, language: Language) -> str:
    """Return an item's words on as many lines as they need, and whether it has been turned."""
    words = item.within(language)
    if item.reversed:
        words = text("figure_item_reversed", language, {"item": words})
    return textwrap.fill(words, _WORDING)


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
    steps: Sequence[Step],
    schools: str,
    language: Language,
) -> list[str]:
    """Say how many agree, from the least to the most, for those who cannot see the bars."""
    agreeing = [step.score for step in steps[(len(steps) + 1) // 2 :]]
    said = []
    for period in _PERIODS:
        rows = own[(own["period"] == period) & own["answer"].isin(agreeing)]
        agree = 100 * rows.groupby("item")["share"].sum().reindex(items)
        if agree.notna().any():
            low, high = number(agree.min(), language, 0), number(agree.max(), language, 0)
            words = text("figure_items_agree", language, {"low": low, "high": high})
            said.append(f"{schools}, {_period(period, language)}: {words}")
    return said


def _moved(
    own: pd.DataFrame, items: Sequence[str], steps: Sequence[Step]
) -> list[tuple[float, str, float, float]]:
    """Return how far agreement to each item moved: distance, item, per cent before and after."""
    agreeing = [step.score for step in steps[(len(steps) + 1) // 2 :]]
    agree = own[own["answer"].isin(agreeing)].groupby(["item", "period"])["share"].sum()
    found = []
    for item in items:
        if all((item, period) in agree.index for period in _PERIODS):
            before, after = (100 * float(agree[item, period]) for period in _PERIODS)
            found.append((abs(after - before), item, before, after))
    return found


def _period(period: str, language: Language) -> str:
    return text(f"figure_period_{period}", language)


def survey_roles(
    means: pd.DataFrame, instruments: Instruments, *, synthetic: bool, language: Language = ENGLISH
) -> Figure:
    """Draw each role's indices side by side, before and after the start, by school form.

    `means` as from `questionnaires.role_means`; `instruments` say what the indices run over.
    Withheld groups are named, not drawn.
    """
    there = set(zip(means["role"], means["index"], strict=True))
    pairs = [(r, i) for r in instruments for i in instruments[r].indices if (r, i) in there]
    forms = in_order(means["school_form"])
    across = min(len(pairs), _MOST_ACROSS)
    chunks = [pairs[at : at + across] for at in range(0, len(pairs), across)]
    theme()
    size = (PRINT_WIDTH, 1.75 * len(chunks) * len(forms) + 1.5)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(chunks) * len(forms), across, squeeze=False)
    parts = []
    for down, (chunk, form) in enumerate((c, f) for c in chunks for f in forms):
        for axis in axes[down, len(chunk) :]:
            axis.set_visible(False)
        for axis, (role, index) in zip(axes[down], chunk, strict=False):
            of = (
                (means["school_form"] == form) & (means["role"] == role) & (means["index"] == index)
            )
            who = text(f"figure_role_{role}", language)
            name = f"{who}, {form_name(form, language)}"
            # Arms are named once a form; colour, line and marker tell them apart in the others.
            first = (role, index) == pairs[0]
            limits = _limits(means.loc[means["index"] == index, "mean"])
            parts += _role_panel(axis, means[of], language, name, named=first, limits=limits)
            own = instruments[role].indices[index]
            span = {"low": f"{own.low:g}", "high": f"{own.high:g}"}
            heading = f"{who}\n{textwrap.fill(text(f'figure_{index}', language, span), 19)}"
            axis.set_title(heading if form == forms[0] else "", fontsize=SMALL)
        axes[down, 0].set_ylabel(capital(form_name(form, language)))
    words = words_in(language)
    rounded = [coarse_steps(own, _INDEX, words) for _, own in means.groupby("index")]
    told = " ".join(dict.fromkeys(filter(None, rounded)))
    alt = text("figure_roles.alt", language, {"parts": "; ".join(parts)})
    return finish(
        figure,
        title=_roles_finding(means, pairs, forms, language) or text("figure_roles", language),
        caption=f"{text('figure_roles.caption', language)} {told}".strip(),
        synthetic=synthetic,
        language=language,
        alt=f"{alt} {told}".strip(),
    )


def _roles_finding(
    means: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    forms: Sequence[str],
    language: Language,
) -> str:
    """Say how far the first index that all of them have moved, pilot and comparison schools."""
    words = words_in(language)
    for role, index in pairs:
        for form in forms:
            rows = means[
                (means["school_form"] == form) & (means["role"] == role) & (means["index"] == index)
            ]
            own = rows.set_index(["ever_treated", "period"])["mean"]
            cells = [[own.get((ever, p), float("nan")) for p in _PERIODS] for ever in (True, False)]
            if pd.isna(cells).any() or coarse_steps(rows, _INDEX, words):
                continue
            pilot, comparison = (
                words("figure_trends_moved", first=words.number(a), last=words.number(b))
                for a, b in cells
            )
            return words(
                "figure_trends_finding",
                outcome=words.outcome(index),
                form=words.form(form),
                unit="",
                pilot=pilot,
                comparison=comparison,
            )
    return ""


def _role_panel(
    axis: Axes,
    rows: pd.DataFrame,
    language: Language,
    name: str,
    *,
    named: bool,
    limits: tuple[float, float],
) -> list[str]:
    parts: list[str] = []
    hidden: dict[str, list[str]] = {}
    for group, shift in zip(groups(language), (-0.06, 0.06), strict=True):
        own = rows[rows["ever_treated"] == group.ever].set_index("period")
        if own.empty:
            continue
        x, y = [], []
        for at, period in enumerate(_PERIODS):
            if period not in own.index:
                continue
            row = own.loc[period]
            if row["reason"]:
                why = reasons.sentence(row, language)
                hidden.setdefault(why, []).append(f"{group.name} {_period(period, language)}")
                continue
            x.append(at + shift)
            y.append(row["mean"])
        parts += (
            [f"{name}, {group.schools}: {' → '.join(number(v, language) for v in y)}"] if y else []
        )
        axis.plot(x, y, group.style, marker=group.marker, color=group.colour, ms=5)
        if y and named:
            axis.annotate(
                group.name,
                (sum(x) / len(x), sum(y) / len(y)),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                color=group.colour,
                fontsize=SMALL,
            )
    nothing = rows["mean"].isna().all()
    if hidden:
        told = [f"{', '.join(whose)}: {why}" for why, whose in hidden.items()]
        parts.append(f"{name}: " + "; ".join(told))
        lines = "\n".join(textwrap.fill(t, 24) for t in (hidden if nothing else told))
        if nothing:
            axis.annotate(
                lines,
                (0.5, 0.5),
                xycoords="axes fraction",
                ha="center",
                va="center",
                fontsize=SMALL,
                color=NEUTRAL,
            )
        else:
            axis.set_xlabel(lines, fontsize=SMALL, color=NEUTRAL)
    axis.set_xlim(-0.3, 1.4)
    axis.set_xticks([0, 1], [_period(p, language) for p in _PERIODS])
    axis.tick_params(labelsize=SMALL)
    if nothing:
        axis.set_yticks([])
        axis.grid(visible=False)
    else:
        axis.set_ylim(*limits)
    return parts


def _limits(means: pd.Series) -> tuple[float, float]:
    """Return one axis for all panels of an index: a unit at least, with room around its means."""
    low, high = (means.min(), means.max()) if means.notna().any() else (0.0, 1.0)
    half = max(0.5, 0.65 * (high - low))
    return (low + high) / 2 - half, (low + high) / 2 + half


def survey_themes(
    counts: pd.DataFrame,
    themes: Mapping[str, Text],
    *,
    synthetic: bool,
    language: Language = ENGLISH,
) -> Figure:
    """Draw how many free-text answers of each role speak of each theme, the most frequent first.

    `counts` as from `questionnaires.themes`: role, theme, n_answers (missing where suppressed);
    `themes` has their words.
    """
    words = words_in(language)
    roles = list(dict.fromkeys(counts["role"]))
    shown = {role: _by_frequency(counts[counts["role"] == role]) for role in roles}
    longest = max(len(rows) for rows in shown.values())
    figure, axes = new(3.1 * len(roles) + 1.6, 1.6 + 0.36 * longest, len(roles))
    said, most = [], []
    for axis, (role, rows) in zip(axes, shown.items(), strict=True):
        names = [themes[t].within(language) if t in themes else t for t in rows["theme"]]
        told = [words("figure_themes_few") if n != n else words.count(n) for n in rows["n_answers"]]
        y = range(len(rows))[::-1]
        bars = axis.barh(y, rows["n_answers"].fillna(0), height=0.6, color=NEUTRAL)
        axis.bar_label(bars, told, padding=3, fontsize=8)
        axis.set_yticks(y, [textwrap.fill(name, 24) for name in names], fontsize=8)
        axis.set_xlim(0, max(1, 1.3 * rows["n_answers"].max()))
        axis.set_ylim(len(rows) - longest - 0.6, len(rows) - 0.4)
        axis.set_xticks([])
        axis.grid(visible=False)
        who = words(f"figure_role_{role}")
        axis.set_title(who, fontsize=10)
        counted = "; ".join(f"{name} {n}" for name, n in zip(names, told, strict=True))
        said.append(f"{who}: {counted}")
        if rows["n_answers"].notna().any():
            most.append(words("figure_themes_most", who=who.lower(), theme=names[0]))
    return finish(
        figure,
        title=words("figure_themes", parts="; ".join(most)),
        caption=words("figure_themes.caption"),
        synthetic=synthetic,
        language=language,
        alt=words("figure_themes.alt", parts=". ".join(said)),
    )


def _by_frequency(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("n_answers", ascending=False, na_position="last", kind="stable")


_BOXES: Mapping[str, tuple[float, float]] = {
    "money": (0, 1),
    "tasks": (1, 1.7),
    "follow": (1, 0.3),
    "time": (2, 2.2),
    "safe": (2, 1.0),
    "there": (2, -0.2),
    "goals": (3, 1),
}
_OUTCOME_BOXES = ("time", "safe", "there", "goals")
_ARROWS = (
    ("money", "tasks"),
    ("money", "follow"),
    ("tasks", "time"),
    ("follow", "safe"),
    ("follow", "there"),
    ("time", "goals"),
    ("safe", "goals"),
    ("there", "goals"),
)


def logic_model(rivals: str, *, language: Language = ENGLISH) -> Figure:
    """Draw how mentors were meant to work, claim by claim.

    `rivals` says, in the same language, what else moves the same figures.
    """
    figure, (axis,) = new(PRINT_WIDTH, 3.5)
    axis.axis("off")
    at = {}
    names = {name: text(f"figure_logic_{name}", language) for name in _BOXES}
    for name, (x, y) in _BOXES.items():
        centre = 2.6 * x, 1.15 * y
        at[name] = centre
        outcome = name in _OUTCOME_BOXES
        axis.add_patch(
            FancyBboxPatch(
                (centre[0] - 0.98, centre[1] - 0.42),
                1.96,
                0.84,
                boxstyle="round,pad=0.06",
                fc="#FDF1E7" if outcome else "#EAF2F8",
                ec=PILOT if outcome else COMPARISON,
                lw=1.4,
            )
        )
        axis.text(*centre, textwrap.fill(names[name], 19), ha="center", va="center", fontsize=SMALL)
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
    steps = [f"{names[a]} → {names[b]}" for a, b in _ARROWS]
    return finish(
        figure,
        title=text("figure_logic", language),
        caption=f"{rivals}.",
        synthetic=False,
        language=language,
        alt=text("figure_logic.alt", language, {"parts": "; ".join(steps), "rivals": rivals}),
    )
