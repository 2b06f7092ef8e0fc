"""Job bundles of OpenJD: what becomes of steps, tasks, host requirements and paths; and the way back."""

import json
from pathlib import Path

import pytest

from app.core.commands import StepRequest, Submit
from app.core.frames import parse_tasks
from app.errors import UserMistake
from app.submit.bundle import is_bundle
from app.submit.from_openjd import bundle_request
from app.submit.to_openjd import export_bundle
from node_agent.wire.job import CommandWork, KernelWork, Needs, Output

BLENDER = Path(__file__).parents[3] / "bundles" / "blender"


def step(name, *, run=None, **more):
    action = run or {"command": "bash", "args": ["-c", "true"]}
    return {"name": name, "script": {"actions": {"onRun": action}}, **more}


def space(*parameters, combination=None):
    made = {"taskParameterDefinitions": list(parameters)}
    return {**made, "combination": combination} if combination else made


def frames(text, name="Frame"):
    return {"name": name, "type": "INT", "range": text}


def bundle(folder, *steps, values=None, **more):
    template = {
        "specificationVersion": "jobtemplate-2023-09",
        "name": "job",
        "steps": list(steps),
        **more,
    }
    (folder / "template.json").write_text(json.dumps(template))
    if values is not None:
        listed = [{"name": name, "value": value} for name, value in values.items()]
        (folder / "parameter_values.json").write_text(json.dumps({"parameterValues": listed}))
    return folder


class TestBlendersOwn:
    def test_the_submitters_template_is_taken_as_it_is(self):
        request = bundle_request(BLENDER, shot="NZ2/sq010/sh0040")
        (render,) = request.steps
        assert (render.name, render.frames, request.attempts) == ("RenderBlender", "1-4,8", 2)
        assert json.loads(render.work.parameters["BlenderFile"]) == "Z:\\films\\nz2\\sh0040.blend"
        assert render.work.notify_s == 180

    def test_it_is_exported_as_it_came(self, tmp_path):
        request = bundle_request(BLENDER, shot="NZ2/sq010/sh0040")
        again = bundle_request(export_bundle(request, tmp_path / "out"), shot="NZ2/sq010/sh0040")
        assert again.steps[0].frames == request.steps[0].frames
        assert again.steps[0].work.parameters == request.steps[0].work.parameters
        assert again.steps[0].work.template == request.steps[0].work.template


class TestTasks:
    @pytest.mark.parametrize(
        ("parameters", "expected", "chunk"),
        [
            (space(frames("1-10")), "1-10", 1),
            (space(frames([5, 3, 4])), "5,3-4", 1),
            (space(frames("1-9:2")), "1,3,5,7,9", 1),
            # Two dimensions have no frames: tasks are numbered.
            (
                space(frames("1-3"), {"name": "Eye", "type": "STRING", "range": ["l", "r"]}),
                "1-6",
                1,
            ),
            (
                space(frames("1-3"), frames("4-6", "Seed"), combination="(Frame, Seed)"),
                "1-3",
                1,
            ),
            (space({"name": "Tile", "type": "STRING", "range": ["a", "b"]}), "1-2", 1),
            # A value that comes twice is two tasks; frames would be one.
            (space(frames([1, 1, 2])), "1-3", 1),
        ],
    )
    def test_frames_are_the_values_where_there_is_one_whole_number(
        self, tmp_path, parameters, expected, chunk
    ):
        request = bundle_request(bundle(tmp_path, step("s", parameterSpace=parameters)))
        assert (request.steps[0].frames, request.steps[0].chunk) == (expected, chunk)

    def test_chunks_are_the_librarys(self, tmp_path):
        chunks = {"defaultTaskCount": 4, "rangeConstraint": "CONTIGUOUS"}
        parameter = {"name": "Frame", "type": "CHUNK[INT]", "range": "1-10", "chunks": chunks}
        made = bundle(
            tmp_path, step("s", parameterSpace=space(parameter)), extensions=["TASK_CHUNKING"]
        )
        (request,) = bundle_request(made).steps
        tasks = parse_tasks(request.frames, request.chunk, 1000)
        assert [len(task.numbers()) for task in tasks] == [4, 3, 3]
        assert (request.work.chunk, request.chunk) == (4, 4)

    @pytest.mark.parametrize(
        ("values", "constraint", "frames", "picks"),
        [
            ("1-10", "CONTIGUOUS", "1-10", "values"),
            ([1, 2, 5, 6, 7], "CONTIGUOUS", "1-2,5-7", "values"),
            ("1-9:2", "CONTIGUOUS", "1,3,5,7,9", "values"),
            ("1-9:2", "NONCONTIGUOUS", "1-9x2", "values"),
            ([1, 2, 5, 9], "NONCONTIGUOUS", "1-4", "places"),
            ([1, 2, 2], "CONTIGUOUS", "1-2", "values"),
        ],
    )
    def test_what_follows_a_target_is_left_for_the_farm_to_cut(
        self, tmp_path, values, constraint, frames, picks
    ):
        chunks = {
            "defaultTaskCount": 3,
            "targetRuntimeSeconds": 60,
            "rangeConstraint": constraint,
        }
        parameter = {"name": "Frame", "type": "CHUNK[INT]", "range": values, "chunks": chunks}
        made = bundle(
            tmp_path, step("s", parameterSpace=space(parameter)), extensions=["TASK_CHUNKING"]
        )
        (request,) = bundle_request(made).steps
        assert (request.frames, request.work.picks) == (frames, picks)
        assert (request.chunk, request.work.target_s) == (3, 60.0)

    def test_a_step_without_parameters_is_one_task(self, tmp_path):
        assert bundle_request(bundle(tmp_path, step("s"))).steps[0].frames == "1"


