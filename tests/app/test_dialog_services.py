"""What the camera dialog is given to work with."""

from pathlib import Path

from tests.support.camera_entries import entry
from tests.support.running import running_fleet
from vms_desktop.app.dialog_services import dialog_services
from vms_desktop.cli.command_line import PAGES
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Reason
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.ui.base.actions import Actions
from vms_desktop.ui.base.theme import DARK_THEME


def test_a_dialog_has_the_fleets_names_both_tables_of_makes_and_the_purge_hour(
    qapp, data_dir: Path
):
    own = '{"barn": {"name": "Barn", "url_sd": "rtsp://{host}/sd", "url_hd": "rtsp://{host}/hd"}}'
    (data_dir / "makes.json").write_text(own)
    cameras = {"a": entry("film.mp4", name="Door", is_active=False)}
    with running_fleet(data_dir, cameras) as running:
        running.until(running.fleet.cameras)
        opener = StreamOpener(data_dir, Clock())
        services = dialog_services(running.fleet, opener, data_dir, lambda: 4)()
    assert services.purge_hour == 4
    assert services.name_problem("door", "b") is Reason.TAKEN
    assert services.name_problem("Door", "a") is None
    assert services.makes[0].name == "Barn"
    assert len(services.makes) > 10


def test_every_page_can_be_asked_for_on_the_command_line(qapp):
    actions = Actions(DARK_THEME, qapp)
    assert tuple(actions.pages) == PAGES
    actions.deleteLater()
