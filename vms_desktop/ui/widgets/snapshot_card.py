"""The card that tells of saved snapshots, and shows where they are."""

from pathlib import Path

from vms_desktop.ui.base import open_path, words_of
from vms_desktop.ui.widgets.banner import Banner

_tr = words_of(__name__)

# How long it stays.
_SECONDS = 6


def snapshot_banner(path: str, saved: int) -> Banner:
    """Tells that one snapshot or several were saved, with a button that shows them."""
    if not path:
        return Banner("snapshot", _tr("The snapshot could not be saved."), icon="warning")
    text = _tr("Snapshot saved: {name}").format(name=Path(path).name)
    if saved > 1:
        text = _tr("%n snapshots saved", saved)
    show = (_tr("Show folder"), lambda: open_path(Path(path).parent))
    return Banner("snapshot", text, icon="snapshot", answers=(show,), seconds=_SECONDS)
