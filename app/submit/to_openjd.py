"""From a job of the farm back to an OpenJD bundle: a folder that ``openjd run`` and other farms take.

A job that came as a bundle goes out with the template that it came with. A program's step becomes an action with the
same argv, a frame a task; a padded number needs OpenJD's EXPR extension. Steps of our own kernels become calls of ``windfire render``.
"""

# pyright: basic

from __future__ import annotations

import json
from pathlib import Path
from string import Formatter
from typing import Any

from app.core.commands import StepRequest, Submit
from app.core.frames import parse_tasks
from app.errors import EnvironmentFault, UserMistake
from node_agent.wire.job import CommandWork, KernelWork, OpenJDWork

TASKS_MAX = 1_000_000


def export_bundle(request: Submit, folder: str | Path) -> Path:
    """Write the bundle into ``folder``, made where it is missing. Raises UserMistake, EnvironmentFault."""
    template, parameters = _template(request)
    target = Path(folder).expanduser().absolute()
    try:
        target.mkdir(parents=True, exist_ok=True)
        _write(target / "template.json", template)
        _write(target / "parameter_values.json", {"parameterValues": parameters})
        if parameters:
            # As ``openjd run template.json -p file://parameters.json`` wants them.
            plain = {one["name"]: one["value"] for one in parameters}
            _write(target / "parameters.json", plain)
    except OSError as error:
        raise EnvironmentFault(f"{target} cannot be written: {error.strerror}.") from error
    return target


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def _template(request: Submit) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    kinds = {isinstance(step.work, OpenJDWork) for step in request.steps}
    if kinds == {True}:
        return _as_it_came(request)
    if True in kinds:
        raise UserMistake(f"The job {request.name} mixes OpenJD steps with others.")
    steps = [_step(step) for step in request.steps]
    extensions = {"extensions": ["EXPR"]} if "{{zfill(" in json.dumps(steps) else {}
    version = {"specificationVersion": "jobtemplate-2023-09"}
    return {**version, **extensions, "name": request.name, "steps": steps}, []


def _as_it_came(request: Submit) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    whole: dict[str, Any] = {}
    steps: list[dict[str, Any]] = []
    values: dict[str, Any] = {}
    for step in request.steps:
        assert isinstance(step.work, OpenJDWork)
        whole = json.loads(step.work.template)
        (own,) = whole["steps"]
        steps.append({**own, **_after(step)})
        values |= {name: json.loads(text) for name, text in step.work.parameters.items()}
    defined = {definition["name"] for definition in whole.get("parameterDefinitions", ())}
    parameters = [{"name": n, "value": value} for n, value in values.items() if n in defined]
    return {**whole, "steps": steps}, parameters


def _after(step: StepRequest) -> dict[str, Any]:
    names = [*step.after, *(link.step for link in step.frame_after)]
    return {"dependencies": [{"dependsOn": name} for name in names]} if names else {}


def _step(step: StepRequest) -> dict[str, Any]:
    work = step.work
    assert not isinstance(work, OpenJDWork)
    argv = _argv(step, work) if isinstance(work, CommandWork) else _render(work)
    action: dict[str, Any] = {"command": argv[0]}
    if argv[1:]:
        action["args"] = argv[1:]
    if isinstance(work, CommandWork):
        notify = max(1, min(600, round(work.notify_s)))
        action["cancelation"] = {
            "mode": "NOTIFY_THEN_TERMINATE",
            "notifyPeriodInSeconds": notify,
        }
    made: dict[str, Any] = {"name": step.name, "script": {"actions": {"onRun": action}}}
    parameters = [{"name": "Frame", "type": "INT", "range": _range(step)}]
    made["parameterSpace"] = {"taskParameterDefinitions": parameters}
    if isinstance(work, CommandWork) and work.environment:
        made["stepEnvironments"] = [{"name": "variables", "variables": dict(work.environment)}]
    return {**made, **_requirements(step), **_after(step)}


def _argv(step: StepRequest, work: CommandWork) -> list[str]:
    """The words with OpenJD's fields for ours."""
    output = work.output
    final = str(Path(output.directory) / output.pattern) if output.directory else ""
    return [_word(step, word.replace("{output}", final)) for word in work.argv]


def _word(step: StepRequest, word: str) -> str:
    parts = list(Formatter().parse(word))
    return "".join(text + _field(step, name, spec or "") for text, name, spec, _ in parts)


def _field(step: StepRequest, name: str | None, width: str) -> str:
    if name is None:
        return ""
    if name in ("cores", "rank"):
        return "1" if name == "cores" else "0"
    if name not in ("frame", "first", "last"):
        raise UserMistake(f"The step {step.name} names {{{name}}}, which OpenJD has not.")
    digits = width.removesuffix("d").lstrip("0")
    if not digits:
        return "{{Task.Param.Frame}}"
    return f"{{{{zfill(Task.Param.Frame, {digits})}}}}"


def _render(work: KernelWork) -> list[str]:
    argv = ["windfire", "render", work.scene, "--frames", "{{Task.Param.Frame}}"]
    argv += ["--spp", str(work.samples), "--size", f"{work.width}x{work.height}"]
    argv += ["--camera", work.camera] if work.camera else []
    return [*argv, *(["--out", work.output.directory] if work.output.directory else [])]


def _range(step: StepRequest) -> str:
    """A range expression: '1-9:2,12'. Chunks are taken apart: each frame is a task there."""
    tasks = parse_tasks(step.frames, TASKS_MAX, TASKS_MAX)
    return ",".join(
        f"{task.first}-{task.last}:{task.step}" if task.last > task.first else str(task.first)
        for task in tasks
    )


def _requirements(step: StepRequest) -> dict[str, Any]:
    needs = step.needs
    amounts = {
        "amount.worker.vcpu": needs.cores,
        "amount.worker.memory": needs.ram_bytes >> 20,
        "amount.worker.gpu": needs.gpus if needs.device == "cuda" else 0,
        "amount.worker.gpu.memory": needs.memory_bytes >> 20 if needs.device == "cuda" else 0,
        **{f"amount.{name}": count for name, count in needs.limits.items()},
    }
    listed = [{"name": name, "min": count} for name, count in amounts.items() if count]
    return {"hostRequirements": {"amounts": listed}} if listed else {}
