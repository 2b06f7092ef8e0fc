"""The dispatcher process: loop, sockets, keys and clock around the pure core."""
