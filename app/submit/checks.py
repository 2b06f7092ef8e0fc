"""When a step has failed although its program ended well: by its images (``not-black``, ``no-nan``, ``size=WxH``,
``bytes=N``), or by a line of its log."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import structs

from app.core.commands import StepRequest, Submit
from app.errors import UserMistake
from node_agent.wire.job import KernelWork, LogRule, Output

CHECKS = ("not-black", "no-nan", "size=WxH", "bytes=N")


def with_checks(request: Submit, checks: Sequence[str]) -> Submit:
    """Return the job with these checks of every step that writes files. Raises UserMistake."""
    if not checks:
        return request
    if not any(step.work.output.directory for step in request.steps):
        raise UserMistake("A check is of files: say where they go with --out.")
    steps = [_checked(step, checks) for step in request.steps]
    return structs.replace(request, steps=steps)


def with_log_rules(request: Submit, patterns: Sequence[str]) -> Submit:
    """Return the job whose programs are ended by a line that one of these regular expressions is found in, with
    that line as the reason; before what the steps say themselves. Raises UserMistake."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise UserMistake(f"{pattern!r} is no regular expression: {error}.") from error
    rules = [LogRule(pattern=pattern) for pattern in patterns]
    steps = [
        step
        if isinstance(step.work, KernelWork)
        else structs.replace(
            step, work=structs.replace(step.work, log_rules=[*rules, *step.work.log_rules])
        )
        for step in request.steps
    ]
    return structs.replace(request, steps=steps) if rules else request


def _checked(step: StepRequest, checks: Sequence[str]) -> StepRequest:
    output = step.work.output
    for check in checks:
        output = _with(output, check)
    return structs.replace(step, work=structs.replace(step.work, output=output))


def _with(output: Output, check: str) -> Output:
    if check == "not-black":
        return structs.replace(output, not_black=True)
    if check == "no-nan":
        return structs.replace(output, no_nan=True)
    if match := re.fullmatch(r"size=(\d{1,5})x(\d{1,5})", check, re.ASCII):
        return structs.replace(output, width=int(match[1]), height=int(match[2]))
    if match := re.fullmatch(r"bytes=(\d{1,12})", check, re.ASCII):
        return structs.replace(output, bytes_min=int(match[1]))
    raise UserMistake(f"{check!r} is no check: there are {', '.join(CHECKS)}.")
