"""One action on many rows: started once, watched, repeated where it failed, with the rights of who started it."""

from datetime import timedelta

import pytest

import web.jobs
from tests.support.fixtures.pages import NOW, UNREACHABLE, Browser, Page, accepted, data, problem
from tests.web.back_office.answers import me, works
from web.ports import Reply

PUBLISH = "/desk/products/chosen/publish"


@pytest.fixture
async def ada(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setattr(web.jobs, "PAUSE", 0.0)
    await works(browser)
    browser.read.answers("DeskMe", data(me=me()))
    return browser


async def started(browser: Browser, *rows: str, key: str = "k") -> Page:
    """The page of the job."""
    page = await browser.post(PUBLISH, key=key, row=list(rows))
    assert page.status == 303
    return await browser.get(page.location)


def address(page: Page) -> str:
    return str(page.response.url.path)


async def test_a_job_is_shown_while_it_goes_on_and_when_it_has_ended(ada: Browser) -> None:
    page = await started(ada, "p-1", "p-2")
    assert page.text("#job > p:first-child") == "0 of 2 done."
    assert page.html.select_one("noscript meta[http-equiv=refresh]") is not None
    (part,) = page.html.select("#job")
    assert part["hx-get"] == f"/_{address(page)}"
    ada.write.answers("POST /products/p-1/publish", accepted(7, 1))
    ada.write.answers("POST /products/p-2/publish", problem(409, "no-price", detail="It has no price."))
    await ada.carry_out_jobs()
    seen = await ada.fragment(str(part["hx-get"]))
    assert seen.text("#job > p:first-child") == "1 of 2 done. 1 not done."
    assert seen.texts("td") == ["p-2", "It has no price."]
    assert "hx-get" not in seen.html.select("#job")[0].attrs
    assert seen.text("#live") == "1 of 2 done."
    assert (await ada.get(address(page))).html.select("noscript meta") == []


async def test_the_list_that_is_looked_at_next_shows_what_was_done(ada: Browser) -> None:
    page = await started(ada, "p-1")
    ada.write.answers("POST /products/p-1/publish", accepted(7, 1))
    await ada.carry_out_jobs()
    await ada.get(address(page))
    assert (ada.session.position, ada.session.position_at) == ("7", NOW.timestamp())


async def test_each_row_has_a_key_of_its_own_and_the_rights_of_who_started_the_job(ada: Browser) -> None:
    page = await started(ada, "p-1", "p-2")
    for row in ("p-1", "p-2"):
        ada.write.answers(f"POST /products/{row}/publish", accepted(7, 1))
    await ada.carry_out_jobs()
    job_id = address(page).rpartition("/")[2]
    assert {it.headers["Idempotency-Key"] for it in ada.write.sent} == {f"{job_id}.p-1", f"{job_id}.p-2"}
    assert {(it.headers["Authorization"], it.headers["X-Forwarded-For"]) for it in ada.write.sent} == {
        ("Bearer staff-token", "127.0.0.1")
    }


async def test_a_form_that_is_sent_twice_starts_one_job(ada: Browser) -> None:
    assert address(await started(ada, "p-1")) == address(await started(ada, "p-1"))
    assert len(ada.jobs.kept) == 1
    await started(ada, "p-1", key="another")
    assert len(ada.jobs.kept) == 2


async def test_what_failed_is_tried_again_under_the_same_keys_and_the_rest_is_not(ada: Browser) -> None:
    page = await started(ada, "p-1", "p-2")
    ada.write.answers("POST /products/p-1/publish", accepted(7, 1))
    ada.write.answers("POST /products/p-2/publish", problem(409, "no-price"), accepted(9, 2))
    await ada.carry_out_jobs()
    again = await ada.post(f"{address(page)}/repeat")
    assert (again.status, again.location) == (303, address(page))
    await ada.carry_out_jobs()
    assert (await ada.get(address(page))).text("#job > p:first-child") == "2 of 2 done."
    assert len(ada.write.to("/products/p-1/publish")) == 1
    first, second = ada.write.to("/products/p-2/publish")
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


@pytest.mark.parametrize("busy", [problem(503, "busy"), problem(429, "too-many-requests"), UNREACHABLE])
async def test_an_api_that_is_busy_or_away_is_no_failure_of_a_row(ada: Browser, busy: Reply | Exception) -> None:
    page = await started(ada, "p-1")
    ada.write.answers("POST /products/p-1/publish", *[busy] * 9, accepted(7, 1))
    await ada.carry_out_jobs()
    assert (await ada.get(address(page))).text("#job > p:first-child") == "1 of 1 done."


async def test_a_row_that_was_done_by_an_earlier_command_under_its_key_is_done(ada: Browser) -> None:
    page = await started(ada, "p-1")
    ada.write.answers("POST /products/p-1/publish", problem(422, "command-id-reused"))
    await ada.carry_out_jobs()
    assert (await ada.get(address(page))).text("#job > p:first-child") == "1 of 1 done."


@pytest.mark.parametrize(
    ("reply", "why"),
    [(problem(401, "unauthenticated"), web.jobs.ENDED), (problem(403, "forbidden"), web.jobs.NOT_ALLOWED)],
)
async def test_rights_that_were_taken_away_end_a_job(ada: Browser, reply: Reply, why: str) -> None:
    page = await started(ada, "p-1")
    ada.write.answers("POST /products/p-1/publish", reply)
    await ada.carry_out_jobs()
    assert (await ada.get(address(page))).texts("td") == ["p-1", why]


async def test_a_job_does_nothing_once_its_rights_are_over(ada: Browser) -> None:
    page = await started(ada, "p-1")
    await web.jobs.carry_out_next(ada.jobs, ada.write, (NOW + timedelta(days=1)).timestamp)
    assert (await ada.get(address(page))).texts("td") == ["p-1", web.jobs.ENDED]
    assert ada.write.sent == []


async def test_a_job_begins_with_a_token_that_lasts(ada: Browser) -> None:
    soon = NOW.timestamp() + 60
    await ada.begin(subject="ada", roles=("staff",), token="old", refresh="refresh-1", expires=soon)
    ends = {"expires_at": (NOW + timedelta(minutes=5)).isoformat()}
    refreshed = {"subject": "ada", "access_token": "new", "refresh_token": "refresh-2", **ends}
    far = (NOW + timedelta(days=30)).isoformat()
    ada.write.answers("POST /auth/refresh", Reply(200, {**refreshed, "refresh_expires_at": far}))
    await started(ada, "p-1")
    (job,) = ada.jobs.kept.values()
    assert job.rights.token == "new"


async def test_another_persons_job_is_not_there(ada: Browser) -> None:
    page = await started(ada, "p-1")
    await ada.begin(subject="ben", roles=("staff",))
    assert (await ada.get(address(page))).status == 404
    await ada.post(f"{address(page)}/repeat")
    (job,) = ada.jobs.kept.values()
    assert job.rights.token == "staff-token"


async def test_one_person_has_few_jobs_under_way(ada: Browser) -> None:
    for number in range(5):
        await started(ada, "p-1", key=f"k{number}")
    refused = await ada.post(PUBLISH, key="k5", row="p-1")
    assert refused.status == 429
    assert len(ada.jobs.kept) == 5


async def test_nothing_is_begun_for_no_rows_or_for_what_is_none(ada: Browser) -> None:
    assert (await ada.post(PUBLISH, key="k")).text(".empty").startswith("Nothing was chosen.")
    assert (await ada.post(PUBLISH, key="k", row=["p-1", "../orders"])).status == 404
    assert ada.jobs.kept == {}


async def test_at_most_two_hundred_rows_are_taken(ada: Browser) -> None:
    await started(ada, *(f"p-{number}" for number in range(201)))
    (job,) = ada.jobs.kept.values()
    assert len(job.rows) == 200
