"""The list of cameras as a table model: what is configured, what runs, what lies on the disk."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QPixmap

from vms_desktop.core.base import CameraState, Status
from vms_desktop.core.config import CameraConfig
from vms_desktop.ui.base import words, words_of
from vms_desktop.ui.widgets import folded_text
from vms_desktop.workers.camera import Notice, NoticeKind

if TYPE_CHECKING:
    from vms_desktop.core.library import DiskUse
    from vms_desktop.workers.camera import Fleet

_Index = QModelIndex | QPersistentModelIndex
_tr = words_of(__name__)


class Column(IntEnum):
    """The columns, from left to right."""

    PICTURE = 0
    NAME = 1
    STATE = 2
    ACTIVE = 3
    RECORDING = 4
    DETECTION = 5
    DISK = 6
    ARCHIVES = 7
    KEEPS = 8
    BUTTONS = 9


# The columns with a switch, and the camera's field each stands for.
SWITCHES: Mapping[int, str] = {
    Column.ACTIVE: "is_active",
    Column.RECORDING: "is_recording_enabled",
    Column.DETECTION: "show_detection",
}


class Role(IntEnum):
    """The roles of a row beside Qt's own."""

    ROW = Qt.ItemDataRole.UserRole
    SORT = Qt.ItemDataRole.UserRole + 1
    FIND = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry of the file that cannot be run."""

    name: str
    id: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One row of the list: a camera, or an entry that was refused.

    Attributes:
        disk: Its clips on the disk; None before they were counted.
        share: Its recordings against those of the camera with the most, 0…1.
        picture: The last one seen, small.
    """

    id: str
    name: str
    camera: CameraConfig | None = None
    status: Status | None = None
    refused: Refused | None = None
    disk: "DiskUse | None" = None
    share: float = 0.0
    picture: QPixmap | None = None


class CamerasModel(QAbstractTableModel):
    """The rows of the Cameras page, in the file's order; refused entries last.

    Lives in the GUI thread for as long as the window, whatever page is shown.
    """

    def __init__(self, fleet: "Fleet", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._rows: list[CameraRow] = []
        self._pictures: dict[str, QPixmap] = {}
        self._refused: tuple[Refused, ...] = ()
        self._refused_now: list[Refused] = []
        fleet.notice.connect(self._take_notice)
        fleet.cameras_changed.connect(self._take_cameras)
        fleet.status_changed.connect(self._renew_row)
        fleet.catalogue.disk_use_changed.connect(self._renew)
        self._renew()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(Column)

    def row(self, number: int) -> CameraRow:
        """The nth row in the file's order."""
        return self._rows[number]

    def rows(self) -> tuple[CameraRow, ...]:
        """Every row in the file's order."""
        return tuple(self._rows)

    def set_picture(self, camera_id: str, picture: QPixmap) -> None:
        """A newer small picture of a camera."""
        self._pictures[camera_id] = picture
        for number, row in enumerate(self._rows):
            if row.id == camera_id:
                self._rows[number] = replace(row, picture=picture)
                self._tell(number, number, Column.PICTURE)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.NAME: self.tr("Camera"),
            Column.STATE: self.tr("Status"),
            Column.ACTIVE: self.tr("Active"),
            Column.RECORDING: self.tr("Recording"),
            Column.DETECTION: self.tr("Show detection"),
            Column.DISK: self.tr("Recordings"),
            Column.ARCHIVES: self.tr("Archives"),
            Column.KEEPS: self.tr("Keeps"),
        }.get(Column(section), "")

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], Column(index.column())
        match role:
            case Role.ROW:
                return row
            case Role.SORT:
                return _sort_key(row, column)
            case Role.FIND:
                return folded_text(f"{row.name} {self._state(row)}")
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._said(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(row, column)
        return None

    def _text(self, row: CameraRow, column: Column) -> str:
        match column:
            case Column.NAME:
                return row.name
            case Column.STATE:
                return self._state(row)
            case Column.DISK:
                return words.bytes_words(row.disk.recordings_bytes) if row.disk else "…"
            case Column.ARCHIVES:
                return self._archives(row)
            case Column.KEEPS if row.camera:
                return self._kept(row.camera.retention_days)
        return ""

    def _state(self, row: CameraRow) -> str:
        if row.status is None:
            return self.tr("Refused")
        if row.status.state is CameraState.RECORDING:
            return self.tr("Recording")
        return words.state_word(row.status.state)

    def _archives(self, row: CameraRow) -> str:
        if row.disk is None:
            return "…"
        return words.bytes_words(row.disk.archives_bytes) if row.disk.archives else "—"

    def _kept(self, days: float) -> str:
        if not days:
            return self.tr("For ever")
        if days == int(days):
            return self.tr("%n day(s)", "", int(days))
        return self.tr("{days} days").format(days=QLocale().toString(days))

    def _said(self, row: CameraRow, column: Column) -> str:
        """A cell as it is read aloud: with what its column is about."""
        title = self.headerData(column, Qt.Orientation.Horizontal)
        if column in SWITCHES and row.camera:
            on = getattr(row.camera, SWITCHES[column])
            return f"{row.name}, {title}: {self.tr('on') if on else self.tr('off')}"
        text = self._text(row, column)
        told = [row.name if column is not Column.NAME else "", text, why(row)]
        return ", ".join(part for part in told if part)

    def _tip(self, row: CameraRow, column: Column) -> str:
        if column in SWITCHES:
            title = str(self.headerData(column, Qt.Orientation.Horizontal))
            return self.tr("{title} (Space)").format(title=title) if row.camera else ""
        if column is Column.DISK and row.disk:
            return self.tr("%n clip(s)", "", row.disk.recordings)
        if column is Column.ARCHIVES and row.disk:
            return self.tr("%n clip(s)", "", row.disk.archives)
        if column is Column.NAME:
            return "\n".join(filter(None, (row.name, why(row))))
        return why(row) if column is Column.STATE else ""

    def _take_notice(self, notice: Notice) -> None:
        if notice.kind is NoticeKind.CAMERA_INVALID:
            args = notice.text_args
            name = words.camera_entry_name(args.get("name", ""), int(args.get("number", 0)))
            told = [args.get(key, "") for key in ("id", "field", "reason")]
            self._refused_now.append(Refused(name, *told))

    def _take_cameras(self, *_cameras: object) -> None:
        """The cameras are others: what was complained about until now is what is refused."""
        self._refused, self._refused_now = tuple(self._refused_now), []
        self._renew()

    def _renew(self, *_told: object) -> None:
        """Make the rows anew; the view is told no more than it has to know."""
        new = self._made_rows()
        if [row.id for row in new] == [row.id for row in self._rows]:
            self._rows = new
            self._tell(0, len(new) - 1)
            return
        self.beginResetModel()
        self._rows = new
        self.endResetModel()

    def _renew_row(self, camera_id: str, _status: object = None) -> None:
        for number, row in enumerate(self._rows):
            if row.camera is not None and row.id == camera_id:
                self._rows[number] = self._made_row(row.camera, self._most_bytes())
                self._tell(number, number)

    def _tell(self, first: int, last: int, last_column: Column = Column.BUTTONS) -> None:
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, last_column))

    def _made_rows(self) -> list[CameraRow]:
        most = self._most_bytes()
        cameras = [self._made_row(camera, most) for camera in self._fleet.cameras()]
        return cameras + [CameraRow(each.id, each.name, refused=each) for each in self._refused]

    def _most_bytes(self) -> int:
        uses = self._fleet.catalogue.disk_use.values()
        return max((use.recordings_bytes for use in uses), default=0)

    def _made_row(self, camera: CameraConfig, most_bytes: int) -> CameraRow:
        disk = self._fleet.catalogue.disk_use.get(camera.id)
        return CameraRow(
            camera.id,
            camera.name,
            camera,
            self._fleet.status(camera.id),
            disk=disk,
            share=disk.recordings_bytes / most_bytes if disk and most_bytes else 0.0,
            picture=self._pictures.get(camera.id),
        )


