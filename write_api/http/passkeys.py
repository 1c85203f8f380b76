"""Passkeys as browsers send them: the JSON of Web Authentication Level 3 (`credential.toJSON()`)."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from commands.passkeys.adding import NewPasskey
from commands.passkeys.ports import Document
from write_api.http.credentials import Password
from write_api.http.fields import BASE64, Body, Text, example

LONGEST_ID, LONGEST_PART, LONGEST_OBJECT = 1_400, 4_096, 32_768
"""Characters: an id has at most 1,023 bytes, and attestations may carry certificates."""

LONGEST_NAME = 60
UNNAMED = "Passkey"

Id: TypeAlias = Annotated[str, Field(pattern=BASE64, max_length=LONGEST_ID)]
Part: TypeAlias = Annotated[str, Field(pattern=BASE64, max_length=LONGEST_PART)]
PasskeyName: TypeAlias = Annotated[Text, Field(max_length=LONGEST_NAME, description="What its holder calls it.")]


class Open(BaseModel):
    """Members that are not known are let by: browsers add some."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class Attested(Open):
    """What an authenticator says of a new passkey."""

    clientDataJSON: Part  # noqa: N815 - the standard's name
    attestationObject: Annotated[str, Field(pattern=BASE64, max_length=LONGEST_OBJECT)]  # noqa: N815
    transports: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=10)] = []


class Asserted(Open):
    """What an authenticator says at a login."""

    clientDataJSON: Part  # noqa: N815
    authenticatorData: Part  # noqa: N815
    signature: Part
    userHandle: Annotated[str | None, Field(pattern=BASE64, max_length=100)] = None  # noqa: N815


class RegistrationResponse(Open):
    """The answer of `navigator.credentials.create()` (RegistrationResponseJSON)."""

    id: Id
    rawId: Id  # noqa: N815
    type: Literal["public-key"] = "public-key"
    response: Attested

    def document(self) -> Document:
        return self.model_dump()


class AuthenticationResponse(Open):
    """The answer of `navigator.credentials.get()` (AuthenticationResponseJSON)."""

    id: Id
    rawId: Id  # noqa: N815
    type: Literal["public-key"] = "public-key"
    response: Asserted

    def document(self) -> Document:
        return self.model_dump()


class CeremonyOptions(BaseModel):
    """What the browser takes: `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"options": {"challenge": "q3k...", "rpId": "shop.example", "userVerification": "required"}}]
        }
    )

    options: dict[str, object] = Field(description="The challenge in it is good once, for five minutes.")


class Choice(Body):
    """A password or a passkey, one of the two."""

    model_config = example(password="correct horse battery staple")

    password: Password | None = None
    passkey: RegistrationResponse | None = None
    passkey_name: PasskeyName = UNNAMED

    @model_validator(mode="after")
    def _one_of_two(self) -> "Choice":
        if (self.password is None) is (self.passkey is None):
            raise PydanticCustomError("one_of_two", "Send either a password or a passkey")
        return self

    @property
    def chosen(self) -> str | NewPasskey:
        if self.passkey is not None:
            return NewPasskey(self.passkey.document(), self.passkey_name)
        assert self.password is not None
        return self.password.get_secret_value()


def ceremony(options: Document) -> CeremonyOptions:
    return CeremonyOptions(options=dict(options))
