"""The languages of the window, from JSON files that need no build step.

`{context: {source: translation}}`; where a number is in the text the
translation is a pair, for one and for many.
"""

import json
from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication

from vms_desktop.core.config import LANGUAGES
from vms_desktop.resources import translation_path

Words = Mapping[str, Mapping[str, str | list[str]]]


def load_words(language: str) -> Words:
    """The translations of one language as its file has them."""
    words: Words = json.loads(translation_path(language).read_text(encoding="utf-8"))
    return words


def words_of(module: str) -> Callable[..., str]:
    """The `tr(text, n=-1)` of what a module says outside classes, under its path in `ui`."""
    context = module.removeprefix("vms_desktop.ui.")

    def tr(text: str, n: int = -1) -> str:
        return QCoreApplication.translate(context, text, None, n)

    return tr


def chosen_language(setting: str) -> str:
    """The language to speak: the one set, or the system's where the program knows it."""
    if setting in LANGUAGES:
        return setting
    system = QLocale.system().name().partition("_")[0]
    return system if system in LANGUAGES else "en"


class JsonTranslator(QTranslator):
    """Answers `tr()` from a language's JSON file."""

    def __init__(self, language: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = load_words(language)
        self._singular = (0, 1) if language == "fr" else (1,)

    def isEmpty(self) -> bool:
        """Tells Qt that there is something to ask for."""
        return not self._words

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """The translation, or None for Qt to go on searching."""
        found = self._words.get(context, {}).get(source)
        if found is None or isinstance(found, str):
            return found
        one, many = found
        return one if n in self._singular else many


class Language:
    """The language the program speaks; owns the installed translators."""

    def __init__(self, application: QApplication) -> None:
        self._application = application
        self._installed: list[QTranslator] = []

    def speak(self, setting: str) -> None:
        """Change to a language: `en`, `fr`, or empty for the system's."""
        self.fall_silent()
        language = chosen_language(setting)
        self._installed = [_qt_words(language), JsonTranslator(language)]
        QLocale.setDefault(_locale(language))
        for new in self._installed:
            self._application.installTranslator(new)

    def fall_silent(self) -> None:
        """Translate no more: the texts are shown as they stand in the code."""
        for old in self._installed:
            self._application.removeTranslator(old)
        self._installed = []


def _qt_words(language: str) -> QTranslator:
    """Qt's own words: the buttons of its dialogs, the menus of its text fields."""
    translator = QTranslator()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    translator.load(f"qtbase_{language}", folder)
    return translator


def _locale(language: str) -> QLocale:
    """The system's locale where it speaks the language: its country has its own formats."""
    system = QLocale.system()
    if system.name().partition("_")[0] == language:
        return system
    return QLocale({"fr": "fr_FR", "en": "en_GB"}[language])
