import pytest

from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.login import StreamLogin, has_two_logins, kept_login, shown_login

SD, HD = "rtsp://10.0.0.2/sd", "rtsp://10.0.0.2/hd"
SD_IN, HD_IN = "rtsp://ann:p%40ss@10.0.0.2/sd", "rtsp://ann:p%40ss@10.0.0.2/hd"
HD_OTHER = "rtsp://bob:other@10.0.0.2/hd"


def camera(url_sd, url_hd="", username="", password=""):
    return CameraConfig(
        id="a", name="A", url_sd=url_sd, url_hd=url_hd, username=username, password=password
    )


@pytest.mark.parametrize(
    "configured, shown",
    [
        (camera(SD, HD, "ann", "p@ss"), StreamLogin(SD, HD, "ann", "p@ss")),
        (camera(SD_IN, HD_IN), StreamLogin(SD, HD, "ann", "p@ss")),
        (camera(SD_IN, HD_IN, "own", "key"), StreamLogin(SD, HD, "own", "key")),
        (camera("", HD_IN), StreamLogin("", HD, "ann", "p@ss")),
        (camera(SD_IN, HD_OTHER), StreamLogin(SD, HD, "ann", "p@ss")),
        (camera("clips/a@b.mp4"), StreamLogin("clips/a@b.mp4")),
        (camera("0"), StreamLogin("0")),
    ],
)
def test_a_form_shows_addresses_without_credentials(configured, shown):
    assert shown_login(configured) == shown


@pytest.mark.parametrize(
    "configured",
    [
        camera(SD, HD, "ann", "p@ss"),
        camera(SD_IN, HD_IN),
        camera(SD_IN, HD_OTHER),
        camera(SD_IN, HD, "own", ""),
        camera("clips/a.mp4"),
        camera("0"),
    ],
)
def test_what_was_not_edited_is_kept_as_it_was_found(configured):
    kept = kept_login(configured, shown_login(configured))
    expected = configured.url_sd, configured.url_hd, configured.username, configured.password
    assert (kept.url_sd, kept.url_hd, kept.username, kept.password) == expected


@pytest.mark.parametrize(
    "configured, entered, kept",
    [
        # An edited address: the login moves into its own keys.
        (camera(SD_IN, HD_IN), StreamLogin(SD + "2", HD, "ann", "p@ss"),
         StreamLogin(SD + "2", HD, "ann", "p@ss")),
        # Another password holds for both streams, even where they had two.
        (camera(SD_IN, HD_OTHER), StreamLogin(SD, HD, "ann", "new"),
         StreamLogin(SD, HD, "ann", "new")),
        # Two logins: each address keeps its own.
        (camera(SD_IN, HD_OTHER), StreamLogin(SD + "2", HD, "ann", "p@ss"),
         StreamLogin("rtsp://ann:p%40ss@10.0.0.2/sd2", HD_OTHER)),
        (camera(SD_IN, HD_OTHER), StreamLogin(SD, "clips/a.mp4", "ann", "p@ss"),
         StreamLogin(SD_IN, "clips/a.mp4")),
        (camera("rtsp://:p@10.0.0.2/sd", HD_OTHER), StreamLogin(SD + "2", HD, "bob", "p"),
         StreamLogin("rtsp://:p@10.0.0.2/sd2", HD_OTHER)),
        (None, StreamLogin(SD, HD, "ann", "p@ss"), StreamLogin(SD, HD, "ann", "p@ss")),
    ],
)  # fmt: skip
def test_what_was_edited_is_kept_as_entered(configured, entered, kept):
    assert kept_login(configured, entered) == kept


@pytest.mark.parametrize(
    "configured, two",
    [
        (camera(SD_IN, HD_OTHER), True),
        (camera(SD_IN, HD), False),
        (camera(SD_IN, HD_IN), False),
        (camera(SD_IN, HD_OTHER, "own", "key"), False),
        (camera(SD_IN), False),
        (camera(SD, "clips/a.mp4", "ann", "p@ss"), False),
    ],
)
def test_two_logins_are_what_one_cannot_say(configured, two):
    assert has_two_logins(configured) is two


def test_a_login_is_not_quoted():
    assert "p@ss" not in repr(shown_login(camera(SD, HD, "ann", "p@ss")))
    assert "p%40ss" not in repr(kept_login(camera(SD_IN), shown_login(camera(SD_IN))))


def test_a_login_whose_bytes_are_no_text_stays_in_its_address():
    latin_1 = camera("rtsp://ann:caf%E9@10.0.0.2/sd")
    assert shown_login(latin_1) == StreamLogin("rtsp://ann:caf%E9@10.0.0.2/sd")
    entered = StreamLogin("rtsp://ann:caf%E9@10.0.0.2/sd2")
    assert kept_login(latin_1, entered) == entered
