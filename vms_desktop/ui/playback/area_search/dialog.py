"""Search motion in an area: a rectangle on a picture in, clips out, best first.

A result that is played hides the dialog, which can be opened again as it was.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.core.base import Clock, day_of
from vms_desktop.core.index import MOST_AREA_HITS, AreaHit, HeatQuery, NeighbourQuery
from vms_desktop.ui.base import Theme, short_day
from vms_desktop.ui.picture import Thumbnails
from vms_desktop.ui.playback.area_search.form import CameraChooser, SearchCamera, SpanChooser
from vms_desktop.ui.playback.area_search.heat_picture import HeatLegend, heat_image
from vms_desktop.ui.playback.area_search.picture import AreaPicture
from vms_desktop.ui.playback.area_search.questions import AreaQuestions
from vms_desktop.ui.playback.area_search.results import HitsModel, HitsView, moment
from vms_desktop.ui.widgets import FittingDialog, NameBox, PlainLabel, ScrolledContent

if TYPE_CHECKING:
    from vms_desktop.core.base import Layout
    from vms_desktop.core.index import IndexedClip
    from vms_desktop.workers.library import LibraryIndex, ThumbnailReader


# A rectangle that is being drawn is searched when the hand rests.
SETTLE_MS = 200
_SIZE = QSize(1240, 760)
_LEFT_PX = 444
_PICTURE = QSize(640, 360)


class AreaSearchDialog(FittingDialog):
    """Asks the index whenever area, days or cameras change, and shows what comes.

    Args:
        shown: Folder of the camera whose picture is drawn on first.
        day: The day that is looked at: searched first, and that of the heat map.

    Signals:
        play_wanted: An `IndexedClip`, and the aware time at which something moved there.
    """

    play_wanted = Signal(object, object)

    def __init__(
        self,
        index: "LibraryIndex",
        reader: "ThumbnailReader",
        layout: "Layout",
        cameras: Sequence[SearchCamera],
        shown: str,
        day: date,
        clock: Clock,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Search motion in an area"))
        self.resize(_SIZE)
        self._layout, self._clock, self._day = layout, clock, day
        self._cameras = {camera.folder: camera for camera in cameras}
        self._shown = shown if shown in self._cameras else next(iter(self._cameras), "")
        self._given: dict[str, QImage] = {}
        self._picture_path: Path | None = None
        self._questions = AreaQuestions(index, self)
        self._questions.found.connect(self._show_hits)
        self._pictures = Thumbnails(reader, _PICTURE, self)
        self._pictures.loaded.connect(self._take_picture)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.search)
        self._make_widgets(reader, theme)
        self._lay_out()
        self._questions.improved.connect(self.model.improve)
        self._look_at(self._shown)
        self.picture.setFocus()
        self.search()

    def is_about(self, cameras: Sequence[SearchCamera], day: date) -> bool:
        """Whether it was opened for these cameras and this day."""
        return day == self._day and set(cameras) == set(self._cameras.values())

    def set_picture(self, folder: str, image: QImage) -> None:
        """A picture of a camera as it is shown now; without one its newest thumbnail serves."""
        self._given[folder] = image
        if folder == self._shown:
            self.picture.set_image(image)

    def done(self, result: int) -> None:
        self.stop()
        super().done(result)

    def stop(self) -> None:
        """Ask and read no more."""
        self._settle.stop()
        self._questions.stop()
        self.view.thumbnails.stop()
        self._pictures.stop()

    def _make_widgets(self, reader: "ThumbnailReader", theme: Theme) -> None:
        self.camera = NameBox()
        self.camera.setAccessibleName(self.tr("Camera whose picture is drawn on"))
        for camera in self._cameras.values():
            self.camera.addItem(camera.name, camera.folder)
        self.camera.setCurrentIndex(list(self._cameras).index(self._shown) if self._cameras else -1)
        self.camera.currentIndexChanged.connect(self._change_camera)
        self.picture = AreaPicture()
        self.picture.area_changed.connect(lambda _area: self._settle.start())
        day = short_day(self._day)
        self.heat = QCheckBox(self.tr("Heat map of {day}").format(day=day))
        self.heat.setToolTip(self.tr("Shows where something moved that day, and how long"))
        self.heat.setChecked(True)
        self.heat.toggled.connect(self._ask_heat)
        self.legend = HeatLegend()
        self.span = SpanChooser(self._day, day_of(self._clock.now()))
        self.span.changed.connect(self.search)
        self.cameras = CameraChooser(tuple(self._cameras.values()), self._shown)
        self.cameras.changed.connect(self.search)
        self.model = HitsModel(self)
        self.view = HitsView(self.model, reader, self._layout, theme)
        self.view.chosen.connect(self._play)
        self.told = QLabel()
        self.told.setProperty("title", True)
        self.empty = PlainLabel(quiet=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left_side())
        row.addLayout(self._right_side(), 1)

    def _left_side(self) -> QWidget:
        side = QWidget()
        side.setObjectName("searchSide")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        heat = QHBoxLayout()
        heat.setSpacing(12)
        heat.addWidget(self.heat)
        heat.addWidget(self.legend, 1)
        column = QVBoxLayout(side)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.camera)
        column.addWidget(self.picture)
        self.picture.setFixedHeight(round((_LEFT_PX - 32) * 9 / 16))
        column.addWidget(PlainLabel(self.tr("Draw a rectangle on the picture."), quiet=True))
        column.addLayout(heat)
        column.addSpacing(8)
        column.addWidget(_title(self.tr("Days")))
        column.addWidget(self.span)
        column.addSpacing(8)
        column.addWidget(_title(self.tr("Cameras")))
        column.addWidget(self.cameras, 1)
        column.addStretch()
        scrolled = ScrolledContent(side)
        scrolled.setFixedWidth(_LEFT_PX)
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return scrolled

    def _right_side(self) -> QVBoxLayout:
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout()
        column.setContentsMargins(16, 16, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.told)
        column.addLayout(self._stack, 1)
        return column

    def _change_camera(self) -> None:
        before, folder = self._shown, self.camera.currentData()
        self._look_at(folder)
        self.cameras.show_instead(before, folder)

    def _look_at(self, folder: str) -> None:
        """Show a camera's picture: what was handed in, else its newest thumbnail."""
        self._shown = folder
        self.picture.set_image(self._given.get(folder))
        if folder and folder not in self._given:
            query = NeighbourQuery(self._clock.now(), forward=False, folders=(folder,))
            self._questions.ask(query, lambda clip: self._load_picture(folder, clip))
        self._ask_heat()

    def _load_picture(self, folder: str, clip: "IndexedClip | None") -> None:
        if folder == self._shown and clip is not None and clip.has_thumbnail:
            self._picture_path = self._layout.thumbnail_path(clip.path)
            if self._pictures.get(self._picture_path, self.devicePixelRatioF()) is not None:
                self._take_picture(self._picture_path)

    def _take_picture(self, path: Path) -> None:
        if self._shown in self._given or path != self._picture_path:
            return
        picture = self._pictures.get(path, self.devicePixelRatioF())
        if picture is not None and not picture.isNull():
            self.picture.set_image(picture.toImage())

    def _ask_heat(self) -> None:
        self.picture.set_heat(None)
        self.legend.setVisible(self.heat.isChecked())
        if self.heat.isChecked() and self._shown:
            folder = self._shown
            query = HeatQuery(self._day, (folder,))
            self._questions.ask(query, lambda heat: self._show_heat(heat, folder))

    def _show_heat(self, heat: Any, folder: str) -> None:
        if folder == self._shown and self.heat.isChecked():
            self.picture.set_heat(heat_image(heat))

    def search(self) -> None:
        """Ask for what moved in the area."""
        self._settle.stop()
        chosen = [self._cameras[folder] for folder in sorted(self.cameras.folders())]
        if not chosen:
            self._questions.forget()
            self._say(self.tr("No camera is chosen"), self.tr("Check a camera at the left."))
            return
        self.told.setText(self.tr("Searching…"))
        self._questions.search(self.picture.area, self.span.span(), chosen)

    def _show_hits(self, hits: tuple[AreaHit, ...]) -> None:
        self.model.set_hits(hits)
        if not hits:
            self._say(self.tr("Nothing moved there"), self._advice())
            return
        self.view.scrollToTop()
        self._stack.setCurrentWidget(self.view)
        if len(hits) == MOST_AREA_HITS:
            self.told.setText(self.tr("The best %n clip(s)", "", len(hits)))
        else:
            self.told.setText(self.tr("%n clip(s), best first", "", len(hits)))

    def _advice(self) -> str:
        return self.tr(
            "No recording of these cameras and days has motion in the area. "
            "Draw a larger rectangle or choose more days."
        )

    def _play(self, hit: AreaHit) -> None:
        """Step aside for the player; what was found stays for the next time this is shown."""
        self.hide()
        self.play_wanted.emit(hit.clip, moment(hit))

    def _say(self, title: str, text: str) -> None:
        """There is nothing to show, and why."""
        self.model.set_hits(())
        self.told.setText(title)
        self.empty.setText(text)
        self._stack.setCurrentWidget(self.empty)


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("searchHead")
    return label
