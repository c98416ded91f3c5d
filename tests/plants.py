"""Leaks planted in files of every kind, in their variants, and the same files without them.

`clean()` gives a file of each kind that may leave; each plant is one of those with one thing more.
All numbers are the Swedish Tax Agency's printed examples or made up.
"""

import base64
import io
import json
import struct
import zlib
from collections.abc import Iterator

import nbformat
import pandas as pd
import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq
import typst
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pilot_analysis import estimates

PERSON = "19811218-9876"
PSEUDONYM = "0123456789abcdef0123456789abcdef"
MAIL = "kanarie.fagelsson@example.org"

SPELLINGS = [
    PERSON,
    "811218-9876",
    "8112189876",
    "198112189876",
    "811218+9876",
    "1981-12-18-9876",
    "1981-12-18 9876",
    "2002-02-11-2397",
    "19811218\u20139876",
    "19811218\u22129876",
    "19811218\u20119876",
    "19811218 9876",
    "19811218 - 9876",
    "19811218\u00a09876",
    "1981 12 18 9876",
    "1981/12/18-9876",
    "1981.12.18-9876",
    "81-12-18-9876",
    "pnr198112189876",
    "x811218-9876y",
    "ID_19811218_9876",
    "198112189876.0",
    "198112189876.00",
    "8112189876.0",
    "198,112,189,876",
    "198 112 189 876",
    "198.112.189.876",
    "1.98112189876e+11",
    "1,98112189876E+11",
    "8.112189876e9",
    "701063-2391",
    "197010632391",
    "20020211-TF12",
    "020211TF12",
    "19811218-T123",
    "811218r123",
    "1981\u200b1218\u00ad-9876",
    "\uff11\uff19\uff18\uff11\uff11\uff12\uff11\uff18\uff0d\uff19\uff18\uff17\uff16",
    "\u0661\u0669\u0668\u0661\u0661\u0662\u0661\u0668-\u0669\u0668\u0667\u0666",
]
OTHER_PERSONS = [
    MAIL,
    PSEUDONYM,
    "070-123 45 67",
    "0701234567",
    "+46 70 123 45 67",
    "013-20 60 00",
    "0046701234567",
]


def picture(texts: dict[str, str] | None = None, *, packed: bool = False) -> bytes:
    written, info = io.BytesIO(), PngInfo()
    for name, text in ({"Title": "A figure"} | (texts or {})).items():
        info.add_text(name, text, zip=packed)
    Image.new("RGB", (3, 2)).save(written, "PNG", pnginfo=info)
    return written.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def before_end(png: bytes, more: bytes) -> bytes:
    return png[:-12] + more + png[-12:]


def before_pixels(png: bytes, more: bytes) -> bytes:
    at = png.index(b"IDAT") - 4
    return png[:at] + more + png[at:]


def drawing(
    title: str = "A figure", inside: str = "", around: str = "", attribute: str = ""
) -> str:
    return (
        f'<?xml version="1.0"?>{around}<svg xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink" width="10pt" height="10pt">'
        f'<title>{title}</title><g id="figure_1" {attribute}><path d="M 0 381.6 L 806.4 0 z"/>'
        f'<use xlink:href="#m0123456789" x="1" y="2"/></g>{inside}</svg>'
    )


def page(inside: str = "<p>Text</p>", head: str = "", attribute: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><title>A page</title>{head}</head>'
        f"<body {attribute}>{inside}</body></html>"
    )


def html_table(*rows: tuple[str, ...]) -> str:
    return (
        "<table>"
        + "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in rows)
        + "</table>"
    )


def notebook(
    source: str = "1", markdown: str = "# A title", output: dict | None = None, **parts
) -> bytes:
    output = output or {
        "output_type": "display_data",
        "data": {"text/html": html_table(("schools",), ("4",))},
    }
    cell = nbformat.v4.new_code_cell(source, outputs=[nbformat.v4.new_output(**output)])
    text = nbformat.v4.new_markdown_cell(markdown)
    book = nbformat.v4.new_notebook(cells=[cell, text])
    cell["id"], text["id"] = parts.get("id", "cell-00"), "cell-01"
    cell["metadata"] = parts.get("cell_metadata", {"tags": []})
    if "attachments" in parts:
        text["attachments"] = parts["attachments"]
    book["metadata"] = {
        "kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}
    } | parts.get("metadata", {})
    return json.dumps(book).encode()


