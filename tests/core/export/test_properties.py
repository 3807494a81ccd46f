"""Whatever stands in the record of exports: nothing but what an export began is deleted."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from tests.support.bounds import bounded
from tests.support.properties import given
from tests.support.strategies import json_bytes, names, noise
from vms_desktop.core.export.record import ExportRecord, hidden_name

MP4 = b"\0\0\0\x18ftypisom"


@given(
    data=st.one_of(
        json_bytes(lambda: [{"parts": ["/f/.a.mp4.0123456789ab.part", "/f/b.mp4", "b", 7]}]),
        noise(),
    ),
    name=names,
)
def test_only_what_an_export_began_is_deleted(data, name):
    with TemporaryDirectory() as folder, bounded(len(data) + len(name)):
        root = Path(folder)
        begun, kept = root / hidden_name("film.mp4"), root / "film.mp4"
        other = root / hidden_name("notes.mp4")
        for path, held in ((begun, MP4), (kept, MP4), (other, b"no film, and mine")):
            path.write_bytes(held)
        record = root / "exports.json"
        # What stands there names the folder of this run, as far as it names one.
        record.write_bytes(data.replace(b"/f/", f"{folder}/".encode()))
        ExportRecord(record).clean()
        listed = [str(begun), str(kept), str(other), name, f"{folder}/{name}"]
        record.write_text(json.dumps({"parts": listed}))
        assert ExportRecord(record).clean() == (begun,)
        assert not begun.exists()
        assert kept.exists()
        assert other.exists()
