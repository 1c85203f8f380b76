"""Metrics and traces of every part (OpenTelemetry): wrappers around ports, put there only when somebody listens."""
