"""The model gateway: it stands between an agent in the sandbox and the model it talks to.

Keys live here and never enter a container; every exchange is recorded; budgets are kept; the model
itself can be made to fail.  `wire` reads and writes the formats, `scenario` is a model that plays a
script, `upstream` a real one, `recording` one that was recorded; `server` serves any of them.
"""
