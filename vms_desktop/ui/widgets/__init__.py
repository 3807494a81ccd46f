"""Small parts that pages are made of, and that know no page.

Buttons, fields, banners, labels that shorten what has little room, the ground of every dialog.
They are given values and say in signals what a person did.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.widgets.banner import Banner, BannerArea
    from vms_desktop.ui.widgets.bar_button import BarButton
    from vms_desktop.ui.widgets.empty_page import EmptyPage, Welcome, primary_button
    from vms_desktop.ui.widgets.field import Choice, Field, Line, NumberBox, PasswordField
    from vms_desktop.ui.widgets.fitting_dialog import FittingDialog, ScrolledContent, scrolled_page
    from vms_desktop.ui.widgets.form_rows import FormRows, side_by_side
    from vms_desktop.ui.widgets.labels import (
        ElidedButton,
        FittingLabel,
        NameBox,
        NamedCheck,
        NameList,
        PlainLabel,
        breakable,
        elided,
        elided_name,
        isolated,
        tabular,
    )
    from vms_desktop.ui.widgets.page_bar import PageBar
    from vms_desktop.ui.widgets.segmented import Segments
    from vms_desktop.ui.widgets.snapshot_card import snapshot_banner
    from vms_desktop.ui.widgets.switch import TRACK, Switch, paint_switch
    from vms_desktop.ui.widgets.task_line import Answer, TaskLine
    from vms_desktop.ui.widgets.text_search import SearchField, folded
    from vms_desktop.ui.widgets.volume_slider import VolumeSlider
    from vms_desktop.ui.widgets.wrapping_row import WrappingRow

__all__ = [
    "TRACK",
    "Answer",
    "Banner",
    "BannerArea",
    "BarButton",
    "Choice",
    "ElidedButton",
    "EmptyPage",
    "Field",
    "FittingDialog",
    "FittingLabel",
    "FormRows",
    "Line",
    "NameBox",
    "NameList",
    "NamedCheck",
    "NumberBox",
    "PageBar",
    "PasswordField",
    "PlainLabel",
    "ScrolledContent",
    "SearchField",
    "Segments",
    "Switch",
    "TaskLine",
    "VolumeSlider",
    "Welcome",
    "WrappingRow",
    "breakable",
    "elided",
    "elided_name",
    "folded",
    "isolated",
    "paint_switch",
    "primary_button",
    "scrolled_page",
    "side_by_side",
    "snapshot_banner",
    "tabular",
]

__getattr__ = late_names(
    __name__,
    {
        "banner": (
            "Banner",
            "BannerArea",
        ),
        "bar_button": ("BarButton",),
        "empty_page": (
            "EmptyPage",
            "Welcome",
            "primary_button",
        ),
        "field": (
            "Choice",
            "Field",
            "Line",
            "NumberBox",
            "PasswordField",
        ),
        "fitting_dialog": (
            "FittingDialog",
            "ScrolledContent",
            "scrolled_page",
        ),
        "form_rows": (
            "FormRows",
            "side_by_side",
        ),
        "labels": (
            "ElidedButton",
            "FittingLabel",
            "NameBox",
            "NameList",
            "NamedCheck",
            "PlainLabel",
            "breakable",
            "elided",
            "elided_name",
            "isolated",
            "tabular",
        ),
        "page_bar": ("PageBar",),
        "segmented": ("Segments",),
        "snapshot_card": ("snapshot_banner",),
        "switch": (
            "Switch",
            "TRACK",
            "paint_switch",
        ),
        "task_line": (
            "Answer",
            "TaskLine",
        ),
        "text_search": (
            "SearchField",
            "folded",
        ),
        "volume_slider": ("VolumeSlider",),
        "wrapping_row": ("WrappingRow",),
    },
)
