"""`python -m pilot_analysis.cli`."""

from pilot_analysis.cli import main

main()
