"""The figures of a simulated film: as numbers for programs and as lines for people."""

from __future__ import annotations

from msgspec import Struct

from app.simulate.film import Run
from app.simulate.host import WALL
from app.simulate.measure import percentile

HOUR = 3600.0


class Figures(Struct, frozen=True, kw_only=True):
    """What a run came to. Shares are 0..1, times in seconds."""

    seed: int
    nodes: int
    gpus: int
    shots: int
    frames: int
    frame_s: float
    faults: str
    is_whole: bool
    """False where somebody interrupted it."""
    done: int
    failed: int
    utilisation: float
    """Share of the GPU time that was there in which a GPU rendered, to the end of the last frame."""
    utilisation_to_last: float
    """The same up to the start of the last frame: while there was something to hand out."""
    useful: float
    """Share of the GPU time that went into frames that were published."""
    lost_gpu_hours: dict[str, float]
    """Rendered for nothing, by why: the attempt failed, was killed, or its node was lost."""
    lost_samples: int
    """Samples a pixel that yielding kernels lost."""
    yields: int
    idle_p50_s: float
    """Of a device, between two frames."""
    idle_p99_s: float
    drags: int
    refusals: int
    forecast_coverage: float
    """Share of the shots that were finished by their forecast p90 (honest: 0.9)."""
    forecast_coverage_p50: float
    forecasts: int
    invariant_violations: int
    violations: dict[str, list[str]]
    invariants: dict[str, int]
    """Each with how often it was looked at."""
    simulated_s: float
    wall_s: float
    events: int


def figures(run: Run, wall_s: float) -> Figures:
    """Sum up a run, whole or interrupted."""
    film, measure, judge = run.film, run.measure, run.judge
    there_s = max(1e-9, film.gpus * run.ended_at - run.down_s)
    to_last_s = max(1e-9, film.gpus * measure.last_start - run.down_s)
    covered = coverage(run)
    return Figures(
        seed=film.seed,
        nodes=film.nodes,
        gpus=film.gpus,
        shots=film.shots,
        frames=run.total,
        frame_s=film.frame_s,
        faults=str(film.faults),
        is_whole=run.is_over,
        done=run.done,
        failed=run.failed,
        utilisation=measure.busy_s / there_s,
        utilisation_to_last=min(1.0, measure.busy_s_at_last_start / to_last_s),
        useful=measure.useful_s / there_s,
        lost_gpu_hours={why: seconds / HOUR for why, seconds in measure.lost_s.items()},
        lost_samples=measure.lost_samples,
        yields=measure.ends["yielded"],
        idle_p50_s=percentile(measure.idles, 50),
        idle_p99_s=percentile(measure.idles, 99),
        drags=run.commands - film.shots,
        refusals=len(run.refusals),
        forecast_coverage=covered[1],
        forecast_coverage_p50=covered[0],
        forecasts=covered[2],
        invariant_violations=judge.count,
        violations=judge.violations,
        invariants=judge.looks,
        simulated_s=run.ended_at,
        wall_s=wall_s,
        events=run.clock.events,
    )


def coverage(run: Run) -> tuple[float, float, int]:
    """Return the share of forecasts whose shot was finished by their p50, by their p90, and how many."""
    shots = run.host.brain.state.shots if run.host.core else {}
    scored = [
        (shots[shot].finished_at <= p50, shots[shot].finished_at <= p90)
        for shot, p50, p90 in run.promises
        if shot in shots and shots[shot].finished_at > WALL
    ]
    count = max(1, len(scored))
    return (
        sum(by50 for by50, _ in scored) / count,
        sum(by90 for _, by90 in scored) / count,
        len(scored),
    )


def lines(found: Figures) -> list[str]:
    """Tell a person."""
    lost_hours = sum(found.lost_gpu_hours.values())
    why = ", ".join(f"{hours:,.1f} {name}" for name, hours in found.lost_gpu_hours.items() if hours)
    rows = {
        "utilisation": f"{found.utilisation:8.2%}  (to the last start "
        f"{found.utilisation_to_last:.2%}, published {found.useful:.2%})",
        "lost work": f"{lost_hours:8,.1f}  GPU-hours{f' ({why})' if why else ''}",
        "lost samples": f"{found.lost_samples:8,d}  by {found.yields:,} yields",
        "waiting": f"{found.idle_p50_s * 1000:8.1f}  ms of a GPU between two frames, "
        f"p99 {found.idle_p99_s * 1000:,.1f} ms",
        "forecast": f"{found.forecast_coverage:8.1%}  of {found.forecasts:,} held their p90, "
        f"{found.forecast_coverage_p50:.1%} their p50",
        "people": f"{found.drags:8,d}  drags, {found.refusals} refused",
    }
    text = [
        f"{found.done:,} of {found.frames:,} frames of {found.shots:,} shots, {found.failed} failed;",
        f"{found.gpus:,} GPUs of {found.nodes:,} nodes, {_span(found.simulated_s)} of virtual time",
        f"seed {found.seed}, faults {found.faults}",
        *(f"{name:15} {row}" for name, row in rows.items()),
    ]
    if not found.is_whole:
        text.insert(0, "Interrupted: the figures are those of the part that was played.")
    for invariant, looks in found.invariants.items():
        broken = found.violations.get(invariant)
        text.append(f"{'BROKEN' if broken else 'held':6}  {invariant} ({looks} looks)")
        text += [f"        {sentence}" for sentence in broken or ()]
    rate = found.events / max(1e-9, found.wall_s)
    text.append(f"{found.events:,} events in {found.wall_s:.1f} s, {rate:,.0f} a second")
    return text


def _span(seconds: float) -> str:
    if seconds < 2 * HOUR:
        return f"{seconds / 60:.0f} min"
    hours = seconds / HOUR
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
