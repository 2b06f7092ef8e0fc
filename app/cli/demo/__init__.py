"""`windfire demo`: a whole farm and a small film on this machine, from nothing, and cleared away after."""
