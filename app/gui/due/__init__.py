"""Promises: when shots are due, whether they will be, and who is told when they will not."""