class TestSteps:
    def test_dependencies_order_the_steps_and_hold_them(self, tmp_path):
        late = step("encode", dependencies=[{"dependsOn": "render"}])
        request = bundle_request(bundle(tmp_path, late, step("render")))
        assert [(s.name, s.after) for s in request.steps] == [
            ("render", []),
            ("encode", ["render"]),
        ]
        assert "dependencies" not in request.steps[1].work.template
        assert request.steps[0].work.session == request.steps[1].work.session != ""

    def test_host_requirements_are_needs(self, tmp_path):
        amounts = [
            {"name": "amount.worker.vcpu", "min": 4},
            {"name": "amount.worker.memory", "min": 8192},
            {"name": "amount.worker.gpu", "min": 2},
            {"name": "amount.worker.gpu.memory", "min": 24576},
            {"name": "amount.license.vray", "min": 1},
        ]
        attributes = [
            {"name": "attr.worker.os.family", "anyOf": ["linux"]},
            {"name": "attr.pool", "anyOf": ["night"]},
            {"name": "attr.renderer", "allOf": ["vray"]},
        ]
        asked = {"amounts": amounts, "attributes": attributes}
        (request,) = bundle_request(bundle(tmp_path, step("s", hostRequirements=asked))).steps
        assert request.needs == Needs(
            device="cuda",
            memory_bytes=24 << 30,
            gpus=2,
            cores=4,
            ram_bytes=8 << 30,
            limits={"license.vray": 1},
            pool="night",
            tags=["linux", "renderer:vray"],
        )

    def test_what_asks_for_cores_alone_keeps_off_the_gpus(self, tmp_path):
        asked = {"amounts": [{"name": "amount.worker.vcpu", "min": 2}]}
        (request,) = bundle_request(bundle(tmp_path, step("s", hostRequirements=asked))).steps
        assert request.needs == Needs(device="cpu", cores=2)

    def test_a_choice_is_one_tag_that_any_of_its_values_meets(self, tmp_path):
        asked = {"attributes": [{"name": "attr.worker.os.family", "anyOf": ["linux", "macos"]}]}
        (request,) = bundle_request(bundle(tmp_path, step("s", hostRequirements=asked))).steps
        assert request.needs.tags == ["linux|macos"]
        asked = {"attributes": [{"name": "attr.pool", "anyOf": ["day", "night"]}]}
        with pytest.raises(UserMistake, match="several pools"):
            bundle_request(bundle(tmp_path, step("s", hostRequirements=asked)))


