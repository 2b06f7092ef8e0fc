"""The frames of one shot: the strip of its tasks, and the picture of one of them."""
