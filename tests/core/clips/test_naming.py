import pytest

from tests.support.packets import camera
from vms_desktop.core.base.errors import Reason
from vms_desktop.core.clips.folders import camera_name_problem

CAMERAS = (camera(id="1", name="Front door"), camera(id="2", name="Café", is_active=False))
FOLDERS = {"1": "Front_door", "2": "Cafe", "gone": "Old_yard"}


@pytest.mark.parametrize(
    "name, expected",
    [
        ("Garden", None),
        ("  Garden ", None),
        ("", Reason.EMPTY),
        (" \t", Reason.EMPTY),
        ("x" * 200, None),
        ("x" * 201, Reason.TOO_LONG),
        ("Front door", Reason.TAKEN),
        ("front-DOOR", Reason.TAKEN),
        ("cafe", Reason.TAKEN),  # an inactive camera's
        ("Old yard", Reason.TAKEN),  # a deleted camera's, whose clips are still there
        ("../../etc/passwd", None),
        ("CON", None),
        ("\U0001f600", None),
        ("\x00", None),
    ],
)
def test_a_name_is_refused_where_it_is_none_or_its_folder_is_another_cameras(name, expected):
    assert camera_name_problem(name, "new", CAMERAS, FOLDERS) is expected


def test_a_camera_keeps_its_own_name_and_folder():
    assert camera_name_problem("FRONT door", "1", CAMERAS, FOLDERS) is None
