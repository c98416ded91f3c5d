"""The board's report and the reviewers' pages."""
