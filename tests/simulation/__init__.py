"""Whole checkouts through random schedules, on one thread and from one seed."""
