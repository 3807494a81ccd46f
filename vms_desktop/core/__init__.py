"""What the program does, without Qt: it runs and is tested in a bare Python.

Eleven rooms, from `base` upward; a camera's way leads through `stream`, `media`, `motion` and
`camera` to `clips`, a person's back from `index` over `player` to `export`. docs/architecture.md
has the table of what may import what.
"""
