"""What the window, the command line and the Python API stand on: a replica and a connection."""
