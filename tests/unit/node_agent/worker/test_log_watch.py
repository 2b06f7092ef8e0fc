"""What a program's lines tell: the cause of a failure, and progress."""

import pytest

from node_agent.wire.job import LogRule
from node_agent.worker.log_watch import LogWatch, ProgressReader

CYCLES = "Fra:{} Mem:13.2M (Peak 13.2M) | Time:00:00.29 | Scene, ViewLayer | Sample {}/16"
EEVEE = "Fra:{} Mem:29.99M (Peak 29.99M) | Time:00:00.12 | Rendering {} / 64 samples"


class TestRules:
    def test_the_first_rule_that_matches_counts(self):
        watch = LogWatch(
            [LogRule(pattern="licen[cs]e", cause="environment"), LogRule(pattern="no")]
        )
        watch.feed(["starting", "no  licence\tfree", "no camera"])
        assert (watch.fault.cause, str(watch.fault)) == (
            "environment",
            "The program said: no licence free",
        )
        assert watch.must_end

    def test_a_rule_that_only_explains_lets_the_program_go_on(self):
        explains = LogRule(pattern="texture", sentence="A texture is missing.", ends=False)
        watch = LogWatch([explains, LogRule(pattern="out of memory", cause="environment")])
        watch.feed(["missing texture"])
        assert not watch.must_end
        assert str(watch.fault) == "A texture is missing."
        watch.feed(["out of memory"])
        assert (watch.must_end, watch.fault.cause) == (True, "environment")

    def test_a_line_of_any_length_is_looked_at_in_its_first_part_alone(self):
        watch = LogWatch([LogRule(pattern="(a+)+$")])
        watch.feed(["b" * 4000 + "a"])
        assert watch.fault is None


class TestProgress:
    @pytest.mark.parametrize(
        ("kind", "lines", "expected"),
        [
            ("percent", ["10% of 3, 45.5% done"], 0.45),
            ("percent", ["250%"], 1.0),
            ("percent", ["no number"], None),
            ("", ["50%"], None),
            ("blender", [CYCLES.format(1, 4)], 0.125),
            ("blender", [CYCLES.format(2, 16)], 1.0),
            ("blender", [CYCLES.format(2, 4), "Fra:2 Mem:1M | Time:1 | Compositing"], 0.625),
            ("blender", [EEVEE.format(2, 32)], 0.75),
            ("blender", ["Fra:1 Mem:1M | Rendered 1/4 Tiles"], 0.125),
            ("blender", ["Saved: '/films/a_0001.png'"], None),
        ],
    )
    def test_lines_tell_how_far_a_chunk_of_two_frames_is(self, kind, lines, expected):
        assert ProgressReader(kind, [1, 2]).feed(lines) == expected


class TestTheCardIsFull:
    """What is known of GPUs without a rule of anybody's."""

    @pytest.mark.parametrize(
        "line",
        [
            "CUDA error: Out of memory in cuMemAlloc(&device_pointer, size)",
            "System is out of GPU and shared host memory",
            "Error: Out of memory in CUDA queue enqueue (integrator_shade_surface)",
            "numba.cuda.cudadrv.driver.CudaAPIError: [2] Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY",
            "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
            "OptiX error OPTIX_ERROR_DEVICE_OUT_OF_MEMORY in optixAccelBuild",
            "Vulkan: VK_ERROR_OUT_OF_DEVICE_MEMORY",
        ],
    )
    def test_it_explains_and_ends_nothing(self, line):
        watch = LogWatch([])
        watch.feed(["Reading the scene", line])
        assert watch.fault.cause == "gpu_memory"
        assert not watch.must_end

    @pytest.mark.parametrize(
        "line", ["Out of memory: Killed process 77", "GPU memory used: 3 GiB", "memory 12 MB"]
    )
    def test_other_lines_about_memory_are_none(self, line):
        watch = LogWatch([])
        watch.feed([line])
        assert watch.fault is None

    def test_a_rule_of_people_comes_first(self):
        watch = LogWatch([LogRule(pattern="out of memory", cause="user", ends=False)])
        watch.feed(["CUDA out of memory"])
        assert watch.fault.cause == "user"
