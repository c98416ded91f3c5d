"""The run's folder: what readers get, and the manifest that says what it was made from."""

import json
from pathlib import Path
from typing import Any

from pilot_analysis.files import write_json
from pilot_analysis.panel.build import terms_lacking
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import publish
from pilot_analysis.runs.making import Made
from pilot_analysis.runs.manifest import manifest, same_results
from pilot_analysis.runs.stamps import read_stamp


def make(config: dict[str, Any], part: str) -> Made:
    """Look at everything once more, then copy it; the manifest goes first and comes last.

    Where the same came out as stands there, its manifest stays as it was, with the commit and the
    time at which these results were first made: a checkout is clean after `make report`.
    """
    work, out = Path(config["work"]), Path(config["out"])
    names = config["notebooks"]
    publish.check_one_set_of_tables(work / "notebooks", names, Path(config["processed"]))
    publish.check_disclosure(work)
    path = out / "manifest.json"
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.unlink(missing_ok=True)
    made = publish.publish(work, out, Path(config["figures"]) if config["figures"] else None)
    stamps = {path.stem: read_stamp(path) for path in (work / "stamps").glob("*.json")}
    seconds = {name: stamp.seconds for name, stamp in stamps.items() if stamp}
    quality = json.loads((work / "quality.json").read_text(encoding="utf-8"))
    values = Parameters.model_validate(config["parameters"])
    found = manifest(
        quality,
        values,
        made=made,
        out=out,
        seconds=seconds,
        evaluation=Path(config["evaluation"]),
    )
    write_json(path, earlier if same_results(earlier, found) else found)
    lacking = terms_lacking(Path(config["processed"]), values)
    said = (
        f"the exports hold no pupil in {lacking}: the results are without (first_term, last_term)"
    )
    return Made([*made, path], [said] if lacking else [])
