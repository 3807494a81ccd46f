"""Cameras taken over from another `cameras.json`, and given away in one.

The form is that of `cameras.json` itself, the web version's too. Nothing here
reads or writes a file, or changes a camera that is there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from vms_desktop.core.base import json_bytes
from vms_desktop.core.config.address import AddressKind, address_kind, redact, split_login
from vms_desktop.core.config.camera import CameraConfig, camera_to_json
from vms_desktop.core.config.camera_store import InvalidCamera, parse_cameras, sorted_out

# No list of cameras is larger; a film chosen by mistake is.
IMPORT_MOST_BYTES = 16 * 2**20

_PASSWORD = "{password}"  # noqa: S105 - the placeholder for one
_BETWEEN_PARAMETERS = re.compile(r"([/?&;])")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The cameras in a file that is imported.

    Attributes:
        cameras: New ones, ready to be saved behind those present.
        known: Names of those that are there already.
        refused: Entries that cannot be run, and why.
    """

    cameras: tuple[CameraConfig, ...] = ()
    known: tuple[str, ...] = ()
    refused: tuple[InvalidCamera, ...] = ()


def read_import(data: bytes, present: tuple[CameraConfig, ...]) -> ImportReport:
    """The cameras of another `cameras.json`, beside those that are present.

    A camera is known by its streams together with its id or its name. A new one
    keeps its id unless another camera has that, or it is no UUID.

    Raises:
        DefectError: The file holds no JSON object.
    """
    found, refused = sorted_out(parse_cameras(data).entries)
    cameras: list[CameraConfig] = []
    known: list[str] = []
    for camera in found:
        others = (*present, *cameras)
        if any(_is_same(camera, other) for other in others):
            known.append(camera.name)
        else:
            taken = {other.id for other in others}
            cameras.append(replace(camera, id=_free_id(camera.id, taken)))
    return ImportReport(tuple(cameras), tuple(known), refused)


def export_json(cameras: Iterable[CameraConfig], *, with_passwords: bool) -> bytes:
    """A `cameras.json` of these cameras; without passwords, no address holds one either."""
    given = cameras if with_passwords else map(_without_secrets, cameras)
    return json_bytes({camera.id: camera_to_json(camera) for camera in given})


def _is_same(camera: CameraConfig, other: CameraConfig) -> bool:
    by_id_or_name = camera.id == other.id or camera.name == other.name
    return by_id_or_name and _bare_addresses(camera) == _bare_addresses(other)


def _free_id(camera_id: str, taken: set[str]) -> str:
    try:
        UUID(camera_id)
    except ValueError:
        return str(uuid4())
    return camera_id if camera_id not in taken else str(uuid4())


def _bare_addresses(camera: CameraConfig) -> tuple[str, ...]:
    return tuple(_bare(address) for address in (camera.url_sd, camera.url_hd))


def _without_secrets(camera: CameraConfig) -> CameraConfig:
    """The camera without passwords; a user name moves out of its address.

    Keys that this version does not know may hold any secret: they stay behind.
    """
    url_sd, url_hd = _bare_addresses(camera)
    return replace(
        camera,
        url_sd=url_sd,
        url_hd=url_hd,
        username=camera.username or split_login(camera.watched_url).username,
        password="",
        password_in_keyring=False,
        extra={},
    )


def _bare(address: str) -> str:
    """The address without a login, and without the values of secret parameters."""
    if address_kind(address) is not AddressKind.NETWORK:
        return address
    parts = _BETWEEN_PARAMETERS.split(split_login(address).address)
    return "".join(_bare_parameter(part) for part in parts)


def _bare_parameter(part: str) -> str:
    if _PASSWORD in part or redact(f"?{part}") == f"?{part}":
        return part
    return part.partition("=")[0] + "="
