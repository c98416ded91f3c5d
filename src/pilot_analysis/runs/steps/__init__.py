"""One module a kind of step: `make(config, part)` does it and says which files it made.

Apart from each other, because a step is made again when a module it hangs on changes.
"""
