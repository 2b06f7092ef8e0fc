"""The agent's parent process: light, without numpy, numba or Qt."""
