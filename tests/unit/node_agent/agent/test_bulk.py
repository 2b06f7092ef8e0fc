"""Log lines are bounded and numbered; credit keeps them from delaying heartbeats."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node_agent.agent.credit import WINDOW_BYTES_MAX, WINDOW_BYTES_MIN, WINDOW_BYTES_START, Credit
from node_agent.agent.logbuffer import LINES_A_MESSAGE, LogBuffer
from node_agent.wire.messages import AttemptRef, LogLines

A, B = AttemptRef(1, 1, 1), AttemptRef(1, 2, 1)


class TestLogBuffer:
    def test_lines_of_two_attempts_keep_their_order_and_numbers(self):
        buffer = LogBuffer()
        buffer.add(A, ["a0", "a1"])
        buffer.add(B, ["b0"])
        buffer.add(A, ["a2"])

        assert buffer.take(1 << 20) == [
            LogLines(A, 0, ["a0", "a1"]),
            LogLines(B, 0, ["b0"]),
            LogLines(A, 2, ["a2"]),
        ]
        assert not buffer

    def test_the_oldest_are_dropped_and_counted(self):
        buffer = LogBuffer(lines_max=3)
        buffer.add(A, [str(number) for number in range(10)])

        note = "[windfire] 7 lines were dropped here: too many."
        assert buffer.take(1 << 20) == [LogLines(A, 6, [note, "7", "8", "9"])]

    def test_a_flood_of_long_lines_is_bounded_too(self):
        buffer = LogBuffer(bytes_max=10)
        buffer.add(A, ["x" * 8, "y" * 8])

        assert buffer.take(1 << 20)[0].lines[1:] == ["y" * 8]

    def test_no_more_is_taken_than_the_budget_and_a_message(self):
        buffer = LogBuffer()
        buffer.add(A, ["x"] * (3 * LINES_A_MESSAGE))

        assert [len(message.lines) for message in buffer.take(1)] == [LINES_A_MESSAGE]

    @given(st.lists(st.tuples(st.sampled_from([A, B]), st.integers(0, 20)), max_size=30))
    def test_every_line_is_given_or_counted(self, adds):
        buffer = LogBuffer(lines_max=15)
        total, seen = {A: 0, B: 0}, {A: 0, B: 0}
        for ref, count in adds:
            buffer.add(ref, ["line"] * count)
            total[ref] += count

        for message in buffer.take(1 << 20):
            for line in message.lines:
                count = int(line.split()[1]) if line.startswith("[windfire]") else 1
                seen[message.ref] += count
            assert message.first + len(message.lines) == seen[message.ref]

        for ref in (A, B):
            assert seen[ref] in (total[ref], 0)  # 0: all of it was dropped, and nothing came after


class TestCredit:
    def answer(self, credit: Credit, spent: int, after: float) -> None:
        credit.spend(spent)
        credit.beat_sent(0.0)
        credit.beat_answered(after)

    def test_bulk_is_limited_to_the_window_until_a_beat_answers(self):
        credit = Credit()
        credit.spend(WINDOW_BYTES_START)

        assert credit.available == 0
        credit.beat_sent(0.0)
        credit.beat_answered(1.0)
        assert credit.available == WINDOW_BYTES_START

    def test_a_beat_says_nothing_of_what_was_sent_after_its_question(self):
        credit = Credit()
        credit.beat_sent(0.0)
        credit.spend(1000)
        credit.beat_answered(1.0)

        assert credit.available == WINDOW_BYTES_START - 1000

    def test_a_quick_link_that_is_used_gets_more(self):
        credit = Credit()
        for _ in range(20):
            self.answer(credit, credit.available, 0.01)

        assert credit.available == WINDOW_BYTES_MAX

    def test_a_flood_on_a_fast_network_waits_for_few_answers(self):
        credit = Credit()
        for _ in range(2):
            self.answer(credit, credit.available, 0.01)
        assert credit.available == WINDOW_BYTES_MAX
        credit = Credit()
        for _ in range(2):
            self.answer(credit, credit.available, 0.2)
        assert credit.available == 4 * WINDOW_BYTES_START

    def test_an_idle_link_does_not_grow(self):
        credit = Credit()
        self.answer(credit, 10, 0.01)

        assert credit.available == WINDOW_BYTES_START

    def test_a_slow_link_gets_less_but_not_nothing(self):
        credit = Credit()
        for _ in range(20):
            self.answer(credit, credit.available, 5.0)

        assert credit.available == WINDOW_BYTES_MIN

    def test_a_slow_line_of_64_kbit_keeps_heartbeats_below_a_lease(self):
        """Simulated: 8 KB/s, a heartbeat each 2 s behind whatever bulk the credit let out."""
        credit, queued_s, worst_s = Credit(), 0.0, 0.0
        waiting: list[float] = []
        for step in range(6000):
            now = step / 10
            size = credit.available
            credit.spend(size)
            queued_s = max(0.0, queued_s - 0.1) + size / 8_000
            if step % 20 == 0:
                credit.beat_sent(now)
                waiting.append(now + queued_s)
            while waiting and waiting[0] <= now:
                waiting.pop(0)
                credit.beat_answered(now)
            worst_s = max(worst_s, queued_s)

        assert worst_s < 20.0

    def test_a_new_connection_starts_afresh(self):
        credit = Credit()
        credit.spend(10 * WINDOW_BYTES_START)
        credit.reset()

        assert credit.available == WINDOW_BYTES_START
