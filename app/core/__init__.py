"""The queue's brain: pure, without clock, I/O or unseeded randomness."""
