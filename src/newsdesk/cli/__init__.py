"""The command line: one file per verb; parse, one call, print, exit code."""