def estimate(**changes) -> dict:
    known = {
        "claim": "C1",
        "outcome": "absence_share",
        "model": "m",
        "estimate": 1.5,
        "std_error": 0.5,
        "n_obs": 400,
        "n_pupils": 100,
        "n_schools": 11,
    }
    return known | changes


def estimates_csv(**changes) -> bytes:
    return estimates.table([estimate(**changes)]).to_csv(index=False).encode()


def parquet(
    metadata: dict | None = None, field: dict | None = None, frame: pd.DataFrame | None = None
) -> bytes:
    frame = estimates.table([estimate()]) if frame is None else frame
    table = pa.Table.from_pandas(frame, preserve_index=False)
    if metadata:
        table = table.replace_schema_metadata((table.schema.metadata or {}) | metadata)
    if field:
        first = table.schema.field(0).with_metadata(field)
        table = table.cast(table.schema.set(0, first))
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


QUALITY = {
    "synthetic": False,
    "notice": "",
    "files": [
        {
            "file": "elever.csv",
            "table": "pupils",
            "rows_read": 5000,
            "rows_kept": 5000,
            "rows_dropped": {},
        }
    ],
}


def quality(**more) -> bytes:
    return json.dumps(QUALITY | more).encode()


def report(body: str = "A report.") -> bytes:
    text = f'#set document(title: "A report")\n#set text(lang: "en")\n= Title\n{body}\n'
    return typst.compile(text.encode(), pdf_standards=["ua-1"])


REPORT = report()


def changed(change) -> bytes:
    """Return the report with something more in it."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(REPORT)) as pdf:
        change(pdf)
        pdf.save(written, static_id=True)
    return written.getvalue()


def clean() -> dict[str, bytes]:
    return {
        "figure.csv": b"school_form,mean,n_pupils,n_schools\nGR,1.5,100,11\n",
        "estimates.csv": estimates_csv(),
        "estimates.parquet": parquet(),
        "teachers.csv": estimates_csv(n_pupils=None, n_obs=400),
        "warnings.csv": estimates_csv(n_pupils=None, n_obs=None, n_schools=None),
        "figure.txt": b"Dot plot of effects. The largest is -0.41, in 2019-08-19 to 2020-06-12.",
        "figure.png": picture({"Description": "Mean"}),
        "figure.svg": drawing().encode(),
        "page.html": page(
            "<p>Text</p>" + html_table(("school_form", "pupils"), ("GR", "1,250"))
        ).encode(),
        "notebook.ipynb": notebook(),
        "quality.json": quality(),
        "report.pdf": REPORT,
        "saved.pdf": changed(lambda pdf: None),
        "commented.html": page("<!-- a remark -->").encode(),
        "semicolons.csv": b"school_form;mean;n_pupils\nGR;1,5;100\n",
        "disclosure.json": b'{"rules": {"min_pupils": 8}, "withheld": []}',
    }


def _write(name: str, content: str | bytes) -> tuple[str, bytes]:
    return name, content if isinstance(content, bytes) else content.encode()


def plants() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each planted file; every one of them is to be found."""
    for maker in (
        _spellings,
        _small_groups,
        _pictures,
        _drawings,
        _pages,
        _notebooks,
        _documents,
        _parquets,
        _reports,
    ):
        for name, content in maker():
            yield _write(name, content)


def _spellings():
    for number in (*SPELLINGS, *OTHER_PERSONS):
        yield "a.txt", f"The pupil {number} was absent"
        yield "a.csv", f'school\n"{number}"\n'
    for number in SPELLINGS[:8]:
        yield "a.html", page(f"<p>{number}</p>")
        yield "a.json", quality(notice=number)
        yield "figure.svg", drawing(title=number)
        yield "a.csv", f"school;mean\n{number};1,5\n"
        yield "a.csv", f"mean\n{number}\n"


