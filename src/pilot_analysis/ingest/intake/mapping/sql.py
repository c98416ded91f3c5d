"""A mapping's tables as SQL. Names and texts of a mapping reach SQL only quoted."""

import re
from collections.abc import Mapping, Sequence

from pilot_analysis.ingest.intake.mapping.model import Join, TableStep, Terms, Unpivot, Value
from pilot_analysis.ingest.intake.spellings import THOUSANDS
from pilot_analysis.ingest.typed import literal, quote

_PLACE = re.compile(r"\{(\w+)\}")
_FORMATS = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "SS": "%S"}


# Where a row was sent: the number of its file, and in the low bits its row there, 0 where unknown.
SENT, ROW_BITS = "_sent", 32
# What tells a record from others in all that its source has.
RECORD = "_record_hash"
HIDDEN = (SENT, RECORD)

_NUMBER = r"-?[0-9]{1,12}([.,][0-9]+)?"
# Of a record in JSON no row is known. Its numbers have points before decimals and nothing else.
_IN_JSON = f"{SENT} & {(1 << ROW_BITS) - 1} = 0"


def number(text: str) -> str:
    """Return SQL for the number a text holds, or NULL; also where it can be read in two ways."""
    plain = f"translate({text}, ' \u00a0\u202f\u2007', '')"
    clear = (
        f"regexp_full_match({plain}, '{_NUMBER}') AND (NOT regexp_full_match({plain}, '{THOUSANDS}') "
        f"OR {_IN_JSON} AND contains({plain}, '.'))"
    )
    return f"CAST(CASE WHEN {clear} THEN replace({plain}, ',', '.') END AS DOUBLE)"


def written(value: str) -> str:
    """Return SQL for a number as the contract writes it."""
    decimal = f"replace(CAST({value} AS VARCHAR), '.', ',')"
    return (
        f"CASE WHEN {value} = floor({value}) THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) "
        f"WHEN regexp_full_match({decimal}, '{THOUSANDS}') THEN {decimal} || '0' ELSE {decimal} END"
    )


# Swedish clock time is two hours ahead from April to September, and one from November to February.
_PLAINLY_LOCAL = (
    "strlen({0}) = 25 AND ((suffix({0}, '+02:00') AND substr({0}, 6, 2) BETWEEN '04' AND '09') "
    "OR (suffix({0}, '+01:00') AND substr({0}, 6, 2) IN ('11', '12', '01', '02')))"
)
_OFFSET = "right({0}, 1) = 'Z' OR regexp_matches(right({0}, 6), '[+-][0-9]{{2}}:?[0-9]{{2}}$')"


def _local(text: str, form: str) -> str:
    """Return SQL for the Swedish clock time of a time stamp that may have an offset, as text.

    Time zones are looked up only where the offset and the month do not settle it.
    """
    places = {
        "%Y-%m-%d": "left({0}, 10)",
        "%H:%M": "substr({0}, 12, 5)",
        "%Y-%m-%d %H:%M:%S": "replace(left({0}, 19), 'T', ' ')",
    }
    return (
        f"CASE WHEN {_PLAINLY_LOCAL.format(text)} THEN {places[form].format(text)} "
        f"WHEN {_OFFSET.format(text)} THEN strftime(timezone('Europe/Stockholm', "
        f"TRY_CAST({text} AS TIMESTAMPTZ)), '{form}') "
        f"ELSE strftime(TRY_CAST({text} AS TIMESTAMP), '{form}') END"
    )


def _term_number(date: str, autumn_month: int) -> str:
    return f"(2 * year({date}) + (month({date}) >= {autumn_month})::INTEGER)"


def _term_label(n: str) -> str:
    return f"(CASE WHEN {n} % 2 = 1 THEN 'HT' ELSE 'VT' END || ({n} // 2)::VARCHAR)"


def _date(text: str, pattern: str | None) -> str:
    if pattern is None:
        return f"TRY_CAST(left({text}, 10) AS DATE)"
    spelt = re.sub("YYYY|YY|MM|DD|HH|mm|SS", lambda m: _FORMATS[m[0]], pattern.replace("%", "%%"))
    return f"CAST(try_strptime({text}, {literal(spelt)}) AS DATE)"


def _converted(value: Value, text: str) -> str:
    """Return SQL for a converted text, NULL where it is none of the kind."""
    match value.convert:
        case "hours_to_minutes":
            return written(f"round({number(text)} * 60)")
        case "date":
            return f"strftime({_date(text, value.format)}, '%Y-%m-%d')"
        case "local_date":
            return _local(text, "%Y-%m-%d")
        case "week":
            return f"strftime({_date(text, value.format)}, '%G-W%V')"
        case "term":
            return _term_label(_term_number(_date(text, value.format), 7))
        case "time":
            return _local(text, "%H:%M")
        case "timestamp":
            return _local(text, "%Y-%m-%d %H:%M:%S")
        case "year":
            return f"left({text}, 4)"
    return text


