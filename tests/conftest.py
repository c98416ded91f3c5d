"""Shared fixtures. Every test runs without network and without a display."""

import os

os.environ.setdefault("MPLBACKEND", "Agg")
