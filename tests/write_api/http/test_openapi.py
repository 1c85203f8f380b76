"""The document says what the API does, with an example for everything."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from http_edge.problems import PROBLEM_JSON
from tests.support.harness.front_desk import desk, said
from write_api.http.docs_page import PAGE
from write_api.http.fields import Body
from write_api.http.problems import Problem

DOCUMENT: dict[str, Any] = desk().app.openapi()
OPERATIONS = [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]


def follow(ref: str) -> Any:
    at: Any = DOCUMENT
    for name in ref.removeprefix("#/").split("/"):
        at = at[name]
    return at


def refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(ref := value.get("$ref"), str):
            yield ref
        for inner in value.values():
            yield from refs(inner)
    if isinstance(value, list):
        for inner in value:
            yield from refs(inner)


def bodies() -> list[type[Body]]:
    found: list[type[Body]] = []
    waiting: list[type[Body]] = [Body]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        found += kinds
        waiting += kinds
    return found


async def test_the_document_is_served(nobody: httpx.AsyncClient) -> None:
    assert await said(await nobody.get("/openapi.json"), 200) == json.loads(json.dumps(DOCUMENT))
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    used = set(refs(DOCUMENT))
    assert [ref for ref in used if not follow(ref)] == []
    components = DOCUMENT["components"]
    made = {f"#/components/{kind}/{name}" for kind in ("schemas", "responses", "headers") for name in components[kind]}
    assert made == used


def test_every_schema_is_named_by_its_class_alone() -> None:
    """Two classes of one name would both get names that lead through modules, and clients' types would change."""
    assert [name for name in DOCUMENT["components"]["schemas"] if "__" in name] == []


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    names = [operation["operationId"] for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert [operation["operationId"] for operation in OPERATIONS if not operation["summary"]] == []


SUMMARIES = {
    "start_session": "Create a guest session",
    "register": "Ask for an account",
    "complete_registration": "Open the account behind the mailed link, and log in",
    "log_in": "Log in with address and password",
    "refresh": "Get a new access token, and the successor of the refresh token",
    "log_out": "End the session of a refresh token",
    "forgotten_password": "Ask for a link to set a password anew",
    "reset_password": "Set a password behind the mailed link",
    "confirm_email": "Use the new address of an account from now on, by the link that was mailed to it",
    "read_sessions": "List the devices that are logged in, the latest used first",
    "end_session": "Log a device out",
    "log_out_everywhere": "Log all devices out, this one too",
    "change_password": "Change the password by the present one",
    "change_email": "Ask to change the e-mail address",
    "read_profile": "Read the profile of the account",
    "change_profile": "Change the profile of the account",
    "read_addresses": "Read the address book",
    "add_address": "Add an address to the address book",
    "change_address": "Change an address of the address book",
    "remove_address": "Remove an address from the address book",
    "read_consents": "Read all consents that were given and withdrawn, the oldest first",
    "give_consent": "Give consent for a purpose, such as `newsletter`",
    "withdraw_consent": "Withdraw consent for a purpose",
    "delete_account": "Delete the account and all personal data in it",
    "download_own_data": "Download all that the shop holds of the account",
    "open_a_cart": "Create a cart",
    "add_to_cart": "Add items to a cart",
    "change_quantity": "Change the quantity of an item in a cart",
    "remove_from_cart": "Remove an item from a cart",
    "accept_new_prices": "Accept changed prices of items in a cart",
    "agree_price": "Set an agreed price for a cart line",
    "buy": "Check out a cart",
    "pay_otherwise": "Pay for a checkout with another payment method; the amount stays the same",
    "read_confirmation": "Read where the shopper confirms the payment at their bank",
    "cancel_checkout": "Cancel a checkout",
    "cancel_order": "Cancel an order",
    "cancel_line": "Cancel units of an order line that cannot be delivered",
    "draft_product": "Create a product as a draft",
    "describe_product": "Change the title, the description or the brand of a product",
    "add_a_variant": "Add a variant to a product",
    "price_variant": "Set the price of a variant, now or from a time on",
    "remove_variant": "Remove a variant from a product",
    "withdraw_price": "Remove a planned price of a variant",
    "remove_media": "Remove a picture or other media from a product",
    "put_into_category": "Assign a product to a category",
    "attach_media": "Add a picture or other media to a product",
    "publish": "Publish a product",
    "unpublish": "Unpublish a product",
    "discontinue": "Discontinue a product for good",
    "draft_promotion": "Draft a promotion",
    "edit_promotion": "Write the draft of a promotion anew",
    "schedule_promotion": "Schedule a promotion",
    "end_promotion": "End a promotion now",
    "replace_promotion": "Replace a scheduled promotion by another one, from now until its end",
    "create_category": "Create a category",
    "rename_category": "Rename a category",
    "move_category": "Move a category under another parent",
    "delete_category": "Delete a category",
    "receive": "Receive stock into a warehouse",
    "adjust": "Adjust stock in a warehouse, up or down",
    "set_backorder_limit": "Set the backorder limit of a SKU in a warehouse",
    "pick": "Record that a parcel was picked in full",
    "short_pick": "Record that a parcel was picked with units missing",
    "pack": "Record that a parcel was packed",
    "dispatch": "Dispatch a parcel",
    "track": "Record the tracking status of a parcel",
    "deliver": "Record that a parcel was delivered",
    "lose": "Record that a parcel was lost",
    "return_to_sender": "Record that a parcel was returned to the sender, undelivered",
    "cancel": "Cancel a parcel",
    "refund": "Refund a payment, all of it or a part",
    "forget_person": "Forget a person",
    "resend": "Resend a parked command",
    "resend_input": "Resend a parked input",
    "resend_dead_letter": "Resend a dead letter",
    "rebuild": "Rebuild a read model",
    "skip": "Skip a parked command",
    "skip_input": "Skip a parked input",
    "invite_staff": "Invite a person to the staff",
    "invite_staff_again": "Mail a new link to a member of staff",
    "give_role": "Give a member of staff a role",
    "withdraw_role": "Withdraw a role from a member of staff",
    "remove_staff": "Remove a member of staff",
    "remove_second_factor": "Remove the second factor of a member of staff who has lost it, and all their passkeys",
    "enrol_second_factor": "Enrol a second factor with the challenge of a login",
    "log_in_with_second_factor": "Log in with a code and the challenge of a login",
    "begin_passkey_of_registration": "Get options for a passkey of the account behind the mailed link",
    "begin_passkey_of_invitation": "Get options for a passkey of the member behind the mailed link",
    "begin_passkey_login": "Get options to log in with a passkey",
    "log_in_with_passkey": "Log in with a passkey",
    "begin_provider_login": "Begin a login of staff at the identity provider",
    "complete_provider_login": "Log in with the code of the identity provider, or join by an invitation",
    "read_guest_orders": "Read which orders were made as a guest with the verified address of the account",
    "claim_guest_orders": "Claim orders that were made as a guest with the verified address of the account",
    "read_login_methods": "Read what the caller can log in with",
    "begin_passkey": "Get options for a new passkey of the caller's",
    "add_passkey": "Add a passkey",
    "rename_passkey": "Rename a passkey",
    "remove_passkey": "Remove a passkey, but not the last way to log in",
    "begin_authenticator_app": "Get a secret for an authenticator app of a member of staff",
    "confirm_authenticator_app": "Use the authenticator app from now on, by a code of it",
    "join_staff": "Join behind the mailed link: choose a password or a passkey, and log in",
    "set_permissions": "Set what a role permits",
    "remove_role": "Remove a role",
    "issue_api_key": "Issue an API key",
    "revoke_api_key": "Revoke an API key",
    "payments": "Receive a webhook of the payment gateway",
}


def test_every_summary_has_the_words_that_people_search_for() -> None:
    """A new operation gets its line here: a verb, and the thing that it is about."""
    assert {operation["operationId"]: operation["summary"] for operation in OPERATIONS} == SUMMARIES


def test_every_parameter_in_a_path_is_described() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}, path