COUNT_HEADINGS = (
    "n",
    "N",
    "antal",
    "Antal elever",
    "count",
    "Count",
    "pupils",
    "elever",
    "n_pupils",
    "nPupils",
    "number of pupils",
    "answers",
    "svar",
    "frequency",
    "n_obs",
    "N elever",
)


def _small_groups():
    for heading in COUNT_HEADINGS:
        yield "a.csv", f"school_form,{heading},mean\nGR,3,1.5\n"
        yield "a.html", page(html_table(("school_form", heading), ("GR", "3")))
    for delimiter in ";\t|":
        for heading in ("n", "antal", "count", "pupils"):
            yield (
                "a.csv",
                delimiter.join(("school_form", heading))
                + "\n"
                + delimiter.join(("GR", "3"))
                + "\n",
            )
        for heading in (
            "pupil",
            "Pupil",
            "elev_id",
            "elevID",
            "Elev-ID",
            "personnummer",
            "birth_year",
            "födelseår",
            "mentor_id",
            "Klass",
            "svars_id",
        ):
            yield (
                "a.csv",
                delimiter.join((heading, "mean")) + "\n" + delimiter.join(("1", "2,5")) + "\n",
            )
    yield "a.csv", "pupil;birth_year\n17;2003\n"
    yield "a.csv", "\ufeffn,mean\n3,1.5\n"
    yield "a.csv", "school,n_pupils,n_schools,mean\nA,9,1,1.5\n"
    yield "a.csv", "school,n_pupils,max\nA,50,1.5\n"
    yield "a.csv", "mean\n" + "1\n" * 5001
    yield "a.csv", "school,mean\nA,1\nB,1,Kanarie\n"
    yield "a.csv", "school,hemligt\nA,1\n"
    yield "a.csv", "school,term,mentor_fte,pupils_per_mentor\nA,HT2019,0.1,30\n"
    yield "a.csv", estimates_csv(n_pupils=9)
    yield "a.csv", estimates_csv(n_pupils=None, n_obs=1, n_schools=None)
    yield "a.csv", estimates_csv(n_pupils=None, n_obs=9, n_schools=5)
    yield "a.csv", estimates_csv(n_obs=20, n_pupils=15)
    yield "a.csv", "school,mean\nÅ,1\n".encode("cp1252")
    yield "a.csv", "school,n\nA,3\n".encode("utf-16")
    yield "a.txt", "school   pupils\nA   3\nB   40\n"
    yield "a.txt", "school;antal\nA;3\nB;40\n"
    yield "a.md", "| school | n |\n|---|---|\n| A | 3 |\n"


def _pictures():
    for key in ("Author", "Comment", "Software", "Source"):
        yield "figure.png", picture({key: "Kanarie"})
    yield "figure.png", picture({"Description": PERSON})
    yield "figure.png", picture({"Description": f"å {PERSON}"}, packed=True)
    yield "figure.png", picture({"Title": MAIL}, packed=True)
    after = chunk(b"tEXt", b"Comment\0" + PERSON.encode())
    yield "figure.png", before_end(picture(), after)
    yield "figure.png", before_end(picture(), chunk(b"tEXt", b"Title\0" + PERSON.encode()))
    for kind in (b"prVt", b"tIME", b"eXIf", b"iCCP", b"sPLT", b"caNb"):
        yield "figure.png", before_end(picture(), chunk(kind, PERSON.encode()))
        yield "figure.png", before_pixels(picture(), chunk(kind, b"Kanarie"))
    yield "figure.png", picture() + PERSON.encode()
    yield "figure.png", picture() + b"\0"
    yield "figure.png", picture() + picture()
    yield "figure.png", before_end(picture(), chunk(b"IDAT", PERSON.encode()))
    yield "figure.png", b"no picture"
    yield "figure.png", picture()[:-20]


