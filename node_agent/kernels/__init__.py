"""Renderers and simulators in Numba; they know nothing of jobs or sockets."""
