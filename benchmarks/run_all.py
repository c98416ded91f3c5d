"""Run the benchmarks that take minutes and print their tables (`make bench`)."""

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    script = Path(__file__).with_name("few_clusters.py")
    subprocess.run([sys.executable, str(script), "--large", *sys.argv[1:]], check=True)
