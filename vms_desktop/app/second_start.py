"""A program that is started twice: the second start asks the first to show its window.

Over a socket of this machine that only the user may open, named for the data folder.
"""

import logging
import os
import sys
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Event
from time import monotonic

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)

# A window may be busy for so long; it listens only once its first pictures are there.
ANSWER_S = 3.0
_TRY_AGAIN_S = 0.1
_MOST_BYTES = 1024
_ASKED, _SHOWN = b"show", b"shown\n"
# A launcher's leave for the program that it starts to come to the front.
TOKEN_VARIABLES = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")


class ShowRequests(QObject):
    """Listens for second starts; owned by the GUI thread of the one that holds the folder's lock.

    Signals:
        arrived: The window is to be shown, with the launcher's token, or empty.
    """

    arrived = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._take)
        name = socket_name(folder)
        QLocalServer.removeServer(name)  # left by a crash: who has the lock is alone
        if not self._server.listen(name):
            log.warning("a second start will not find this window: %s", self._server.errorString())

    def _take(self) -> None:
        asking = self._server.nextPendingConnection()
        asking.disconnected.connect(asking.deleteLater)
        asking.readyRead.connect(lambda: self._read(asking))

    def _read(self, asking: QLocalSocket) -> None:
        if not asking.canReadLine() and asking.bytesAvailable() < _MOST_BYTES:
            return
        asked, _, token = bytes(asking.readLine(_MOST_BYTES).data()).strip().partition(b" ")
        if asked == _ASKED:
            log.info("started once more: the window is shown")
            self.arrived.emit(token.decode("utf-8", "replace"))
            asking.write(_SHOWN)
        asking.disconnectFromServer()


def ask_to_show(folder: Path, within_s: float = ANSWER_S) -> bool:
    """Have the program that uses a data folder show its window; True if it did."""
    _let_come_forward()
    token = next(filter(None, map(os.environ.get, TOKEN_VARIABLES)), "")
    deadline = monotonic() + within_s
    while (left_s := deadline - monotonic()) > 0:
        if _ask(folder, token, left_s):
            return True
        Event().wait(_TRY_AGAIN_S)
    return False


def _ask(folder: Path, token: str, within_s: float) -> bool:
    name, within_ms = socket_name(folder), int(within_s * 1000)
    if not _is_ours(name):
        return False
    asking = QLocalSocket()
    asking.connectToServer(name)
    if not asking.waitForConnected(within_ms):
        return False
    asking.write(b"%s %s\n" % (_ASKED, token.encode()))
    return asking.waitForReadyRead(within_ms) and asking.readLine().data() == _SHOWN


def socket_name(folder: Path) -> str:
    """The socket on which the program that uses a data folder listens."""
    name = f"vms-desktop-{sha256(os.fsencode(folder.resolve())).hexdigest()[:16]}"
    if sys.platform == "win32":
        return name
    home = os.environ.get("XDG_RUNTIME_DIR", "")
    return str(Path(home if Path(home).is_absolute() else tempfile.gettempdir()) / name)


def _is_ours(name: str) -> bool:
    """True if it is a socket of this user: another could lay one where all may write."""
    if sys.platform == "win32":
        return True
    with suppress(OSError):
        return Path(name).lstat().st_uid == os.getuid()
    return False


def _let_come_forward() -> None:
    """Windows lets a program come to the front only by leave of the one in front."""
    if sys.platform == "win32":
        import ctypes

        any_process = -1
        ctypes.windll.user32.AllowSetForegroundWindow(any_process)
