"""Gossip.Read: who is in the cluster, and who leads."""

import time
from typing import Any

from esdbclient.protos.Grpc import gossip_pb2

from .calls import Call
from .messages import uuid_message
from .node import Node

MemberInfo = gossip_pb2.MemberInfo


async def read_gossip(node: Node, _: Any, __: Call) -> Any:
    return gossip_pb2.ClusterInfo(
        members=[
            MemberInfo(
                instance_id=uuid_message(member.instance, as_text=False),
                time_stamp=time.time_ns() // 100,
                state=MemberInfo.VNodeState.Value(member.state),
                is_alive=member.alive,
                http_end_point=gossip_pb2.EndPoint(address=member.host, port=member.port),
            )
            for member in node.members
        ]
    )