def origin(value: Value) -> str:
    """Return SQL for the text that a column's value comes from."""
    if value.value is not None:
        return literal(value.value)
    if value.text is not None:
        parts = _PLACE.split(value.text)
        cells = [quote(p) if i % 2 else literal(p) for i, p in enumerate(parts) if i % 2 or p]
        return " || ".join(cells) or "''"
    if value.first_of:
        filled = [f"nullif({quote(c)}, {literal('')})" for c in value.first_of]
        return f"coalesce({', '.join(filled)})"
    return quote(str(value.from_))


def changed(value: Value, text: str) -> str:
    """Return SQL for a column's value. What cannot be converted stays: the contract tells of it."""
    if value.convert is not None:
        made = _converted(value, text)
        if value.until is not None:
            same = _converted(value, quote(value.until))
            made = f"CASE WHEN {made} = {same} THEN {made} ELSE '' END"
        # Hours must not pass for minutes.
        kept = f"nullif(trim({text}), '') || ' h'" if value.convert == "hours_to_minutes" else text
        text = f"coalesce({made}, {kept})"
    if value.minutes_since is not None:
        begin, end = (f"TRY_CAST({t} AS TIMESTAMPTZ)" for t in (quote(value.minutes_since), text))
        text = f"CAST(date_diff('minute', {begin}, {end}) AS VARCHAR)"
    if value.plus_minutes is not None:
        minutes = f"TRY_CAST({quote(value.plus_minutes)} AS BIGINT)"
        later = f"strftime(DATE '2000-01-01' + TRY_CAST({text} AS TIME) + to_minutes({minutes}), '%H:%M')"
        text = (
            f"CASE WHEN coalesce({minutes}, 0) = 0 THEN {text} ELSE coalesce({later}, {text}) END"
        )
    if value.codes:
        cases = " ".join(f"WHEN {literal(k)} THEN {literal(v)}" for k, v in value.codes.items())
        rest = text if value.otherwise is None else literal(value.otherwise)
        text = f"CASE trim({text}) {cases} ELSE {rest} END"
    return text


def _listed(column: str, codes: Sequence[str]) -> str:
    listed = ", ".join(literal(code) for code in codes)
    return f"coalesce(trim({quote(column)}) IN ({listed}), false)"


def filtered(step: TableStep, base: str) -> str:
    """Return SQL for the rows that a step keeps."""
    rules = []
    for wanted, negated in ((step.keep, False), (step.leave_out, True)):
        for column, codes in wanted.items():
            rule = _listed(column, codes)
            rules.append(f"NOT {rule}" if negated else rule)
    return f"SELECT * FROM {base} WHERE {' AND '.join(rules)}" if rules else f"SELECT * FROM {base}"


