"""Blocks of a study side by side, then its table. Driven by `pilot study`."""

import shlex
from pathlib import Path

ROOT = Path(config["root"])
WORK = Path(config["work"])
SOURCE = ROOT / "src" / "pilot_analysis"
BLOCKS = [f"block_{number:04d}" for number in range(config["blocks"])]
NEEDS = [*sorted(str(p) for p in (SOURCE / "inference").glob("*.py")), config["file"]]


def step(name, block=""):
    words = [config["python"], "-m", "pilot_analysis.cli", "step", name, "--config", config["file"]]
    return shlex.join([*words, *(["--name", block] if block else [])])


rule all:
    input: config["collected"]


def block_rule(block):
    rule:
        name: f"make_{block}"
        input: NEEDS
        output: f"{WORK}/blocks/{block}.parquet"
        shell: step("block", block)


for block in BLOCKS:
    block_rule(block)


rule gather:
    input: [f"{WORK}/blocks/{block}.parquet" for block in BLOCKS]
    output: config["collected"]
    shell: step("gather")