def _drawings():
    yield "figure.svg", drawing(inside=f"<!-- {PERSON} -->")
    yield "figure.svg", drawing(around=f"<!-- {PERSON} -->")
    yield "figure.svg", drawing() + f"<!-- {PERSON} -->"
    yield "figure.svg", drawing(around=f"<?note {PERSON}?>")
    yield "figure.svg", drawing(inside=f"<desc>{MAIL}</desc>")
    yield "figure.svg", drawing(inside=f"<text>{PERSON}</text>")
    yield "figure.svg", drawing(inside=f"<desc><![CDATA[{PERSON}]]></desc>")
    yield "figure.svg", drawing(inside="<foreignObject>x</foreignObject>")
    yield "figure.svg", drawing(inside="<script>1</script>")
    yield "figure.svg", drawing(around=f'<!DOCTYPE svg [<!ENTITY a "{PERSON}">]>')
    for name in ("data-pupil", "id", "class", "aria-label", "style", "transform"):
        attribute = f'{name}="{PERSON}"' if name != "id" else f'data-id="{PERSON}"'
        yield "figure.svg", drawing(attribute=attribute)
    yield "figure.svg", drawing(inside=f'<g id="{PERSON}"/>')
    yield "figure.svg", drawing(inside='<path d="M 811218-9876 L 1 2"/>')
    png = base64.b64encode(picture({"Comment": "Kanarie"})).decode()
    yield "figure.svg", drawing(inside=f'<image xlink:href="data:image/png;base64,{png}"/>')
    yield "figure.svg", drawing(inside='<image xlink:href="data:text/csv,a,b"/>')
    yield "alone.svg", drawing()
    yield "alone.png", picture()
    yield "figure.svg", "<svg><g></svg>"


def _pages():
    yield "a.html", page(f"<!-- {PERSON} -->")
    yield "a.html", page() + f"<!-- {PERSON} -->"
    yield "a.html", page("<!-- school;n\nA;3\nB;40 -->")
    for name in ("title", "data-value", "alt", "id", "class", "onclick"):
        yield "a.html", page(f'<p {name}="{PERSON}">Text</p>')
    yield "a.html", page(attribute=f'data-x="{MAIL}"')
    yield "a.html", page(head=f'<meta name="author" content="{MAIL}">')
    yield "a.html", page(head=f"<style>/* {PERSON} */</style>")
    yield "a.html", page(f"<script>var a = '{PERSON}'</script>")
    yield "a.html", page(f'<script type="application/json">{{"a": "{PERSON}"}}</script>')
    rows = json.dumps({"columns": ["school", "n"], "rows": [["A", 3]]})
    yield "a.html", page(f'<script type="application/json">{rows}</script>')
    yield (
        "a.html",
        page(f'<script type="application/json">{json.dumps([{"pupil": 1, "mean": 2}])}</script>'),
    )
    yield "a.html", page("<p>198112<b>18</b>-9876</p>")
    yield "a.html", page("<p>19811218&#45;9876 19811218&ndash;9876</p>")
    yield "a.html", page("<pre>school  n\nA       3\nB      40</pre>")
    yield "a.html", page(html_table(("elev_id", "mean"), ("1", "2")))
    yield "a.html", page("<iframe src='a'></iframe>")
    yield "a.html", page("<template><p>" + PERSON + "</p></template>")
    png = base64.b64encode(picture({"Comment": "Kanarie"})).decode()
    yield "a.html", page(f'<img src="data:image/png;base64,{png}">')
    yield "a.html", page(f"<img src='data:image/png;base64,{png}'>")
    yield "a.html", page('<a href="data:text/csv;base64,YSxi">x</a>')
    yield "a.html", page(html_table(("school", "n_pupils", "mean"), ("A", "2", "1.5")))


def _shown(kind: str, content) -> dict:
    return {"output_type": "display_data", "data": {kind: content}}


