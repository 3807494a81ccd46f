from dataclasses import replace

from vms_desktop.app.demo import DemoSource, demo_cameras


def test_what_is_changed_in_the_demo_is_kept_in_memory_and_the_next_reading_tells_it(qapp, qtbot):
    source = DemoSource()
    first, *others = demo_cameras()
    renamed = (*others, replace(first, name="Mine"))
    with qtbot.waitSignal(source.cameras_loaded) as told:
        source.save_cameras(renamed, [])
    assert (told.args[0].cameras, told.args[0].saves) == (renamed, 1)
    with qtbot.waitSignal(source.cameras_loaded) as told:
        source.read_cameras()
    assert told.args[0].cameras == renamed
    assert demo_cameras()[0] == first
