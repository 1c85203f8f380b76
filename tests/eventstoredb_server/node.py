"""One node of a cluster: its log, its part, and what it refuses because of that."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from .access import Access, User
from .calls import Call
from .faults import Faults
from .groups import Groups
from .log import Log
from .projections import Projections
from .refusals import no_leader, not_leader

MIB = 2**20


@dataclass(slots=True)
class Member:
    """A node as gossip tells of it."""

    host: str
    port: int
    state: str = "Leader"
    alive: bool = True
    instance: UUID = field(default_factory=uuid4)


@dataclass(slots=True)
class Node:
    """A follower reads the same log as its leader. Members are all nodes, this one among them."""

    log: Log
    access: Access
    faults: Faults
    me: Member
    members: list[Member]
    max_append_size: int = MIB
    write_timeout: float = 2.0
    live_buffer: int | None = None
    groups: Groups = field(init=False)
    projections: Projections = field(init=False)

    def __post_init__(self) -> None:
        self.groups = Groups(self.log)
        self.projections = Projections(self.log)

    def lead(self) -> None:
        """What only a leader does: it finds its tasks in the log."""
        self.groups.start()
        self.projections.start()

    def step_down(self) -> None:
        self.groups.stop()
        self.projections.stop()

    @property
    def leads(self) -> bool:
        return self.me.state == "Leader"

    @property
    def leader(self) -> Member | None:
        return next((member for member in self.members if member.state == "Leader" and member.alive), None)

    def check_leader(self, call: Call) -> None:
        """Who asks for the leader is sent to it. Others are served: a follower's writes are forwarded."""
        if call.requires_leader and not self.leads:
            leader = self.leader
            raise not_leader((leader.host, leader.port)) if leader else no_leader()

    def check_stream(self, user: User, action: str, stream: str) -> None:
        self.access.check_stream(user, action, stream, self.log)
