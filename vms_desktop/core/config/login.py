"""A camera's addresses and login as a form shows them, and as they are kept.

A form has addresses without credentials and one login for both. A camera from
the web version may carry the login inside its addresses, even another one in
each. What is not edited is kept as it was found, so that saving a name touches
no stream.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote

from vms_desktop.core.base import ConfigError
from vms_desktop.core.config.address import AddressKind, SplitAddress, address_kind, split_login
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.declared import is_text


@dataclass(frozen=True, slots=True)
class StreamLogin:
    """Both addresses, their user name and password; these four are keys of `CameraConfig`."""

    # As they are kept, the web version's addresses hold the password.
    url_sd: str = field(default="", repr=False)
    url_hd: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)


def shown_login(camera: CameraConfig) -> StreamLogin:
    """The login as a form shows it: addresses without it, user and password beside them."""
    sd, hd = _split(camera.url_sd), _split(camera.url_hd)
    return StreamLogin(
        sd.address,
        hd.address,
        camera.username or sd.username or hd.username,
        camera.password or sd.password or hd.password,
    )


def has_two_logins(camera: CameraConfig) -> bool:
    """True if the streams have different credentials, which one login cannot say."""
    logins = {
        (camera.username or split.username, camera.password or split.password)
        for split in map(_split, (camera.url_sd, camera.url_hd))
        if address_kind(split.address) is AddressKind.NETWORK
    }
    return len(logins - {("", "")}) > 1


def kept_login(camera: CameraConfig | None, entered: StreamLogin) -> StreamLogin:
    """The login to be kept after a form has been filled in.

    Where nothing was edited it is what the camera had. Where the streams had
    two logins, these stay until the user name or the password is edited.
    """
    if camera is None:
        return entered
    shown = shown_login(camera)
    if entered == shown:
        return StreamLogin(camera.url_sd, camera.url_hd, camera.username, camera.password)
    is_login_edited = (entered.username, entered.password) != (shown.username, shown.password)
    if is_login_edited or not has_two_logins(camera):
        return entered
    return StreamLogin(
        _with_login_of(camera.url_sd, entered.url_sd),
        _with_login_of(camera.url_hd, entered.url_hd),
        camera.username,
        camera.password,
    )


def _with_login_of(original: str, entered: str) -> str:
    """An address as entered, with the credentials that stood in the one before."""
    old = _split(original)
    if entered == old.address:
        return original
    scheme, mark, rest = entered.partition("://")
    if not mark or not (old.username or old.password):
        return entered
    return f"{scheme}://{quote(old.username, safe='')}:{quote(old.password, safe='')}@{rest}"


def _split(address: str) -> SplitAddress:
    with suppress(ConfigError):
        found = split_login(address)
        # Bytes that are no UTF-8 have no place but the address: no file keeps half a character.
        if is_text(found.username + found.password):
            return found
    return SplitAddress(address)
