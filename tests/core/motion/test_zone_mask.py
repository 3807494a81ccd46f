"""Where motion counts with the zones of a camera."""

import numpy as np
import pytest

from tests.core.config.test_zones import ALL, ARROW, LEFT, SQUARE, zone
from vms_desktop.core.base.picture import Size
from vms_desktop.core.config.zones import ZoneKind
from vms_desktop.core.motion.zone_mask import zone_mask


@pytest.mark.parametrize(
    "watch, ignore, share",
    [
        ((), (), 1),
        ((ALL,), (), 1),
        ((SQUARE,), (), 0.25),
        ((), (SQUARE,), 0.75),
        ((LEFT,), (LEFT,), 0),
        ((LEFT, SQUARE), (), 0.625),
        ((LEFT,), (SQUARE,), 0.375),
    ],
)
def test_motion_counts_in_watched_zones_without_the_ignored(watch, ignore, share):
    zones = [zone(points) for points in watch]
    zones += [zone(points, ZoneKind.IGNORE) for points in ignore]
    mask = zone_mask(zones, Size(320, 180))
    assert (mask.shape, mask.dtype) == ((180, 320), np.uint8)
    assert set(np.unique(mask)) <= {0, 255}
    assert mask.mean() / 255 == pytest.approx(share, abs=0.01)


def test_a_concave_zone_keeps_its_notch():
    mask = zone_mask([zone(ARROW)], Size(200, 100))
    assert mask[50, 20] == 0
    assert mask[30, 80] == mask[70, 80] == mask[50, 150] == 255
