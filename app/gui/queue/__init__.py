# ruff: noqa: A005 - imports are absolute, so that the standard library's queue is not in the way.
"""The queue: the list of shots whose order is the order in which the farm renders."""
