"""The faults that the farm is built against, what must hold under each, and the tests that show it.

``python -m tests.faults --page`` writes ``docs/faults.md`` from this table; a test holds the two together and
sees that every test named here exists. A name after ``::`` may be a class, which stands for all in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One row: ``tests`` are below ``tests/``; what only ``make faults`` runs marks itself."""

    fault: str
    holds: str
    tests: list[str] = field(default_factory=list)
    untried: str = ""
    """What of it no test here does, and why."""


KILL = "integration/dispatcher/test_kill.py"
DISK = "integration/dispatcher/test_disk.py"
HOSTILE = "integration/dispatcher/test_hostile.py"
AUTH = "integration/dispatcher/test_auth.py"
SERVE = "integration/dispatcher/test_serve.py"
AGENT = "integration/agent/test_agent.py"
STORE = "unit/app/store"
WORKER = "unit/node_agent/worker"
SESSION = "unit/node_agent/agent/test_session.py"
CORE = "unit/app/core"
NETWORK = "faults/test_network.py"
ONCE = "faults/test_every_frame_once.py::test_every_frame_is_rendered_once_and_the_same_whatever_is_killed"
SEEDS = "simulation/test_seeds.py::test_farms_survive"

FAULTS: dict[int, Fault] = {
    1: Fault(
        "The dispatcher is killed (-9) at random moments",
        "What was acknowledged is there; nothing is accepted twice; pixels are those of an undisturbed run.",
        [f"{KILL}::test_killed_at_random_moments_nothing_is_lost_or_done_twice", ONCE],
    ),
    2: Fault(
        "It is killed at a named point: before and after a commit, a snapshot, a checkpoint; in a migration",
        "The same.",
        [
            f"{KILL}::test_killed_at_a_named_point_nothing_is_lost_or_done_twice",
            f"{STORE}/test_migrations.py::test_a_start_that_was_killed_anywhere_can_be_repeated",
        ],
    ),
    3: Fault(
        "The dispatcher's machine loses power",
        "Every acknowledged submission is in the file system's image of any moment after it.",
        ["faults/test_power.py::test_after_a_power_cut_what_was_acknowledged_is_there"],
    ),
    4: Fault(
        "Writes to the database are torn",
        "A copy torn anywhere holds a prefix of whole turns, or is refused.",
        [
            "properties/test_store_turns.py::test_a_torn_copy_holds_a_prefix_of_whole_turns",
            f"{STORE}/test_repository.py::TestDamage",
        ],
        "Writes in another order than they were made: only within what a torn copy shows.",
    ),
    5: Fault(
        "fsync fails with EIO",
        "Nothing is acknowledged; the dispatcher ends, and a new start finds what it had acknowledged.",
        [
            "faults/test_power.py::test_a_sync_that_fails_is_never_acknowledged",
            f"{DISK}::test_an_io_error_ends_the_dispatcher",
        ],
    ),
    6: Fault(
        "The dispatcher's disk is full",
        "Changes are refused in words, what runs goes on, and it recovers by itself when there is room.",
        [
            f"{DISK}::test_a_full_disk_is_said_and_survived",
            f"{DISK}::test_nothing_is_acknowledged_while_nothing_can_be_written",
        ],
    ),
    7: Fault(
        "The disk where frames go is full",
        "The frame has failed with that reason; nothing is left of it, and an older frame stays.",
        [
            "faults/test_output_disk.py::test_a_frame_that_finds_the_disk_full_is_not_done_and_the_old_one_stays"
        ],
    ),
    8: Fault(
        "There is no room for logs",
        "Lines are lost, and nothing else.",
        ["unit/app/dispatcher/test_logs.py::test_a_full_disk_costs_lines_and_nothing_else"],
    ),
    9: Fault(
        "The database is damaged",
        "It is refused and left as it is; never an empty queue, never another farm.",
        [
            f"{STORE}/test_repository.py::TestDamage",
            f"{STORE}/test_database.py::TestOpen",
        ],
    ),
    10: Fault(
        "Backup and restore while the farm works",
        "What was saved comes back whole; a damaged backup touches nothing.",
        [
            f"{STORE}/test_archive.py::test_a_farm_at_work_can_be_saved",
            f"{STORE}/test_archive.py::test_what_was_saved_comes_back",
            f"{STORE}/test_archive.py::test_a_damaged_backup_touches_nothing",
        ],
    ),
    11: Fault(
        "A database of another version",
        "Older ones are upgraded after a backup, however often the start is killed; newer ones are refused.",
        [
            f"{STORE}/test_migrations.py::test_database_of_each_released_schema_opens",
            f"{STORE}/test_migrations.py::test_backs_up_before_it_migrates",
            f"{STORE}/test_database.py::TestOpen",
        ],
    ),
    12: Fault(
        "Two dispatchers on one database",
        "The second ends and names the first; after a kill of the first the next one starts at once.",
        [
            f"{SERVE}::TestProcess",
            f"{STORE}/test_database.py::TestLock",
        ],
    ),
    13: Fault(
        "An agent is killed (-9)",
        "Nothing that it started survives; its frames are rendered again; its reports are not lost.",
        [
            f"{AGENT}::test_kill_9_of_the_agent_leaves_no_child",
            f"{AGENT}::test_a_report_survives_kill_9_of_the_agent",
            ONCE,
        ],
    ),
    14: Fault(
        "An agent stands still for longer than a lease, and goes on",
        "What was given to others meanwhile it kills in silence, and publishes nothing of it.",
        [
            f"{AGENT}::test_a_zombie_publishes_nothing_and_kills_its_child",
            f"{SESSION}::TestLease",
            f"{CORE}/test_dispatcher.py::test_a_silent_node_loses_its_frame_and_its_late_report_is_stale",
        ],
    ),
    15: Fault(
        "It stands still between the grant and the rename",
        "A grant that is over is not used: it asks again.",
        [
            f"{WORKER}/test_kernel_runner.py::test_a_grant_that_came_too_late_is_asked_for_again",
            f"{SESSION}::TestLease",
            SEEDS,
        ],
    ),
    16: Fault(
        "A render hangs, ignores SIGTERM, or says nothing any more",
        "It is killed with all that it started, and its device is used again only then.",
        [
            f"{AGENT}::test_a_stopped_child_is_killed_when_asked",
            f"{AGENT}::test_a_program_without_a_word_is_stuck_and_leaves_nothing",
            "unit/node_agent/agent/test_supervisor.py::test_a_deaf_child_is_killed_with_all_it_started",
            "unit/node_agent/agent/test_session_limits.py::TestTimeouts",
        ],
        "A process that the kernel itself cannot kill (state D): none can be made here.",
    ),
    17: Fault(
        "The network is cut, carries one way alone, or flaps",
        "Rendering goes on, nothing is published without a lease, and all is well soon after.",
        [
            f"{NETWORK}::test_a_cut_longer_than_a_lease_costs_time_and_nothing_else",
            f"{NETWORK}::test_a_link_that_carries_one_way_alone_is_no_link",
            f"{NETWORK}::test_a_link_that_flaps_and_half_closes_loses_nothing",
        ],
    ),
    18: Fault(
        "Messages are late, doubled, in another order, or a connection is half closed",
        "Reports count once; what is old is answered STALE.",
        [
            SEEDS,
            f"{NETWORK}::test_a_link_that_flaps_and_half_closes_loses_nothing",
            f"{CORE}/test_dispatcher.py::test_a_duplicate_report_is_acknowledged_and_changes_nothing",
        ],
    ),
    19: Fault(
        "A slow link, full of log lines and pictures",
        "Heartbeats are not late by a lease.",
        [
            f"{NETWORK}::test_a_line_of_64_kbit_full_of_log_loses_no_lease",
            "unit/node_agent/agent/test_bulk.py::TestCredit",
        ],
    ),
    20: Fault(
        "The clock jumps: an hour, a day, to 1970",
        "No lease ends, no time is negative.",
        [
            "faults/test_clock.py::test_a_jump_of_the_clock_ends_no_lease",
            "unit/node_agent/agent/test_session_limits.py::TestTimeouts",
        ],
    ),
    21: Fault(
        "A port is taken, or nobody answers at an address",
        "One sentence and a status, at once.",
        [
            f"{SERVE}::TestPorts",
            "integration/cli/test_commands.py::test_no_farm_is_a_sentence",
            f"{AGENT}::TestExits",
        ],
    ),
    22: Fault(
        "More nodes, frames and log lines than usual",
        "Queues are bounded, what is dropped is counted, heartbeats come.",
        [
            "simulation/test_seeds.py::test_a_farm_of_715_nodes_survives",
            f"{AGENT}::test_a_flood_of_lines_does_not_delay_heartbeats",
            "unit/node_agent/agent/test_bulk.py::TestLogBuffer",
        ],
        "Rates and waits are measured, not tested: `make bench-dispatch`, `make bench-agent`.",
    ),
    23: Fault(
        "A window that reads nothing",
        "It misses deltas and asks for a snapshot; nobody waits for it.",
        [
            f"{HOSTILE}::test_subscriber_that_never_reads_delays_nobody",
            "properties/test_replica.py::test_the_feed_repairs_whatever_the_network_does",
        ],
    ),
    24: Fault(
        "Malformed messages of somebody with a key",
        "Nothing changes; twenty are a ban of a minute.",
        [
            f"{HOSTILE}::test_malformed_frames_change_nothing",
            f"{HOSTILE}::test_twenty_malformed_frames_are_a_ban",
        ],
    ),
    25: Fault(
        "Garbage on the raw ports",
        "Good clients are served.",
        [f"{HOSTILE}::test_garbage_on_the_raw_ports_delays_nobody"],
    ),
    26: Fault(
        "A wrong key, no key, a key that was withdrawn",
        "Nothing is heard; a withdrawn one is out at once.",
        [f"{AUTH}::TestStrangers", f"{AUTH}::TestDoors", f"{AUTH}::TestRevoked"],
    ),
    27: Fault(
        "A message is said again: later, by another node, after a restart",
        "STALE, or acknowledged without effect; a node speaks for itself alone.",
        [
            f"{CORE}/test_dispatcher.py::test_a_node_speaks_for_itself_alone",
            f"{CORE}/test_dispatcher.py::test_a_ref_of_nothing_is_stale",
            f"{CORE}/test_dispatcher.py::test_a_duplicate_report_is_acknowledged_and_changes_nothing",
        ],
    ),
    28: Fault(
        "Connections that never speak",
        "They are closed, and delay nobody.",
        [f"{NETWORK}::test_connections_that_never_speak_are_closed_and_delay_nobody"],
    ),
    29: Fault(
        "Messages that are too large, or of very many parts",
        "The sender alone is cut off.",
        [
            f"{HOSTILE}::test_oversized_message_cuts_its_sender_alone",
            f"{HOSTILE}::test_message_of_many_parts_is_one_strike",
        ],
    ),
    30: Fault(
        "Data that would run when it is read",
        "No pickle, marshal, eval or shell anywhere in the code.",
        ["architecture/test_tidy.py::test_no_dangerous_calls"],
    ),
    31: Fault(
        "Names that climb out of their folder",
        "Refused where they are submitted and where they are used.",
        [
            "unit/node_agent/wire/test_templates.py::test_a_pattern_that_could_do_harm_is_refused_in_a_sentence",
            "unit/node_agent/wire/test_templates.py::test_any_pattern_gives_a_plain_name_or_is_refused",
            "unit/node_agent/wire/test_staging.py::test_a_path_that_could_escape_is_refused",
        ],
    ),
    32: Fault(
        "Shell words in fields",
        "They are letters: no shell reads an argument.",
        [f"{WORKER}/test_command_runner.py::TestArguments"],
    ),
    33: Fault(
        "A job that looks for secrets, or sets what would run code elsewhere",
        "Only what is listed is in its environment; key files are their owner's alone.",
        [
            f"{WORKER}/test_command_runner.py::TestEnvironment",
            "unit/node_agent/agent/test_supervisor.py::test_only_the_listed_environment_is_passed_on",
            f"{STORE}/test_home.py::TestKeys",
        ],
        "Without a user of its own for the children (`--worker-user`) a job can read the node's key.",
    ),
    34: Fault(
        "A scene that carries a script",
        "It is rendered, and the script does not run.",
        ["faults/test_scene.py::test_a_script_within_a_scene_does_not_run"],
    ),
    35: Fault(
        "Images and logs made to harm",
        "A decoder dies alone; a log is shown as plain, bounded text.",
        [
            f"{WORKER}/test_media.py::TestBadFiles",
            "unit/node_agent/wire/test_lines.py::test_an_endless_line_is_cut_once_and_the_next_one_is_whole",
            "integration/cli/test_commands.py::test_a_log_is_shown_without_what_could_steer_the_terminal",
        ],
    ),
    36: Fault(
        "A file that is cut off, or ends in zeros",
        "Never done; an older good file stays.",
        [
            f"{WORKER}/test_command_runner.py::TestFiles",
            f"{WORKER}/test_frame_files.py::test_a_frame_cut_anywhere_is_refused",
            f"{WORKER}/test_frame_files.py::test_a_frame_of_the_right_size_with_a_tail_of_zeros_is_refused",
        ],
    ),
    37: Fault(
        "The machine that writes frames loses power",
        "A frame that is said to be done was synced before it got its name, and its folder after.",
        ["faults/test_output_disk.py::test_a_frame_is_on_the_disk_before_it_has_its_name"],
    ),
    38: Fault(
        "A program ends well and wrote nothing, or an old file lies there",
        "The frame has failed.",
        [f"{WORKER}/test_command_runner.py::TestFiles"],
    ),
    39: Fault(
        "A frame that kills nodes; a node that fails everything",
        "The frame fails after three; the node gets no more of that job; the farm goes on.",
        [
            f"{CORE}/test_dispatcher.py::test_a_frame_fails_for_good_after_its_attempts",
            f"{CORE}/test_commands.py::test_retry_forgets_the_failures_and_their_marks",
            SEEDS,
        ],
    ),
    40: Fault(
        "A GPU fails or is gone",
        "The frame is tried elsewhere; the agent lives on.",
        [
            "unit/node_agent/agent/test_probe.py::test_a_gpu_that_is_gone_has_no_numbers",
            f"{AGENT}::test_kill_9_of_a_child_is_a_crash_and_the_next_task_runs",
        ],
        "A real card that fails: there is none where the tests run.",
    ),
    41: Fault(
        "Several people drag at once, while the farm works",
        "One total order; the last one wins; undo restores.",
        [
            "properties/test_core_order.py::test_two_drags_cross_and_the_last_wins",
            "properties/test_core_order.py::test_two_supervisors_who_move_different_shots_agree",
            "properties/test_core_order.py::test_undo_and_redo_restore_the_order",
        ],
    ),
    42: Fault(
        "All of it at once, in simulated farms",
        "Nothing goes wrong while anything breaks; all ends once it heals.",
        [SEEDS, "simulation/test_film.py::test_faults_cost_work_and_break_nothing"],
    ),
    43: Fault(
        "The tests themselves are wrong",
        "A bug that is put back is noticed.",
        [
            "faults/test_mutants.py::test_a_bug_that_is_put_back_is_noticed",
            "simulation/test_seeds.py::test_a_second_result_is_noticed",
            "architecture/test_leak_checks.py::test_a_leak_is_named",
        ],
    ),
    44: Fault(
        "A long time of everything",
        "Nothing is lost, doubled or left lying about.",
        [ONCE, "simulation/test_film.py::test_faults_cost_work_and_break_nothing"],
        "Eight real hours: `windfire simulate` plays days, `make faults` kills more often.",
    ),
}


def every_test() -> list[str]:
    """Return each test of the table once, in its order."""
    return list(dict.fromkeys(test for fault in FAULTS.values() for test in fault.tests))


def page() -> str:
    """Return ``docs/faults.md``."""
    lines = [HEAD]
    for number, row in FAULTS.items():
        untried = f" *Not tried: {row.untried}*" if row.untried else ""
        tests = "<br>".join(f"`{_short(test)}`" for test in row.tests)
        lines.append(f"| {number} | {row.fault} | {row.holds}{untried} | {tests} |\n")
    return "".join(lines)


def _short(test: str) -> str:
    file, name = test.split("::", 1)
    return f"{file.rsplit('/', 1)[1]}::{name}"


HEAD = """# Faults: what may break, what must hold, and the test that shows it

Written from `tests/faults/index.py` by `python -m tests.faults --page`. `make test` runs all of these that take
seconds; `make faults` runs all of them, with more kills and the ones that need strace, a loop device or minutes.
The promise behind the table: *what was acknowledged survives; a frame may be rendered more than once, its result is
accepted and published at most once.*

| # | fault | what must hold | tests |
|---|---|---|---|
"""
