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
        ChosenFolders,
        DayQuery,
        HeatQuery,
        LocateQuery,
        MonthQuery,
        NeighbourDayQuery,
        NeighbourQuery,
        Query,
    )
    from vms_desktop.core.index.scan import scan_tree
    from vms_desktop.core.index.schema import discard_index, is_index_damage
    from vms_desktop.core.index.search import (
        LOCATED_AREA_HITS,
        MOST_AREA_HITS,
        AreaHit,
    )
    from vms_desktop.core.index.writer import ClipIndexWriter

__all__ = [
    "LOCATED_AREA_HITS",
    "MOST_AREA_HITS",
    "ArchivesQuery",
    "AreaHit",
    "AreaQuery",
    "CamerasChanged",
    "CamerasQuery",
    "ChosenFolders",
    "ClipClosed",
    "ClipIndex",
    "ClipIndexWriter",
    "ClipState",
    "DayQuery",
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
    "discard_index",
    "is_index_damage",
    "scan_tree",
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
            "ChosenFolders",
            "HeatQuery",
            "LocateQuery",
            "MonthQuery",
            "NeighbourDayQuery",
            "NeighbourQuery",
            "Query",
        ),
        "scan": ("scan_tree",),
        "schema": (
            "discard_index",
            "is_index_damage",
        ),
        "search": (
            "AreaHit",
            "LOCATED_AREA_HITS",
            "MOST_AREA_HITS",
        ),
        "writer": ("ClipIndexWriter",),
    },
)
