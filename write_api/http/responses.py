"""What an accepted command is answered with."""

from pydantic import BaseModel, ConfigDict, Field


class Accepted(BaseModel):
    """Where the command was stored. Give the position to a reader that has to see at least that."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"position": "48211", "revision": 3}]})

    position: str = Field(description="Opaque and ordered, in the one global order of all events.")
    revision: int = Field(description="Of the last event in the stream, counted from 0.")