def test_every_body_and_every_answer_has_an_example() -> None:
    for operation in OPERATIONS:
        contents = [operation["requestBody"]["content"]] if "requestBody" in operation else []
        contents += [answer["content"] for answer in operation["responses"].values() if "content" in answer]
        assert contents
        for content in contents:
            assert follow(content["application/json"]["schema"]["$ref"])["examples"], operation["operationId"]


@pytest.mark.parametrize("kind", bodies(), ids=lambda kind: kind.__name__)
def test_every_example_of_a_body_is_one(kind: type[BaseModel]) -> None:
    extra = kind.model_config["json_schema_extra"]
    assert isinstance(extra, dict)
    examples = extra["examples"]
    assert isinstance(examples, list)
    for example in examples:
        kind.model_validate(example)


def test_every_error_has_an_example_of_its_status() -> None:
    for status, response in DOCUMENT["components"]["responses"].items():
        examples = response["content"][PROBLEM_JSON]["examples"]
        assert examples, status
        for example in examples.values():
            assert Problem.model_validate(example["value"]).status == int(status)


async def test_the_page_needs_nothing_from_elsewhere(nobody: httpx.AsyncClient) -> None:
    assert (await nobody.get("/")).headers["location"] == "/docs"
    page = await nobody.get("/docs")
    assert (page.status_code, page.text) == (200, PAGE)
    assert "//" not in PAGE
    parts = re.findall(r'(?:src|href)="([^"]+)"', PAGE)
    answers = [await nobody.get(f"/{part}") for part in parts]
    assert [
        (part, answer.status_code, answer.headers["content-type"].partition(";")[0])
        for part, answer in zip(parts, answers, strict=True)
    ] == [
        ("docs/assets/swagger-ui.css", 200, "text/css"),
        ("docs/assets/swagger-ui-bundle.js", 200, "text/javascript"),
        ("docs/assets/start.js", 200, "text/javascript"),
    ]
    style, bundle, start = (answer.text for answer in answers)
    assert ".swagger-ui" in style
    assert set(re.findall(r"""url\(["']?(\w+):""", style)) == {"data"}
    assert "SwaggerUIBundle" in bundle
    assert "//" not in re.sub(r"^// .*", "", start, flags=re.MULTILINE)


async def test_the_page_has_no_other_parts(nobody: httpx.AsyncClient) -> None:
    for name in ("redoc.standalone.js", "..%2Fcore.py", "favicon.png"):
        assert (await nobody.get(f"/docs/assets/{name}")).status_code == 404
