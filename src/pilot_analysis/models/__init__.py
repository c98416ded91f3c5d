"""Models: tidy panels in, rows of the estimates table out; nothing here plots or prints."""
