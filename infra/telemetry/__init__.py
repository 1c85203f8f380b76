"""Metrics and traces of every part (OpenTelemetry): wrappers around ports, used only when an exporter is set."""
