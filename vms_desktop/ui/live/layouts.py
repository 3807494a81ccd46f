"""The places of the tiles of a grid, as arithmetic. Knows no widget."""

from typing import NamedTuple

GAP_PX = 4
_PICTURE_ASPECT = 16 / 9


class Cell(NamedTuple):
    """The place of a tile, in pixels of the grid."""

    x: int
    y: int
    width: int
    height: int


def capacity(layout: str) -> int | None:
    """The number of cameras on a page of the layout; None for all of them."""
    return {"auto": None, "1": 1, "2x2": 4, "3x3": 9, "4x4": 16, "1+5": 6}[layout]


def page_count(layout: str, cameras: int) -> int:
    """The number of pages that the cameras fill; at least one."""
    size = capacity(layout)
    return 1 if size is None else max(1, -(-cameras // size))


def cells(layout: str, count: int, width: int, height: int) -> list[Cell]:
    """The cells of a page: all of a fixed layout's, `count` in the automatic one."""
    if layout == "1+5":
        return _one_and_five(width, height)
    size = capacity(layout)
    if size is None:
        columns, rows = automatic_shape(count, width, height)
        return _table(columns, rows, width, height)[:count]
    side = round(size**0.5)
    return _table(side, side, width, height)


def automatic_shape(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows that show `count` pictures of 16:9 largest."""

    def picture_width(columns: int) -> float:
        rows = -(-count // columns)
        return min(width / columns, height / rows * _PICTURE_ASPECT)

    count = max(1, count)
    # Among equals the one with the fewest empty cells, then side by side.
    columns = max(
        range(1, count + 1),
        key=lambda number: (picture_width(number), -(-count % number), number),
    )
    return columns, -(-count // columns)


def _table(columns: int, rows: int, width: int, height: int) -> list[Cell]:
    return [
        _cell(column, row, 1, (columns, rows), (width, height))
        for row in range(rows)
        for column in range(columns)
    ]


def _one_and_five(width: int, height: int) -> list[Cell]:
    """One large in a corner of 3×3, five small around it."""
    places = [(0, 0, 2), (2, 0, 1), (2, 1, 1), (0, 2, 1), (1, 2, 1), (2, 2, 1)]
    return [_cell(*place, (3, 3), (width, height)) for place in places]


def _cell(column: int, row: int, span: int, table: tuple[int, int], room: tuple[int, int]) -> Cell:
    left, right = _edges(column, span, table[0], room[0])
    top, bottom = _edges(row, span, table[1], room[1])
    return Cell(left, top, max(0, right - left), max(0, bottom - top))


def _edges(index: int, span: int, count: int, length: int) -> tuple[int, int]:
    """The beginning and end of a cell; the pixels left over are spread over the cells."""
    pitch = (length - GAP_PX * (count - 1)) / count + GAP_PX
    return round(index * pitch), round((index + span) * pitch - GAP_PX)


def neighbour(places: list[Cell], at: int, right: int, down: int) -> int:
    """The nearest cell in a direction (-1, 0 or 1 each way); `at` itself at the edge."""

    def middle(cell: Cell) -> tuple[float, float]:
        return cell.x + cell.width / 2, cell.y + cell.height / 2

    x, y = middle(places[at])

    def ahead_and_aside(index: int) -> tuple[float, float]:
        to_x, to_y = middle(places[index])
        ahead = (to_x - x) * right + (to_y - y) * down
        aside = abs((to_x - x) * down) + abs((to_y - y) * right)
        return ahead, aside

    found = [index for index in range(len(places)) if ahead_and_aside(index)[0] > 1]
    # A step aside costs twice: straight ahead comes first.
    return min(
        found,
        key=lambda index: sum(w * d for w, d in zip((1, 2), ahead_and_aside(index), strict=True)),
        default=at,
    )