class TestParameters:
    DEFINED = [  # noqa: RUF012
        {"name": "Scene", "type": "PATH"},
        {"name": "Samples", "type": "INT", "default": 16},
    ]

    def test_paths_are_absolute_from_the_bundle_and_from_where_a_person_is(
        self, tmp_path, monkeypatch
    ):
        made = bundle(
            tmp_path, step("s"), values={"Scene": "a.ma"}, parameterDefinitions=self.DEFINED
        )
        monkeypatch.chdir("/")
        (request,) = bundle_request(made).steps
        assert json.loads(request.work.parameters["Scene"]) == str(tmp_path / "a.ma")
        assert json.loads(request.work.parameters["Samples"]) in (16, "16")
        (request,) = bundle_request(made, parameters={"Scene": "b.ma", "Samples": "64"}).steps
        assert json.loads(request.work.parameters["Scene"]) == "/b.ma"
        assert json.loads(request.work.parameters["Samples"]) in (64, "64")

    @pytest.mark.parametrize(
        ("parameters", "words"),
        [
            ({}, "Scene"),
            ({"Scene": "a", "Odd": "1"}, "Odd"),
            ({"Scene": "a", "Samples": "x"}, "Samples"),
        ],
    )
    def test_a_wrong_value_is_named(self, tmp_path, parameters, words):
        made = bundle(tmp_path, step("s"), parameterDefinitions=self.DEFINED)
        with pytest.raises(UserMistake, match=words):
            bundle_request(made, parameters=parameters)

    def test_a_folder_without_a_template_is_no_bundle(self, tmp_path):
        assert not is_bundle(tmp_path)
        with pytest.raises(UserMistake, match=r"no template\.yaml"):
            bundle_request(tmp_path)

    def test_a_broken_template_is_named(self, tmp_path):
        (tmp_path / "template.yaml").write_text("a: [")
        with pytest.raises(UserMistake, match=r"template\.yaml cannot be read"):
            bundle_request(tmp_path)
        (tmp_path / "template.yaml").unlink()
        with pytest.raises(UserMistake, match="cannot be used"):
            bundle_request(
                bundle(tmp_path, step("s", hostRequirements={"amounts": [{"name": "x"}]}))
            )


class TestExport:
    def test_programs_become_actions_with_padded_numbers(self, tmp_path):
        output = Output(directory="/films/out", pattern="a.{frame:04d}.exr")
        command = CommandWork(
            argv=["tool", "{frame:04d}", "{output}", "{{x}}"], output=output, notify_s=7
        )
        steps = [
            StepRequest(name="comp", work=command, frames="1-9x2,20", chunk=3),
            StepRequest(name="after", work=CommandWork(argv=["ls"]), after=["comp"]),
        ]
        request = Submit(project="P", sequence="q", shot="s", name="job", steps=steps)
        again = bundle_request(export_bundle(request, tmp_path / "out"))
        comp, after = (json.loads(s.work.template)["steps"][0] for s in again.steps)
        assert comp["script"]["actions"]["onRun"]["args"] == [
            "{{zfill(Task.Param.Frame, 4)}}",
            "/films/out/a.{{zfill(Task.Param.Frame, 4)}}.exr",
            "{x}",
        ]
        assert again.steps[0].frames == "1,3,5,7,9,20"
        assert again.steps[1].after == ["comp"]
        assert after["script"]["actions"]["onRun"]["command"] == "ls"

    def test_kernel_steps_become_calls_of_windfire_render(self, tmp_path):
        work = KernelWork(kernel="pathtracer", scene="/a.usd", camera="/cam", samples=8)
        request = Submit(
            project="P", sequence="q", shot="s", name="job",
            steps=[StepRequest(work=work, frames="1-2", needs=Needs(device="cuda", gpus=1))],
        )  # fmt: skip
        (again,) = bundle_request(export_bundle(request, tmp_path / "out")).steps
        action = json.loads(again.work.template)["steps"][0]["script"]["actions"]["onRun"]
        assert [action["command"], *action["args"][:2]] == ["windfire", "render", "/a.usd"]
        assert again.needs == Needs(device="cuda")
