"""From an OpenJD job bundle to a job: the library checks and counts, the farm gets each step as it stands.

A step's work holds the template with that step alone, and its tasks' values are counted out again on the node, so
that a million of them travel as the template wrote them. A step with one whole-number parameter, or with chunks
of one, has that parameter's values for frames; any other has its tasks' numbers, from 1.
"""

# The library's models come from pydantic, whose fields pyright does not see.
# pyright: basic

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from app.core.commands import StepRequest, Submit
from app.core.frames import parse_tasks
from app.errors import EnvironmentFault, UserMistake
from app.submit.bundle import Bundle, read_bundle, read_document
from app.submit.naming import default_shot, parse_shot
from app.submit.openjd_chunks import TEXT_MAX, chunk_frames, fold_range, target_of
from app.submit.openjd_needs import needs_of
from app.submit.person import user_name
from node_agent.wire.job import OPENJD_EXTENSIONS, OpenJDWork
from node_agent.wire.paths import is_absolute

WORK_BYTES_MAX = 900_000
"""A description of a step is one message of at most 1 MiB."""
TASKS_MAX = 1_000_000
NOTIFY_DEFAULT_S = 120.0
EXIT_S = 60.0
"""How long environments may take to be left after a cancel."""
ATTEMPTS = 3
RETRIES = "deadline:maxRetriesPerTask"

Warn = Callable[[str], None]


def bundle_request(
    path: str | Path,
    *,
    shot: str | None = None,
    parameters: Mapping[str, str] | None = None,
    environments: Sequence[str | Path] = (),
    before: int = 0,
    warn: Warn | None = None,
) -> Submit:
    """Return the job of a bundle. ``parameters`` overrule the bundle's values, ``environments`` are files of
    environment templates, outermost first. Raises UserMistake, EnvironmentFault."""
    try:
        import openjd.model  # noqa: F401
    except ImportError as error:
        raise EnvironmentFault(
            "Job bundles need the OpenJD library: pip install 'windfire[openjd]'."
        ) from error
    bundle, warn = read_bundle(path), warn or _ignore
    outer = [read_document(Path(file).absolute()) for file in environments]
    job, values = _make_job(bundle, parameters or {}, outer)
    _warn_of_files(bundle, warn)
    name = parse_shot(shot) if shot else default_shot(bundle.folder / f"{job.name}.json")
    session = uuid.uuid4().hex
    steps = [_request(step, _work(bundle, step, values, outer, session)) for step in _sorted(job)]
    return Submit(
        project=name.project,
        sequence=name.sequence,
        shot=name.shot,
        name=str(job.name).replace("/", "_").replace("\\", "_").strip()[:100] or "job",
        user=user_name(),
        steps=steps,
        before=before,
        attempts=_attempts(bundle.hints),
    )


def _ignore(_sentence: str) -> None:
    return


# --- the library --------------------------------------------------------------------------------------


def _make_job(
    bundle: Bundle, overrules: Mapping[str, str], outer: list[dict[str, Any]]
) -> tuple[Any, dict[str, Any]]:
    """The library's Job, and each parameter's value. Raises UserMistake."""
    from openjd.model import (
        create_job,
        decode_environment_template,
        decode_job_template,
        preprocess_job_parameters,
    )

    extensions = list(OPENJD_EXTENSIONS)
    try:
        template = decode_job_template(template=bundle.template, supported_extensions=extensions)
        environments = [
            decode_environment_template(template=document, supported_extensions=extensions)
            for document in outer
        ]
        given = {**bundle.parameters, **overrules}
        foreign = _settle_paths(template, given, overrules)
        values = preprocess_job_parameters(
            job_template=template,
            job_parameter_values=given,
            job_template_dir=bundle.folder,
            current_working_dir=bundle.folder,
            allow_job_template_dir_walk_up=True,
            environment_templates=environments,
        )
        values |= {name: replace(values[name], value=path) for name, path in foreign.items()}
        job = create_job(
            job_template=template, job_parameter_values=values, environment_templates=environments
        )
    except (ValueError, NotImplementedError) as error:
        reason = " ".join(str(error).split())
        raise UserMistake(f"The bundle {bundle.folder} cannot be used: {reason[:600]}") from error
    return job, {name: value.value for name, value in values.items()}


def _settle_paths(
    template: Any, given: dict[str, Any], overrules: Mapping[str, str]
) -> dict[str, str]:
    """A path that a person names is meant from where they are; one of the bundle from its folder, which the
    library sees to. It would also join another system's path to the folder: return those, to be put back."""
    foreign: dict[str, str] = {}
    for definition in template.parameterDefinitions or ():
        name, kind = definition.name, definition.type
        value = given.get(name)
        if str(getattr(kind, "value", kind)) != "PATH" or not isinstance(value, str) or not value:
            continue
        if is_absolute(value) and not Path(value).is_absolute():
            foreign[name] = value
            given[name] = str(Path("/").absolute() / "foreign")
        elif name in overrules:
            given[name] = str(Path(value).absolute())
    return foreign


