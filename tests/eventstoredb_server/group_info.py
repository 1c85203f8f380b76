"""What a persistent subscription tells of itself."""

from typing import Any

from esdbclient.protos.Grpc import persistent_pb2

from .consumers import Consumer
from .group import Group

SubscriptionInfo = persistent_pb2.SubscriptionInfo


def info_of(group: Group) -> Any:
    settings, source = group.settings, group.source
    return SubscriptionInfo(
        event_source=source.stream,
        group_name=group.name,
        status="Live" if group.live else "Behind",
        connections=[_connection(consumer) for consumer in group.consumers.those],
        total_items=group.total,
        last_checkpointed_event_position=source.said(group.checkpointed),
        last_known_event_position=source.said(group.last_known),
        resolve_link_tos=settings.resolve_links,
        start_from=source.said(settings.start),
        message_timeout_milliseconds=settings.message_timeout,
        extra_statistics=settings.extra_statistics,
        max_retry_count=settings.max_retry_count,
        live_buffer_size=settings.live_buffer_size,
        buffer_size=settings.history_buffer_size,
        read_batch_size=settings.read_batch_size,
        check_point_after_milliseconds=settings.checkpoint_after,
        min_check_point_count=settings.min_checkpoint_count,
        max_check_point_count=settings.max_checkpoint_count,
        read_buffer_count=len(group.buffer),
        retry_buffer_count=len(group.retries) + len(group.replays),
        total_in_flight_messages=group.consumers.total_in_flight,
        outstanding_messages_count=len(group.outstanding),
        named_consumer_strategy=settings.strategy,
        max_subscriber_count=settings.max_subscriber_count,
        parked_message_count=len(group.streams.parked_records(None)),
    )


def _connection(consumer: Consumer) -> Any:
    said = SubscriptionInfo.ConnectionInfo(
        username=consumer.user,
        total_items=consumer.total,
        available_slots=consumer.slots,
        in_flight_messages=len(consumer.in_flight),
        connection_name=consumer.name,
    )
    setattr(said, "from", consumer.peer)
    return said
