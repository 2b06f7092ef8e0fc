"""What an agent does under load: a flood of log lines beside heartbeats, and ten thousand small staged files.

Apart from ``agent``, so that each of them runs in under three minutes on a machine that is left alone for it.
"""

from __future__ import annotations

from benchmarks import agent_flood, staging_files


def run(quick: bool) -> dict[str, object]:
    """All figures; ``*_ratio`` are against the bars that the project set itself."""
    figures = agent_flood.measure(5.0 if quick else 12.0)
    return figures | staging_files.measure(2_000 if quick else 10_000)
