"""The figures of a search, each computed by a module of its own.

Each has `figures(stage)`, which returns none where there isn't enough to show yet; the lines in
`report.FIGURES` say which section they belong to.
"""
