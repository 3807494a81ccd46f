"""What the program does, without Qt: it runs and is tested in a bare Python.

Rooms, from `base` upward, some with rooms in them; a camera's way leads through `stream`, `media`,
`motion` and `camera` to `clips`, a person's back from `index` over `player` to `export`.
docs/architecture.md has the table of what may import what.
"""
