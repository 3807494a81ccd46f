"""The cache over the library: every clip known without opening it, asked by the pages.

Queries and answers are values. One thread writes: it takes closed clips, compares the tree with
the index, and gives clips what they lack. An index that is damaged or of another version is made
anew from the tree, and nothing is lost with it.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.index.index import (
        ClipIndex,
        ClipState,
        IndexedCamera,
        IndexedClip,
        IndexMissingError,
    )
    from vms_desktop.core.index.indexer import (
        CamerasChanged,
        ClipClosed,
        IndexCommand,
        Indexer,
        IndexOrder,
        IndexReport,
        Maintenance,
        MaintenanceResult,
        PathsChanged,
    )
    from vms_desktop.core.index.queries import (
        ArchivesQuery,
        AreaQuery,
        CamerasQuery,
        DayQuery,
        Folders,
        HeatQuery,
        LocateQuery,
        MonthQuery,
        NeighbourDayQuery,
        NeighbourQuery,
        Query,
    )
    from vms_desktop.core.index.scan import scan_tree
    from vms_desktop.core.index.schema import discard, is_damage
    from vms_desktop.core.index.search import (
        LOCATED_HITS,
        MOST_HITS,
        AreaHit,
        heat_map,
        search_area,
    )
    from vms_desktop.core.index.writer import ClipIndexWriter

__all__ = [
    "LOCATED_HITS",
    "MOST_HITS",
    "ArchivesQuery",
    "AreaHit",
    "AreaQuery",
    "CamerasChanged",
    "CamerasQuery",
    "ClipClosed",
    "ClipIndex",
    "ClipIndexWriter",
    "ClipState",
    "DayQuery",
    "Folders",
    "HeatQuery",
    "IndexCommand",
    "IndexMissingError",
    "IndexOrder",
    "IndexReport",
    "IndexedCamera",
    "IndexedClip",
    "Indexer",
    "LocateQuery",
    "Maintenance",
    "MaintenanceResult",
    "MonthQuery",
    "NeighbourDayQuery",
    "NeighbourQuery",
    "PathsChanged",
    "Query",
    "discard",
    "heat_map",
    "is_damage",
    "scan_tree",
    "search_area",
]

__getattr__ = late_names(
    __name__,
    {
        "index": (
            "ClipIndex",
            "ClipState",
            "IndexMissingError",
            "IndexedCamera",
            "IndexedClip",
        ),
        "indexer": (
            "CamerasChanged",
            "ClipClosed",
            "IndexCommand",
            "IndexOrder",
            "IndexReport",
            "Indexer",
            "Maintenance",
            "MaintenanceResult",
            "PathsChanged",
        ),
        "queries": (
            "ArchivesQuery",
            "AreaQuery",
            "CamerasQuery",
            "DayQuery",
            "Folders",
            "HeatQuery",
            "LocateQuery",
            "MonthQuery",
            "NeighbourDayQuery",
            "NeighbourQuery",
            "Query",
        ),
        "scan": ("scan_tree",),
        "schema": (
            "discard",
            "is_damage",
        ),
        "search": (
            "AreaHit",
            "LOCATED_HITS",
            "MOST_HITS",
            "heat_map",
            "search_area",
        ),
        "writer": ("ClipIndexWriter",),
    },
)