def unknown(unpivot: Unpivot, pairs: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return SQL that says whether a row has no cell that says anything, and whether that stops."""
    if unpivot.zeros != "once":
        return "false", "false"
    empty = " AND ".join(f"coalesce(trim({quote(column)}), '') = ''" for _, column in pairs)
    zero = [
        f"coalesce({number(quote(n))} >= {number(quote(full))}, false)"
        for n, full in unpivot.empty_is_zero.items()
    ]
    silent = f"({empty}) AND NOT ({' OR '.join(zero) or 'false'})"
    listed = [_listed(column, codes) for column, codes in unpivot.not_reported.items()]
    return silent, f"{silent} AND NOT ({' OR '.join(listed) or 'false'})"


def unpivoted(unpivot: Unpivot, pairs: Sequence[tuple[str, str]], query: str) -> str:
    """Return SQL that makes a row of each of `pairs` (name written, column)."""
    cells = [f"nullif(trim({quote(column)}), '')" for _, column in pairs]
    silent, _ = unknown(unpivot, pairs)
    selects = []
    for i, (name, _) in enumerate(pairs):
        zero = [f"(coalesce({c}, '0') = '0' OR coalesce({number(c)}, 1) = 0)" for c in cells]
        rule = f"{cells[i]} IS NOT NULL"
        if unpivot.zeros == "once":
            rule = f"NOT {zero[i]}"
            if i == 0:  # also where all are zero
                rule += f" OR ({' AND '.join(zero[1:]) or 'true'}) AND NOT ({silent})"
        value = f"coalesce({cells[i]}, '0')" if unpivot.zeros == "once" else cells[i]
        offset = ""
        if unpivot.offset_to is not None:
            sums = " + ".join(f"coalesce({number(c)}, 0)" for c in cells[:i]) or "0"
            offset = f", CAST({sums} AS BIGINT)::VARCHAR AS {quote(unpivot.offset_to)}"
        selects.append(
            f"SELECT *, {literal(name)} AS {quote(unpivot.names_to)}, "
            f"{value} AS {quote(unpivot.values_to)}{offset} FROM ({query}) WHERE {rule}"
        )
    return " UNION ALL ".join(selects)


def _newest(date: str) -> str:
    table, column = date.split(".", 1)
    return f"(SELECT max(TRY_CAST(left({quote(column)}, 10) AS DATE)) FROM {quote(table)})"


def spread(terms: Terms, query: str) -> str:
    """Return SQL with a row a term that a period touches.

    School years begin on 1 July, but some registers end them on 31 July.
    """
    begin, end = (f"TRY_CAST(left({quote(c)}, 10) AS DATE)" for c in (terms.from_, terms.to))
    if terms.open_until:
        newest = f"greatest({', '.join(map(_newest, terms.open_until))})"
        # A period that begins after everything else still has its first term.
        end = f"least({end}, greatest(coalesce({newest}, {end}), {begin}))"
    first, last = _term_number(begin, 7), _term_number(f"coalesce({end}, {begin})", 8)
    last = f"greatest({last}, {first})"
    back = "".join(
        f", CAST(TRY_CAST({quote(grade)} AS BIGINT) - (({last} - 1) // 2 - (_term - 1) // 2) AS "
        f"VARCHAR) AS {quote(new)}"
        for new, grade in terms.back.items()
    )
    return (
        f"SELECT * EXCLUDE (_term), {_term_label('_term')} AS {quote(terms.into)}{back} FROM "
        f"(SELECT *, unnest(range({first}, {last} + 1)) AS _term FROM ({query}))"
    )


def partner(join: Join) -> str:
    """Return SQL for the columns that a join needs of the other table, equal rows once."""
    keys = [f"{quote(there)} AS _on{i}" for i, there in enumerate(join.on.values())]
    taken = [f"{quote(there)} AS {quote(new)}" for new, there in join.take.items()]
    distinct = f"SELECT DISTINCT {', '.join(keys + taken)} FROM {quote(join.with_)}"
    if join.several == "refuse":
        return distinct
    first = ", ".join(f"min({quote(new)}) AS {quote(new)}" for new in join.take)
    grouped = ", ".join(f"_on{i}" for i in range(len(join.on)))
    return f"SELECT {grouped}, {first} FROM ({distinct}) GROUP BY {grouped}"


def joined(join: Join, query: str) -> str:
    """Return SQL with the other table's columns."""
    same = " AND ".join(f"l.{quote(here)} = r._on{i}" for i, here in enumerate(join.on))
    keys = ", ".join(f"_on{i}" for i in range(len(join.on)))
    how = "LEFT" if join.unmatched == "keep" else "INNER"
    return f"SELECT * EXCLUDE ({keys}) FROM ({query}) l {how} JOIN ({partner(join)}) r ON {same}"


def finished(step: TableStep, query: str, kinds: Mapping[str, str]) -> str:
    """Return SQL for a step's columns, and where each row was sent.

    `kinds` has those of the contract's columns. Decimals of JSON get the comma they must have there.
    """
    # In two layers, since a conversion looks at its text several times.
    made, texts = [], []
    for i, (column, value) in enumerate(step.columns.items()):
        text = origin(value)
        if value.first_of or value.text is not None:
            texts.append(f"{text} AS _text{i}")
            text = f"_text{i}"
        cell = changed(value, text)
        if kinds.get(column) == "decimal":
            cell = f"CASE WHEN {_IN_JSON} THEN coalesce({written(number(cell))}, {cell}) ELSE {cell} END"
        made.append(f"{cell} AS {quote(column)}")
    if texts:
        query = f"SELECT *, {', '.join(texts)} FROM ({query})"
    return f"SELECT {', '.join([*made, SENT])} FROM ({query})"


def unclear(column: str, *, may_be_empty: bool) -> str:
    """Return SQL that says whether a cell cannot be added to others."""
    cell = quote(column)
    empty = f"coalesce(trim({cell}), '') = ''"
    return f"(NOT {empty} AND coalesce({number(cell)} < 0, true))" + (
        "" if may_be_empty else f" OR {empty}"
    )


def summed(step: TableStep, query: str, kinds: Mapping[str, str]) -> str:
    """Return SQL for a step's finished rows, added up; NULL where a cell cannot be added.

    Sums of minutes that the contract wants whole are rounded.
    """
    shown = []
    for column in step.columns:
        cell = quote(column)
        if column not in step.sum:
            shown.append(cell)
            continue
        each = number(cell)
        total = f"sum({each})"
        total = written(f"round({total})" if kinds.get(column) == "integer" else total)
        shown.append(f"CASE WHEN bool_and(coalesce({each} >= 0, false)) THEN {total} END AS {cell}")
    grouped = ", ".join(quote(c) for c in step.columns if c not in step.sum)
    shown.append(f"min({SENT}) AS {SENT}")
    return f"SELECT {', '.join(shown)} FROM ({query}) GROUP BY {grouped or 'ALL'}"
