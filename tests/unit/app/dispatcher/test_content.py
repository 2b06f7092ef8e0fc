"""Rings of metrics, pictures and watches."""

from __future__ import annotations

from pathlib import Path

from app.core.views import PreviewNews
from app.dispatcher.pictures import MEMORY_MAX, STEP_MAX, Pictures
from app.dispatcher.telemetry import HOUR_S, Telemetry
from app.dispatcher.watch import SECONDS_MAX, TASKS_MAX, Watches
from node_agent.wire.messages import GpuMetrics, Metrics


def metrics(cpu: float) -> Metrics:
    return Metrics(cpu, 1, 2, 3.0, 4.0, 5.0, 6.0, 7.0, [GpuMetrics(0, 50.0, 1, 2, 60.0, 300.0)])


def picture(task: int, passes_done: int = 4, frame: int = 1) -> PreviewNews:
    return PreviewNews(
        shot=9,
        step=1,
        task=task,
        epoch=1,
        frame=frame,
        passes_done=passes_done,
        passes=4,
        image=b"png",
    )


class TestTelemetry:
    def test_keeps_seconds_of_two_minutes_and_tenths_of_an_hour(self) -> None:
        telemetry = Telemetry()
        for second in range(2 * HOUR_S):
            telemetry.add(1, float(second), metrics(second))
        end = 2.0 * HOUR_S
        fine = telemetry.of_node(1, end, 1.0)
        times = [sample.at for sample in fine]
        assert times == sorted(set(times))
        assert times[-120:] == [end - 120 + second for second in range(120)]
        assert times[0] >= end - HOUR_S
        assert 400 < len(times) < 500
        assert fine[-1].cpu_percent == end - 1
        assert fine[-1].gpus[0].power_w == 300.0

    def test_snapshot_is_thin(self) -> None:
        telemetry = Telemetry()
        for second in range(HOUR_S):
            for node in (1, 2):
                telemetry.add(node, float(second), metrics(1.0))
        assert 100 < len(telemetry.samples(float(HOUR_S))) <= 122


class TestPictures:
    def test_newest_of_task_and_shot(self, tmp_path: Path) -> None:
        pictures = Pictures(tmp_path)
        pictures.add(picture(0, 1), 8)
        pictures.add(picture(1, 2), 8)
        found = pictures.find(shot=0, step=1, task=0)
        assert found is not None
        assert (found.task, found.passes_done) == (0, 1)
        found = pictures.find(shot=9, step=0, task=-1)
        assert found is not None
        assert found.task == 1
        assert pictures.find(shot=8, step=0, task=-1) is None

    def test_last_picture_of_a_frame_survives_a_restart(self, tmp_path: Path) -> None:
        Pictures(tmp_path).add(picture(0), 8)
        pictures = Pictures(tmp_path)
        for shot, step, task in ((9, 0, -1), (0, 1, 0)):
            found = pictures.find(shot=shot, step=step, task=task)
            assert found is not None
            assert found.image == b"png"

    def test_memory_and_disk_are_bounded(self, tmp_path: Path) -> None:
        pictures = Pictures(tmp_path)
        for task in range(1000):
            pictures.add(picture(task), 1000)
        assert len(pictures._recent) == MEMORY_MAX
        assert len(list((tmp_path / "1").iterdir())) <= STEP_MAX

    def test_a_torn_file_is_as_good_as_none(self, tmp_path: Path) -> None:
        (tmp_path / "shot-9").write_bytes(b"\x93")
        assert Pictures(tmp_path).find(shot=9, step=0, task=-1) is None


class TestWatches:
    def test_ends_by_itself_unless_repeated(self) -> None:
        watches = Watches()
        assert watches.begin((1, 0), 10.0, 0.0) is True
        assert watches.begin((1, 0), 10.0, 5.0) is False
        assert watches.next_end() == 15.0
        assert watches.end(14.9) == []
        assert watches.is_watched(1, 0)
        assert watches.end(15.0) == [(1, 0)]
        assert not watches.is_watched(1, 0)
        assert watches.next_end() is None

    def test_is_bounded(self) -> None:
        watches = Watches()
        for task in range(TASKS_MAX):
            assert watches.begin((1, task), 1e9, 0.0)
        assert watches.begin((2, 0), 1.0, 0.0) is None
        assert watches.next_end() == SECONDS_MAX
