"""Structured logs: JSON for machines or lines for people. Ids and positions are logged, personal data never is."""

import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.dev import plain_traceback

from infra.settings import Settings
from infra.telemetry import log_files
from infra.telemetry.exporting import wanted
from infra.telemetry.log_rate import BoundedLines, BoundedRecords, LineRate


def set_up_logging(settings: Settings) -> None:
    """Send everything, our own and the libraries', to stderr in one form.

    A part whose supervisor gave it a log file sees to that file's length. Lines of one
    kind beyond a rate are left out and counted (infra/telemetry/log_rate.py). Tracebacks are plain: the prettier ones
    show the values of variables, which may be personal or secret.
    """
    level = logging.getLevelNamesMapping()[settings.log_level]
    stream = cast(TextIO, log_files.stderr() or sys.stderr)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = settings.log_format == "json"
    last: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain_traceback)]
    )
    counted: list[structlog.typing.Processor] = []
    if wanted():
        from infra.telemetry.messages import Counted

        counted = [Counted()]
    structlog.configure(
        processors=[*counted, BoundedLines(LineRate()), *shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    handler.addFilter(BoundedRecords(LineRate()))
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
