"""The command line: what it takes, and the two commands that end by themselves.

`command_line` is read before anything heavy is loaded; `detect` and `--reindex` load what they
need when they run. Like `app`, nothing is imported here.
"""
