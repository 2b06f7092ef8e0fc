"""The farm in a box: the production brains on a virtual clock, with everything else simulated.

The core of the dispatcher and the sessions of the agents are the real ones; clock, network, disk and the
children that render are played, from a seed. ``film`` runs a whole film and measures it (`windfire
simulate`); the tests drive the same parts through faults. No sockets, no threads, no real time.
"""
