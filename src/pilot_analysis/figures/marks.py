"""What happened to all schools, marked in figures over time: the start, a pandemic, remote teaching."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from pilot_analysis import terms
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.words import Words
from pilot_analysis.description import Text
from pilot_analysis.figures.style import NEUTRAL, SMALL
from pilot_analysis.words import words_in

# Of an axis' height, kept free above the data for the marks' names.
_HEADROOM = 0.19


@dataclass(frozen=True)
class MarkedTerm:
    """A term of a school form that stands out: what it is called, and how much was taught remotely."""

    school_form: str
    term_number: int
    name: Text | None = None
    remote_share: float = 0.0


def start(axis: Axes, at: float, words: Words, *, named: bool = True) -> None:
    """Draw the line before the first term with mentors, and say what it is where it is `named`."""
    axis.axvline(at, color=NEUTRAL, lw=1, ls=":")
    if not named:
        return
    axis.annotate(
        words("figure_trends_start"),
        (at, 0.0),
        xycoords=("data", "axes fraction"),
        xytext=(-2, 3),
        textcoords="offset points",
        rotation=90,
        ha="right",
        fontsize=SMALL,
        color=NEUTRAL,
    )


def mark_terms(
    axes: Mapping[str, Axes],
    starts: Mapping[str, Sequence[float]],
    marked: Sequence[MarkedTerm],
) -> None:
    """Mark starts and `marked` terms on axes of terms as categories, one a school form.

    As seaborn's figure-level functions draw them; the axes share their limits.
    """
    words = words_in(ENGLISH)
    if marked and axes:
        make_room(next(iter(axes.values())))
    for form, axis in axes.items():
        named = getattr(axis.xaxis.get_units(), "_mapping", {})
        places = {terms.number(name): int(place) for name, place in named.items()}
        for first in starts.get(form, []):
            if int(first) in places:
                start(axis, places[int(first)] - 0.5, words)
        spans, remote = of_form(marked, form, places, words)
        inside = {name: [places[n] for n in numbers] for name, numbers in spans.items()}
        shade(axis, inside, [places[n] for n in remote], words)


def make_room(axis: Axes) -> None:
    """Leave room above the data for the names of marked terms; axes that share it need it once."""
    low, high = axis.get_ylim()
    axis.set_ylim(top=high + _HEADROOM * (high - low))


def shade(
    axis: Axes, spans: Mapping[str, Collection[int]], remote: Collection[int], words: Words
) -> None:
    """Shade named stretches of an axis of whole numbers, and hatch those taught remotely.

    `spans` has the places of each name on the axis.
    """
    for name, places in spans.items():
        for first, last in _stretches(places):
            axis.axvspan(first - 0.5, last + 0.5, color=NEUTRAL, alpha=0.13, lw=0, zorder=0)
            _say(axis, name, (first + last) / 2, 0)
    for first, last in _stretches(remote):
        axis.axvspan(
            first - 0.5, last + 0.5, fc="none", ec=NEUTRAL, alpha=0.3, hatch="////", lw=0, zorder=0
        )
        _say(axis, words("figure_marked_remote"), (first + last) / 2, 1 if spans else 0)


def _say(axis: Axes, text: str, at: float, line: int) -> None:
    axis.annotate(
        text,
        (at, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, -2 - 1.25 * SMALL * line),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=SMALL,
        color=NEUTRAL,
    )


def of_form(
    marked: Sequence[MarkedTerm], school_form: str, shown: Iterable[float], words: Words
) -> tuple[dict[str, list[int]], list[int]]:
    """Return a school form's marks among the terms shown: places by name, and remote terms."""
    own = [m for m in marked if m.school_form == school_form and m.term_number in set(shown)]
    spans: dict[str, list[int]] = {}
    for mark in own:
        if mark.name is not None:
            spans.setdefault(mark.name.within(words.language), []).append(mark.term_number)
    return spans, [m.term_number for m in own if m.remote_share > 0]


def since_start(places: Sequence[int], starts: Sequence[float]) -> list[int]:
    """Return terms as terms since the start: those at which any of the schools was in one.

    >>> since_start([4040, 4041], [4039.0, 4040.0])
    [0, 1, 2]
    """
    return sorted({int(place - first) for place in places for first in starts})


def told(marked: Sequence[MarkedTerm], words: Words) -> str:
    """Return a sentence on the shares taught remotely; empty where nothing was."""
    shares = {
        mark.term_number: mark.remote_share
        for mark in sorted(marked, key=lambda m: m.term_number)
        if mark.remote_share > 0
    }
    if not shares:
        return ""
    parts = [
        words(
            "figure_marked_share",
            share=words.percent(round(share, 2)),
            term=words.term(terms.label(number)),
        )
        for number, share in shares.items()
    ]
    return words("figure_marked_hatched", terms=words.listed(parts))


def _stretches(places: Collection[int]) -> list[tuple[int, int]]:
    """Return whole numbers as stretches without a gap: (first, last)."""
    found: list[tuple[int, int]] = []
    for place in sorted(places):
        if found and place == found[-1][1] + 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found
