"""The step of an OpenJD template as the library instantiates it: environments, script, parameter values.

Only the session's host imports this, for it imports OpenJD (40 MB, most of a second).
"""

# The library's models have their fields from pydantic, and its own stubs say Any for most.
# pyright: basic

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from openjd.model import (
    IntRangeExpr,
    ParameterValue,
    ParameterValueType,
    StepParameterSpaceIterator,
    create_job_with_symbol_tables,
    decode_environment_template,
    decode_job_template,
    merge_job_parameter_definitions,
)
from openjd.sessions import PathFormat, PathMappingRule

from node_agent.wire.job import OPENJD_EXTENSIONS, Frames, OpenJDWork, PathRoots
from node_agent.wire.paths import System

CHUNK = ParameterValueType.CHUNK_INT
EXTENSIONS = list(OPENJD_EXTENSIONS)


@dataclass(frozen=True, slots=True)
class StepToRun:
    """All that a session needs of one step."""

    name: str
    job_name: str
    job_parameters: dict[str, ParameterValue]
    job_environments: list[Any]
    step_environments: list[Any]
    script: Any
    job_symbols: Any
    step_symbols: Any
    space: StepParameterSpaceIterator
    template: Any
    picks: str
    values: list[int]
    """Of the one parameter, where places pick."""

    def parameters(self, task: int, frames: Frames) -> Any:
        """The values of a task's parameters. Raises IndexError."""
        if self.picks == "task":
            return self.space[task]
        (name,) = self.space.names
        return {name: ParameterValue(type=CHUNK, value=self._chunk(name, frames))}

    def _chunk(self, name: str, frames: Frames) -> str:
        if self.picks == "places":
            return str(
                IntRangeExpr.from_list([self.values[place - 1] for place in frames.numbers()])
            )
        stride = f":{frames.step}" if frames.step > 1 else ""
        return f"{frames.first}-{frames.last}{stride}"


def instantiate(work: OpenJDWork) -> StepToRun:
    """Check the template once more, and make the job. Raises ValueError (of the library's kinds)."""
    template = decode_job_template(
        template=json.loads(work.template), supported_extensions=EXTENSIONS
    )
    environments = [
        decode_environment_template(template=json.loads(text), supported_extensions=EXTENSIONS)
        for text in work.environments
    ]
    values = _values(template, environments, work.parameters)
    made = create_job_with_symbol_tables(
        job_template=template, job_parameter_values=values, environment_templates=environments
    )
    (step,) = made.job.steps
    return StepToRun(
        name=step.name,
        job_name=made.job.name,
        job_parameters=values,
        job_environments=[
            *(outer.environment for outer in environments),
            *(made.job.jobEnvironments or ()),
        ],
        step_environments=list(step.stepEnvironments or ()),
        script=step.script,
        job_symbols=made.job_symbol_table,
        step_symbols=made.step_symbol_tables[step.name],
        space=StepParameterSpaceIterator(
            space=step.parameterSpace,
            chunks_task_count_override=work.chunk or None,
        ),
        template=template,
        picks=work.picks,
        values=_places(step) if work.picks == "places" else [],
    )


def _places(step: Any) -> list[int]:
    (parameter,) = step.parameterSpace.taskParameterDefinitions.values()
    return list(dict.fromkeys(int(value) for value in parameter.range))


def mapping_rules(paths: Sequence[PathRoots], system: System) -> list[PathMappingRule]:
    """The farm's shared folders as the library's rules for this system."""
    named = [(getattr(roots, system), roots) for roots in paths]
    return [
        _rule(other, here, system)
        for here, roots in named
        for other in (roots.linux, roots.windows, roots.mac)
        if here and other and other != here
    ]


def _rule(other: str, here: str, system: System) -> PathMappingRule:
    is_windows = not other.startswith("/") or other.startswith("//")
    return PathMappingRule(
        source_path_format=PathFormat.WINDOWS if is_windows else PathFormat.POSIX,
        source_path=PureWindowsPath(other) if is_windows else PurePosixPath(other),
        destination_path=PureWindowsPath(here) if system == "windows" else PurePosixPath(here),
    )


def _values(
    template: Any, environments: list[Any], parameters: dict[str, str]
) -> dict[str, ParameterValue]:
    definitions = merge_job_parameter_definitions(
        job_template=template, environment_templates=environments
    )
    types = {definition.name: ParameterValueType(definition.type) for definition in definitions}
    return {
        name: ParameterValue(type=types[name], value=json.loads(text))
        for name, text in parameters.items()
    }
