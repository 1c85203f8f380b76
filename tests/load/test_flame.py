"""The graph of a few stacks, down to the widths."""

import re
from pathlib import Path

from tests.load.flame import drawn, read

STACKS = """\
main (sampling.py:1);_run (infra/cli/run.py:86);take (process_managers/workers.py:48);hear (process_managers/x.py:1) 30
main (sampling.py:1);_run (infra/cli/run.py:86);take (process_managers/workers.py:48) 10
"""


def test_a_frame_is_as_wide_as_its_time_and_what_it_called(tmp_path: Path) -> None:
    (tmp_path / "processes.txt").write_text(STACKS)
    (tmp_path / "processes-pauses.txt").write_text("1.5\n")
    (tmp_path / "write-api.txt").write_text("_run (infra/cli/run.py:86);<lambda> (write_api/x.py:1) 10\n")

    boxes = re.findall(r'<title>(.*?)</title><rect x="(.*?)" y="(.*?)" width="(.*?)"', drawn(read(tmp_path), "Bought"))

    assert boxes == [
        ("Bought: 0.2 s of processor time: 100.0%", "0.0", "75", "1200.0"),
        ("processes: 80.0%", "0.0", "60", "960.0"),
        ("take (process_managers/workers.py:48): 80.0%", "0.0", "45", "960.0"),
        ("hear (process_managers/x.py:1): 60.0%", "0.0", "30", "720.0"),
        ("write-api: 20.0%", "960.0", "60", "240.0"),
        ("&lt;lambda&gt; (write_api/x.py:1): 20.0%", "960.0", "45", "240.0"),
    ]


def test_what_is_too_narrow_to_see_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "processes.txt").write_text("seen (a.py:1) 999\nunseen (a.py:2) 0\n")

    assert "unseen" not in drawn(read(tmp_path), "Bought")
