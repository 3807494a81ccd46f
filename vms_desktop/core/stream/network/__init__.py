"""The ways to reach a camera: sockets whose every wait ends, logins, HTTP, and whose turn it is.

Failures leave by kind (`StreamError`) and tell no secret. What connections have shown of a camera
is remembered in `habits`. Does not know what is sent over a connection.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.stream.network.connect import Stopped, is_listening, open_socket
    from vms_desktop.core.stream.network.habits import HabitBook, HabitFile, Habits
    from vms_desktop.core.stream.network.http_connection import HttpConnection, HttpReply
    from vms_desktop.core.stream.network.login import (
        MOST_REDIRECTS,
        REDIRECT_STATUSES,
        REFUSAL_KINDS,
        USER_AGENT,
        Login,
        redirected,
        wire_bytes,
    )
    from vms_desktop.core.stream.network.turns import Turn, Turns

__all__ = [
    "MOST_REDIRECTS",
    "REDIRECT_STATUSES",
    "REFUSAL_KINDS",
    "USER_AGENT",
    "HabitBook",
    "HabitFile",
    "Habits",
    "HttpConnection",
    "HttpReply",
    "Login",
    "Stopped",
    "Turn",
    "Turns",
    "is_listening",
    "open_socket",
    "redirected",
    "wire_bytes",
]

__getattr__ = late_names(
    __name__,
    {
        "connect": (
            "Stopped",
            "is_listening",
            "open_socket",
        ),
        "habits": (
            "HabitBook",
            "HabitFile",
            "Habits",
        ),
        "http_connection": (
            "HttpConnection",
            "HttpReply",
        ),
        "login": (
            "USER_AGENT",
            "Login",
            "MOST_REDIRECTS",
            "REDIRECT_STATUSES",
            "REFUSAL_KINDS",
            "redirected",
            "wire_bytes",
        ),
        "turns": (
            "Turn",
            "Turns",
        ),
    },
)