class SortedCameras(QSortFilterProxyModel):
    """The rows that are searched for, in the order that is asked for: the file's without one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: list[str] = []
        self.setSortRole(Role.SORT)
        self.setDynamicSortFilter(True)

    @property
    def in_own_order(self) -> bool:
        """True if every row is shown, and in the file's order."""
        return self.sortColumn() < 0 and not self._wanted

    def find(self, text: str) -> None:
        """Show the rows whose name and state hold every word of the text."""
        self._wanted = folded_text(text).split()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: _Index) -> bool:
        text = self.sourceModel().index(row, 0, parent).data(Role.FIND)
        return all(word in text for word in self._wanted)

    def lessThan(self, left: _Index, right: _Index) -> bool:
        return bool(left.data(Role.SORT) < right.data(Role.SORT))


def why(row: CameraRow) -> str:
    """The problem of a camera; empty where there is none."""
    if row.refused is not None:
        reason = words.reason_words(row.refused.reason)
        field = words.field_words(row.refused.field)
        return _tr("“{field}” {reason}").format(field=field, reason=reason)
    if row.status is not None and row.status.problem is not None:
        return words.problem_words(row.status.problem, row.status.detail)
    return ""


_STATES = [*CameraState]


def _sort_key(row: CameraRow, column: Column) -> tuple[object, ...]:
    """The values by which rows of a column are compared; equal ones by their names."""
    name = folded_text(row.name)
    if row.camera is None or row.status is None:
        return (float("inf"), name)
    if column in SWITCHES:
        return (not getattr(row.camera, SWITCHES[column]), name)
    match column:
        case Column.STATE:
            return (_STATES.index(row.status.state), name)
        case Column.DISK:
            return (row.disk.recordings_bytes if row.disk else 0, name)
        case Column.ARCHIVES:
            return (row.disk.archives_bytes if row.disk else 0, name)
        case Column.KEEPS:
            return (row.camera.retention_days or float("inf"), name)
    return (0, name)
