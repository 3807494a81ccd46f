"""The rail at the left: the pages, and the gear with what belongs to the program."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QIcon
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from vms_desktop.ui.base import Actions, PageKey, icons

if TYPE_CHECKING:
    from vms_desktop.ui.base import Preferences, Theme

WIDTH_PX = 74


class Rail(QWidget):
    """Buttons for the pages that exist, and the menu of the program."""

    def __init__(
        self,
        actions: Actions,
        preferences: "Preferences",
        theme: "Theme",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH_PX)
        self._preferences = preferences
        self._pages = {key: self._page_button(action) for key, action in actions.pages.items()}
        gear = icons.icon("gear", theme)
        self.gear = self._button(gear, self.tr("Menu"), self.tr("Menu (F10)"))
        self.gear.setShortcut("F10")
        self.gear.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.gear.setMenu(self._menu(actions))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 8, 4, 8)
        for button in self._pages.values():
            layout.addWidget(button)
        layout.addStretch()
        layout.addWidget(self.gear)

    def show_page(self, key: PageKey) -> None:
        """Mark the page that is shown."""
        for other, button in self._pages.items():
            button.setChecked(other == key)

    def _page_button(self, action: QAction) -> QToolButton:
        button = self._button(action.icon(), action.text(), action.toolTip())
        button.setCheckable(True)
        # A click on the page that is shown must not take its mark away.
        button.clicked.connect(lambda: button.setChecked(True))
        button.clicked.connect(action.trigger)
        return button

    def _button(self, icon: QIcon, text: str, tooltip: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon)
        button.setIconSize(QSize(20, 20))
        button.setText(text)
        button.setToolTip(tooltip)
        button.setAccessibleName(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setFixedSize(WIDTH_PX - 9, 52)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _menu(self, actions: Actions) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addMenu(self._theme_menu(menu))
        menu.addMenu(self._language_menu(menu))
        menu.addSeparator()
        menu.addActions([actions.fill, actions.events_panel, actions.full_screen])
        menu.addSeparator()
        menu.addActions([actions.recordings, actions.keys, actions.about])
        menu.addSeparator()
        menu.addAction(actions.quit)
        return menu

    def _theme_menu(self, parent: QMenu) -> QMenu:
        names = {"dark": self.tr("Dark"), "light": self.tr("Light")}
        return self._choices(parent, self.tr("Theme"), "theme", names)

    def _language_menu(self, parent: QMenu) -> QMenu:
        # A language is offered in its own words, whatever is spoken now.
        names = {"": self.tr("System"), "en": "English", "fr": "Français"}
        return self._choices(parent, self.tr("Language"), "language", names)

    def _choices(self, parent: QMenu, title: str, field: str, choices: dict[str, str]) -> QMenu:
        """A submenu that sets one field of the settings."""
        menu = QMenu(title, parent)
        group = QActionGroup(menu)
        for value, text in choices.items():
            action = QAction(text, menu, checkable=True)
            action.setChecked(getattr(self._preferences.value, field) == value)
            action.triggered.connect(
                lambda _checked, value=value: self._preferences.change(**{field: value})
            )
            group.addAction(action)
            menu.addAction(action)
        return menu
