"""The path tracer: scenes in, exact sums of samples out, on CPU threads or on a GPU."""
