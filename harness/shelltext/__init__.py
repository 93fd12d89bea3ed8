"""Shell text: read in one place, with one table of what programs are.

`parse` turns a text into small values, `commands` says what it runs, `masking` whose failure its
exit code can hide; `programs` and `wrappers` know the programs, `quoting` writes shell words.
"""
