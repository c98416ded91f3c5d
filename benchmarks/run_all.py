"""Run every benchmark and print their tables (`make bench`)."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent

if __name__ == "__main__":
    for name in ("few_clusters.py",):
        subprocess.run([sys.executable, str(HERE / name)], check=True)