def _sorted(job: Any) -> list[Any]:
    from openjd.model import StepDependencyGraph

    return list(StepDependencyGraph(job=job).topo_sorted())


# --- a step -------------------------------------------------------------------------------------------


def _work(
    bundle: Bundle, step: Any, values: dict[str, Any], outer: list[dict[str, Any]], session: str
) -> OpenJDWork:
    own = next(one for one in bundle.template["steps"] if one["name"] == step.name)
    alone = {key: value for key, value in own.items() if key != "dependencies"}
    work = OpenJDWork(
        template=json.dumps({**bundle.template, "steps": [alone]}),
        parameters={name: json.dumps(value, default=str) for name, value in values.items()},
        environments=[json.dumps(document) for document in outer],
        session=session,
        chunk=_chunk(step),
        notify_s=_notify_s(step),
        target_s=target_of(step),
    )
    if len(work.template) + sum(map(len, work.environments)) > WORK_BYTES_MAX:
        raise UserMistake(
            f"The step {step.name} of the template is over {WORK_BYTES_MAX // 1000} kB: keep large"
            " embedded files beside it, and name them by a parameter."
        )
    return work


def _request(step: Any, work: OpenJDWork) -> StepRequest:
    frames, picks = chunk_frames(step) if work.target_s else ("", "task")
    chunk = work.chunk
    if not frames:
        frames, chunk = _tasks(step, work.chunk)
    return StepRequest(
        name=step.name,
        work=msgspec.structs.replace(work, picks=picks),
        frames=frames,
        chunk=chunk,
        needs=needs_of(step),
        after=[dependency.dependsOn for dependency in step.dependencies or ()],
    )


def _chunk(step: Any) -> int:
    if step.parameterSpace is None:
        return 0
    for parameter in step.parameterSpace.taskParameterDefinitions.values():
        if getattr(parameter, "chunks", None) is not None:
            return int(parameter.chunks.defaultTaskCount)
    return 0


def _notify_s(step: Any) -> float:
    """How long a cancelled task may take to end, by its template; bounded by an hour."""
    cancelation = step.script.actions.onRun.cancelation
    mode = str(getattr(getattr(cancelation, "mode", ""), "value", "TERMINATE"))
    notify_s = 0.0
    if mode != "TERMINATE":
        period = str(getattr(cancelation, "notifyPeriodInSeconds", None) or "")
        notify_s = float(period) if period.isdecimal() else NOTIFY_DEFAULT_S
    return min(notify_s + EXIT_S, 3600.0)


def _tasks(step: Any, chunk: int) -> tuple[str, int]:
    """Frames and chunk that give as many tasks as the library counts, in its order."""
    from openjd.model import StepParameterSpaceIterator

    space = StepParameterSpaceIterator(
        space=step.parameterSpace, chunks_task_count_override=chunk or None
    )
    count = len(space)
    if not 0 < count <= TASKS_MAX:
        raise UserMistake(f"The step {step.name} has {count:,} tasks; there may be {TASKS_MAX:,}.")
    text = _frames(space, count)
    if text and len(text) <= TEXT_MAX:
        largest = max(chunk, 1)
        if len(parse_tasks(text, largest, TASKS_MAX)) == count:
            return text, largest
    return (f"1-{count}" if count > 1 else "1"), 1


def _frames(space: Any, count: int) -> str:
    """The values of the one parameter, where it is a whole number that never comes twice; '' otherwise."""
    if len(space.names) != 1:
        return ""
    (name,) = space.names
    values = [space[index][name] for index in range(count)]
    kind = values[0].type.value
    if kind == "CHUNK[INT]":
        parts = [_part(str(value.value)) for value in values]
        return ",".join(parts) if all(parts) else ""
    if kind != "INT":
        return ""
    numbers = [int(value.value) for value in values]
    return fold_range(numbers) if len(set(numbers)) == count else ""


def _part(text: str) -> str:
    """OpenJD's '1-9:2' is '1-9x2' here; a chunk with holes is no part of a range."""
    return "" if "," in text else text.replace(":", "x")


# --- beside the template ------------------------------------------------------------------------------


def _attempts(hints: Mapping[str, Any]) -> int:
    retries = hints.get(RETRIES)
    is_number = isinstance(retries, int) or str(retries).isdecimal()
    return min(1 + int(str(retries)), 100) if is_number else ATTEMPTS


def _warn_of_files(bundle: Bundle, warn: Warn) -> None:
    missing = [name for name in bundle.inputs if not (bundle.folder / name).exists()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        warn(f"The bundle names files that are not there: {missing[0]}{more}.")
    for name in bundle.outputs:
        try:
            (bundle.folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            warn(f"The output folder {name} cannot be made here: {error.strerror}.")