def _notebooks():
    book = "notebook.ipynb"
    yield book, notebook(source=f"x = '{PERSON}'")
    yield book, notebook(markdown=f"About {PERSON}")
    yield book, notebook(markdown=f"<!-- {PERSON} -->")
    yield book, notebook(markdown="| school | n |\n|---|---|\n| A | 3 |")
    yield book, notebook(id="p811218-9876")
    yield book, notebook(id="kanarie-fagelsson")
    yield book, notebook(cell_metadata={"tags": [PERSON]})
    yield book, notebook(cell_metadata={"tags": [], "note": "Kanarie"})
    yield book, notebook(metadata={"note": "Kanarie"})
    yield book, notebook(metadata={"papermill": {"parameters": {"pupil": PERSON}}})
    yield book, notebook(metadata={"widgets": {}})
    yield book, notebook(attachments={"a.png": {"image/png": base64.b64encode(picture()).decode()}})
    for name in ("stdout", "stderr"):
        yield book, notebook(output={"output_type": "stream", "name": name, "text": PERSON})
        yield (
            book,
            notebook(
                output={"output_type": "stream", "name": name, "text": "  school  n\n0      A  3\n"}
            ),
        )
    yield (
        book,
        notebook(output={"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["x"]}),
    )
    for kind in ("text/html", "text/plain", "text/markdown"):
        yield book, notebook(output=_shown(kind, f"about {PERSON}"))
    yield (
        book,
        notebook(
            output=_shown("text/plain", "  school  pupils\n0      A       3\n1      B      40")
        ),
    )
    yield book, notebook(output=_shown("text/plain", "school n\nA 3\nB 40"))
    yield book, notebook(output=_shown("text/plain", "   pupil  mean\n0     17   2.5"))
    yield book, notebook(output=_shown("text/html", html_table(("pupils",), ("2",))))
    yield book, notebook(output=_shown("text/html", f'<p title="{PERSON}">x</p>'))
    for kind in (
        "application/json",
        "application/vnd.plotly.v1+json",
        "image/jpeg",
        "application/javascript",
    ):
        yield book, notebook(output=_shown(kind, {"data": [1, 2]} if "json" in kind else "eA=="))
    png = base64.b64encode(picture({"Comment": "Kanarie"})).decode()
    yield book, notebook(output=_shown("image/png", png))
    plain = {"image/png": base64.b64encode(picture()).decode()}
    yield (
        book,
        notebook(
            output={
                "output_type": "display_data",
                "data": plain,
                "metadata": {"image/png": {"alt": PERSON}},
            }
        ),
    )
    yield (
        book,
        notebook(
            output={"output_type": "display_data", "data": plain, "metadata": {"note": "Kanarie"}}
        ),
    )
    yield (
        book,
        notebook(
            output={
                "output_type": "display_data",
                "data": plain,
                "metadata": {"image/png": {"note": "Kanarie"}},
            }
        ),
    )
    yield book, b'{"cells": []}'
    yield book, json.dumps(json.loads(notebook()) | {"kanarie": 1}).encode()


def _documents():
    yield "quality.json", quality(protected_pupils=4)
    yield "quality.json", quality(pupils=[{"pupil": 1, "absent": 5}])
    yield "quality.json", quality(remarks=[{"elev_id": "x", "count": 12}])
    yield "quality.json", quality(adjusted={"count": 3})
    yield "quality.json", quality(coverage=[{"school": "A", "term": "HT2019", "pupils": 3}])
    yield "quality.json", quality(coverage={"school": ["A", "B"], "n": [3, 40]})
    yield "quality.json", quality(notice=json.dumps({"a": [{"pupil": 17}]}))
    yield "quality.json", quality(notice=json.dumps({"deep": json.dumps({"nr": PERSON})}))
    yield "quality.json", quality(notice=PERSON).replace(b"-", b"\\u002d")
    yield (
        "quality.json",
        quality(notice="".join(f"\\u{ord(c):04x}" for c in PERSON)).replace(b"\\\\u", b"\\u"),
    )
    yield "quality.json", quality(remarks=[{PERSON: 12}])
    yield "quality.json", quality(remarks=[198112189876])
    yield "quality.json", quality(remarks=[198112189876.0])
    yield "quality.json", quality(notice="school;n\nA;3\nB;40\n")
    yield "quality.json", quality()[:-1] + b', "notice": "another"}'
    yield "quality.json", b'{"synthetic": true, "notice": "a", "notice": "b", "files": []}'
    yield "other.json", b'{"a": 1}'
    yield "other.json", b"[1, 2]"
    yield "rows.json", json.dumps([{"pupil": 1, "mean": 2.5}]).encode()
    yield "table.json", json.dumps({"school": ["A"], "n": [3]}).encode()
    yield "lines.json", b'{"a": 1}\n{"b": 2}\n'
    yield "broken.json", b"{"


def _parquets():
    name = "estimates.parquet"
    yield name, parquet(metadata={b"note": PERSON.encode()})
    yield name, parquet(metadata={b"note": b"Kanarie"})
    yield (
        name,
        parquet(metadata={b"pandas": json.dumps({"attributes": {"who": "Kanarie"}}).encode()}),
    )
    yield name, parquet(metadata={b"pandas": json.dumps({"who": "Kanarie"}).encode()})
    yield name, parquet(field={b"note": b"Kanarie"})
    yield name, parquet(field={b"PARQUET:field_id": PERSON.encode()})
    yield name, parquet(frame=estimates.table([estimate(specification=PERSON)]))
    yield name, parquet(frame=estimates.table([estimate(n_pupils=3)]))
    yield name, parquet(frame=estimates.table([estimate(n_pupils=None, n_obs=1)]))
    yield name, parquet(frame=estimates.table([estimate()]).assign(pupil="a"))
    yield name, parquet(frame=pd.DataFrame({"pupil": ["a"], "term": ["HT2019"], "mean": [1.5]}))
    yield name, parquet()[:-10]
    frame = estimates.table([estimate()])
    frame.attrs["who"] = "Kanarie"
    yield name, parquet(frame=frame)


def _reports():
    name = "report.pdf"
    yield name, report(f"About {PERSON}.")
    yield name, report("About 2002\\-02\\-11\\-2397.")
    for key in ("/Author", "/Subject", "/Keywords"):
        yield name, changed(lambda pdf, key=key: pdf.docinfo.update({key: PERSON}))
    yield name, changed(lambda pdf: pdf.docinfo.update({"/Kanarie": "x"}))

    def attach(pdf):
        pdf.attachments["a.csv"] = b"a,b"

    def describe(pdf):
        with pdf.open_metadata() as told:
            told["dc:description"] = PERSON

    def describe_otherwise(pdf):
        with pdf.open_metadata() as told:
            told["photoshop:Instructions"] = "Kanarie"

    def outline(pdf):
        with pdf.open_outline() as told:
            told.root.append(pikepdf.OutlineItem(PERSON, 0))

    def annotate(pdf):
        mark = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Text,
            Rect=[0, 0, 1, 1],
            Contents="Kanarie",
        )
        pdf.pages[0].obj.Annots = pikepdf.Array([pdf.make_indirect(mark)])

    def link(pdf):
        action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=f"https://example.org/{PERSON}")
        mark = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 1, 1], A=action
        )
        pdf.pages[0].obj.Annots = pikepdf.Array([pdf.make_indirect(mark)])

    def script(pdf):
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")

    def private(pdf):
        pdf.Root.PieceInfo = pikepdf.Dictionary(Kanarie=1)

    def page_part(pdf):
        pdf.pages[0].obj.Kanarie = "x"

    def alternative(pdf):
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/StructElem":
                thing.ActualText = PERSON
                return

    def stream(pdf):
        pdf.pages[0].obj.Resources.XObject = pikepdf.Dictionary(
            A=pdf.make_stream(f"{PERSON} is the pupil".encode())
        )

    def form(pdf):
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[])

    for change in (
        attach,
        describe,
        describe_otherwise,
        outline,
        annotate,
        link,
        script,
        private,
        page_part,
        alternative,
        stream,
        form,
    ):
        yield name, changed(change)
    yield name, REPORT + PERSON.encode()
    yield name, PERSON.encode() + REPORT
    yield name, REPORT + REPORT
    yield name, REPORT.replace(b"%%EOF", f"%{PERSON}\n%%EOF".encode())
    yield name, b"no report"


# Names and places of files, all with content that may leave.
NAMES = [
    f"{PERSON}.txt",
    "pupil_198112189876.txt",
    f"{PERSON}/a.txt",
    f"deep/{PERSON.replace('-', '_')}/a.txt",
    "a/19811218_9876_en.txt",
    f"{MAIL}/a.txt",
    f"{PSEUDONYM}.txt",
    ".hidden.txt",
    ".hidden/a.txt",
    "a/.b/c.txt",
    "~a.txt",
    ".DS_Store",
    "data.pkl",
    "panel.xlsx",
    "no_ending",
    "a.csv.gz",
    "a.zip",
    "a.docx",
    "a.CSV",
    "a.tsv",
    "a.duckdb",
]
