"""Small parts that pages are made of, and that know no page.

Buttons, fields, banners, labels that shorten what has little room, the ground of every dialog.
They are given values and say in signals what a person did.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.widgets.banner import AnswerButton, Banner, BannerArea
    from vms_desktop.ui.widgets.bar_button import BarButton
    from vms_desktop.ui.widgets.empty_page import EmptyPage, Welcome, primary_button
    from vms_desktop.ui.widgets.field import (
        ChoiceBox,
        FormField,
        NoticeLine,
        NumberBox,
        PasswordField,
    )
    from vms_desktop.ui.widgets.fitting_dialog import FittingDialog, ScrolledContent, scrolled_page
    from vms_desktop.ui.widgets.form_rows import FormRows, side_by_side
    from vms_desktop.ui.widgets.labels import (
        ElidedButton,
        FittingLabel,
        NameBox,
        NamedCheck,
        NameList,
        PlainLabel,
        breakable_text,
        elided,
        elided_name,
        isolated_name,
        tabular_font,
    )
    from vms_desktop.ui.widgets.page_bar import PageBar
    from vms_desktop.ui.widgets.segmented import Segments
    from vms_desktop.ui.widgets.snapshot_card import snapshot_banner
    from vms_desktop.ui.widgets.switch import SWITCH_SIZE, Switch, paint_switch
    from vms_desktop.ui.widgets.task_line import TaskLine
    from vms_desktop.ui.widgets.text_search import SearchField, folded_text
    from vms_desktop.ui.widgets.volume_slider import VolumeSlider
    from vms_desktop.ui.widgets.wrapping_row import WrappingRow

__all__ = [
    "SWITCH_SIZE",
    "AnswerButton",
    "Banner",
    "BannerArea",
    "BarButton",
    "ChoiceBox",
    "ElidedButton",
    "EmptyPage",
    "FittingDialog",
    "FittingLabel",
    "FormField",
    "FormRows",
    "NameBox",
    "NameList",
    "NamedCheck",
    "NoticeLine",
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
    "breakable_text",
    "elided",
    "elided_name",
    "folded_text",
    "isolated_name",
    "paint_switch",
    "primary_button",
    "scrolled_page",
    "side_by_side",
    "snapshot_banner",
    "tabular_font",
]

__getattr__ = late_names(
    __name__,
    {
        "banner": (
            "AnswerButton",
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
            "ChoiceBox",
            "FormField",
            "NoticeLine",
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
            "breakable_text",
            "elided",
            "elided_name",
            "isolated_name",
            "tabular_font",
        ),
        "page_bar": ("PageBar",),
        "segmented": ("Segments",),
        "snapshot_card": ("snapshot_banner",),
        "switch": (
            "SWITCH_SIZE",
            "Switch",
            "paint_switch",
        ),
        "task_line": ("TaskLine",),
        "text_search": (
            "SearchField",
            "folded_text",
        ),
        "volume_slider": ("VolumeSlider",),
        "wrapping_row": ("WrappingRow",),
    },
)
