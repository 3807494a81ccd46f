import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QObject
from PySide6.QtWidgets import QApplication, QDialogButtonBox

import vms_desktop.ui
from vms_desktop.cli.command_line import parse
from vms_desktop.core.config.settings import LANGUAGES
from vms_desktop.ui.base.translation import JsonTranslator, Language, chosen_language, load_words

UI = Path(vms_desktop.ui.__file__).parent
NARROW_SPACE, SPACE = "\u202f", "\u00a0"

# Widgets and methods whose text a person reads.
SHOWING = {
    "QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QAction", "QGroupBox", "QMenu",
    "setText", "setToolTip", "setWindowTitle", "setAccessibleName", "setPlaceholderText",
    "setTitle", "setStatusTip", "addTab", "addItem", "addAction", "addButton", "setInformativeText",
}  # fmt: skip
# What is the same in every language.
NAMES = {"VMS Desktop", "English", "Français"}


def sources() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text())) for path in sorted(UI.rglob("*.py"))]


def spoken() -> dict[str, set[str]]:
    """Every text of the window by its context: the class, or the module's path of a bare `_tr`."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in sources():
        for context, call in translating_calls(
            tree, ".".join(path.relative_to(UI).with_suffix("").parts)
        ):
            literal = call.args[0]
            is_literal = isinstance(literal, ast.Constant) and isinstance(literal.value, str)
            assert is_literal, f"{path.name}:{call.lineno}: not a literal"
            found[context].add(ast.literal_eval(literal))
    return found


def translating_calls(tree: ast.Module, module: str) -> list[tuple[str, ast.Call]]:
    return [
        (top.name if isinstance(top, ast.ClassDef) else module, node)
        for top in tree.body
        for node in ast.walk(top)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("self.tr", "_tr")
    ]


def pairs(language: str) -> list[tuple[str, str]]:
    """Every source of a language with each of its translations."""
    return [
        (source, text)
        for texts in load_words(language).values()
        for source, translation in texts.items()
        for text in ([translation] if isinstance(translation, str) else translation)
    ]


def test_french_has_every_text_of_the_window_and_no_other():
    known = {context: set(texts) for context, texts in load_words("fr").items()}
    assert known == spoken()


def test_english_has_a_singular_and_a_plural_for_every_number():
    counted = {
        context: {text for text in texts if "%n" in text} for context, texts in spoken().items()
    }
    known = {context: set(texts) for context, texts in load_words("en").items()}
    assert known == {context: texts for context, texts in counted.items() if texts}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_number_has_two_forms(language):
    for texts in load_words(language).values():
        for source, translation in texts.items():
            assert ("%n" in source) == isinstance(translation, list), source


@pytest.mark.parametrize("language", ["en", "fr"])
def test_translations_fill_the_same_blanks(language):
    def blanks(text: str) -> list[str]:
        return sorted(re.findall(r"\{\w+\}|%n", text))

    assert [s for s, text in pairs(language) if blanks(s) != blanks(text)] == []


def test_french_has_narrow_spaces_and_its_own_quotes():
    wrong = [
        text
        for _, text in pairs("fr")
        if re.search(rf"(?<![{NARROW_SPACE}{SPACE}\d])[;!?:](?!\d)|[“”\"'…] […]|[“”\"']", text)
    ]
    assert wrong == []


def test_no_text_reaches_the_screen_past_the_translation():
    wrong = []
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in SHOWING:
                wrong += [
                    f"{path.name}:{node.lineno}: {text}"
                    for text in map(literal_text, node.args)
                    if text
                ]
    assert wrong == []


def literal_text(node: ast.expr) -> str:
    """The words of a literal or an f-string, if a person would have to read them."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    text = "".join(
        p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)
    )
    text = re.sub(r"&\w+;|<[^>]*>", "", text).strip()
    return text if re.search(r"[^\W\d_]{2}", text) and text not in NAMES else ""


@pytest.mark.parametrize(
    "language, number, text",
    [
        ("en", 0, "0 clips"),
        ("en", 1, "1 clip"),
        ("en", 2, "2 clips"),
        ("fr", 0, "0 séquence"),
        ("fr", 1, "1 séquence"),
        ("fr", 2, "2 séquences"),
    ],
)
def test_numbers_have_the_form_of_their_language(qapp, language, number, text):
    speak = Language(qapp)
    speak.speak(language)
    source = "The disk is nearly full. Delete the oldest %n clip(s), {amount}?"
    assert text in QCoreApplication.translate("fleet_banners", source, None, number).replace(
        "oldest ", ""
    ).replace("anciennes ", "").replace("ancienne ", "")
    speak.fall_silent()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_that_can_be_set_can_be_asked_for_at_the_start(language):
    assert parse(["--language", language]).language == language
    assert load_words(language)


def test_a_text_without_translation_is_shown_as_it_is(qapp):
    translator = JsonTranslator("fr")
    QApplication.installTranslator(translator)
    assert QObject().tr("unknown to the file") == "unknown to the file"
    QApplication.removeTranslator(translator)


def test_qts_own_buttons_speak_the_language_too(qapp, qtbot):
    speak = Language(qapp)
    speak.speak("fr")
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(buttons)
    assert buttons.buttons()[0].text() == "Annuler"
    assert QLocale().decimalPoint() == ","
    speak.fall_silent()


@pytest.mark.parametrize(
    "setting, system, expected",
    [("fr", "en_GB", "fr"), ("en", "fr_FR", "en"), ("", "fr_CA", "fr"), ("", "de_DE", "en")],
)
def test_the_language_follows_the_system_unless_it_is_set(monkeypatch, setting, system, expected):
    monkeypatch.setattr(QLocale, "system", lambda: QLocale(system))
    assert chosen_language(setting) == expected
