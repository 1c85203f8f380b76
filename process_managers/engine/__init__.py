"""The machinery of processes: the runner, instances, delivery, timers and parked messages."""
