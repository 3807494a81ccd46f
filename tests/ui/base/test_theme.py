import re
from dataclasses import asdict

import pytest

from vms_desktop.core.config.settings import THEMES as CHOICES
from vms_desktop.resources import demo_folder, resources_folder, style_sheet
from vms_desktop.ui.base import icons
from vms_desktop.ui.base.theme import DARK_THEME, THEMES, Tone, filled_style_sheet, theme_named

LEAST_CONTRAST = 4.5
TEXT_ON_GROUND = [
    (text, ground) for text in ("text", "muted") for ground in ("window", "panel", "raised", "rail")
] + [("text", "chosen"), ("text", "line"), ("on_blue", "blue")]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("text, ground", TEXT_ON_GROUND)
def test_text_can_be_read_on_its_ground(theme, text, ground):
    assert contrast(getattr(theme, text), getattr(theme, ground)) >= LEAST_CONTRAST


@pytest.mark.parametrize("text", ["text", "muted"])
def test_text_on_pictures_can_be_read_in_every_theme(text):
    assert contrast(getattr(DARK_THEME, text), "#0a0d11") >= LEAST_CONTRAST


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_style_sheet_names_no_colour_of_its_own(theme):
    assert not re.findall(r"#[0-9a-f]{3,6}\b\s*[;}]", style_sheet())
    assert "$" not in filled_style_sheet(theme)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_tone_is_a_colour_of_every_theme_and_there_are_no_others(theme):
    assert set(asdict(theme)) - {"name"} == set(Tone)
    assert all(theme.colour(tone).isValid() for tone in Tone)


def test_an_unknown_theme_is_the_dark_one():
    assert theme_named("pink") is DARK_THEME


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in (resources_folder() / "icons").glob("*.svg"))
)
def test_every_icon_is_a_drawing(qapp, name):
    image = icons.pixmap(name, "#ffffff", 24).toImage()
    painted = sum(image.pixelColor(x, y).alpha() > 0 for x in range(24) for y in range(24))
    assert 20 < painted <= 24 * 24


def test_an_icon_takes_the_colour_it_is_given(qapp):
    image = icons.pixmap("pause", "#ff0000", 48).toImage()
    solid = [image.pixelColor(x, 24) for x in range(48) if image.pixelColor(x, 24).alpha() == 255]
    assert solid
    assert {colour.name() for colour in solid} == {"#ff0000"}


def test_resources_stand_beside_the_package_in_a_checkout():
    assert (resources_folder() / "style.qss").is_file()
    assert demo_folder().name == "demo"


def test_every_theme_that_can_be_set_is_there():
    assert sorted(THEMES) == sorted(CHOICES)
