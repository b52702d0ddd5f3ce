"""Attempts with share links, and with what came through one."""

from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from gateway.rate_limits.limits import MAX_NEW_GUESTS
from persistence.limits import MAX_MEMBERS
from tests.gateway.test_permission_table import SENT
from tests.support import leaks
from tests.support.attacked import JSON, Target, code_of, session_of
from tests.support.postgres import run_sql


def new_link(target: Target, role: str = "viewer", diagram: str = "shared") -> tuple[str, str]:
    """The id and the secret of a link."""
    path = f"/api/diagrams/{target.diagrams[diagram]}/share-links"
    made = target.ask("olga", "POST", path, json={"role": role}).json()["data"]
    secret = made["url"].partition("#")[2]
    leaks.remember(secret)
    return made["id"], secret


def redeem(target: Target, token: str, **more: Any) -> httpx2.Response:
    return target.ask(None, "POST", "/api/share-links/redeem", json={"token": token, **more})


def guest(target: Target, token: str) -> dict[str, str]:
    answer = redeem(target, token, name="Gus")
    assert answer.status_code == 200, answer.text
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


GUESSES = ("", "A" * 43, "a" * 10_000, "../admin", "' OR '1'='1", "%00", "\x00", "\ud7ff", "null")


@pytest.mark.parametrize("guess", GUESSES)
def test_a_guessed_link(target: Target, guess: str) -> None:
    answer = redeem(target, guess)
    assert answer.status_code in (400, 404), answer.text
    assert "set-cookie" not in answer.headers


def test_a_part_of_a_link(target: Target) -> None:
    link_id, token = new_link(target)
    for wrong in (token[:-1], token + "A", token.swapcase(), link_id, f" {token}"):
        assert code_of(redeem(target, wrong)) == "link_not_found"


def test_a_link_by_its_stored_hash(target: Target) -> None:
    """Who reads the database has no way in."""
    new_link(target)
    rows = target.rows("SELECT * FROM share_links")
    for value in {str(value) for row in rows for value in row.values()}:
        assert redeem(target, value).status_code in (400, 404)


def test_an_expired_link(target: Target) -> None:
    link_id, token = new_link(target)
    cookie = guest(target, token)
    path = f"/api/diagrams/{target.diagrams['shared']}"
    assert target.ask(None, "GET", path, headers=cookie).status_code == 200
    with target.socket(**cookie) as wire:
        wire.send(type="subscribe", diagram_id=target.diagrams["shared"])
        wire.until("snapshot")
        run_sql(
            target.database_url,
            f"UPDATE share_links SET expires_at = now() - interval '1 s' WHERE id = '{link_id}'",
        )
        assert wire.until("diagram_closed")["reason"] == "forbidden"
    refused = redeem(target, token)
    assert (refused.status_code, code_of(refused)) == (410, "link_expired")
    assert target.ask(None, "GET", path, headers=cookie).status_code in (401, 404)


def test_a_revoked_link_and_what_came_through_it(target: Target) -> None:
    link_id, token = new_link(target, "editor")
    cookie, shared = guest(target, token), target.diagrams["shared"]
    with target.socket(**cookie) as wire:
        wire.send(type="subscribe", diagram_id=shared)
        assert wire.until("snapshot")["may_edit"] is True
        gone = target.ask(
            "olga", "DELETE", f"/api/diagrams/{shared}/share-links/{link_id}", json={}
        )
        assert gone.status_code == 200
        with pytest.raises(ConnectionClosed):
            wire.until("never")
    assert (redeem(target, token).status_code, code_of(redeem(target, token))) == (
        410,
        "link_revoked",
    )
    assert target.ask(None, "GET", f"/api/diagrams/{shared}", headers=cookie).status_code in (
        401,
        404,
    )


def test_a_guest_who_was_made_an_editor_stays_after_the_link(target: Target) -> None:
    """Whatever role the owner gave them meanwhile, they are there by the link alone."""
    link_id, token = new_link(target)
    cookie, shared = guest(target, token), f"/api/diagrams/{target.diagrams['shared']}"
    with target.client("olga") as olga:
        members = olga.get(f"{shared}/members").json()["data"]["members"]
        (found,) = [each["id"] for each in members if each["id"].startswith("guest:")][-1:]
        given = olga.put(f"{shared}/members/{found}", json={"role": "editor"})
        assert given.status_code == 200, given.text
        assert target.ask(None, "GET", shared, headers=cookie).status_code == 200
        gone = olga.request("DELETE", f"{shared}/share-links/{link_id}", json={})
        assert gone.status_code == 200
        assert target.ask(None, "GET", shared, headers=cookie).status_code in (401, 404)
        assert found not in olga.get(f"{shared}/members").text


def test_a_guest_goes_beyond_the_link(target: Target) -> None:
    """A viewer's link: not editing, not sharing, not creating, and no other diagram."""
    _, token = new_link(target)
    cookie, shared = guest(target, token), target.diagrams["shared"]
    tries: tuple[tuple[str, str, Any, int], ...] = (
        ("PUT", f"/api/diagrams/{shared}", {"title": "Mine"}, 403),
        ("POST", f"/api/diagrams/{shared}/share-links", {"role": "editor"}, 403),
        ("GET", f"/api/diagrams/{shared}/members", None, 403),
        ("POST", "/api/diagrams", {"title": "New"}, 403),
        ("GET", "/api/people?search=o", None, 403),
        ("GET", f"/api/diagrams/{target.diagrams['secret']}", None, 404),
        ("POST", "/api/session", {}, 403),
        ("GET", "/api/connections", None, 403),
    )
    for method, path, sent, status in tries:
        answer = target.ask(None, method, path, json=sent, headers=cookie)
        assert answer.status_code == status, (method, path, answer.text)
    with target.socket(**cookie) as wire:
        wire.send(type="subscribe", diagram_id=shared)
        wire.until("snapshot")
        assert wire.refusal(type="submit", **SENT["submit"](shared)) == "forbidden"
        assert wire.refusal(type="subscribe", diagram_id=target.diagrams["secret"]) == "not_found"


def test_an_agent_takes_a_persons_link(target: Target) -> None:
    _, token = new_link(target)
    answer = target.ask("confined", "POST", "/api/share-links/redeem", json={"token": token})
    assert (answer.status_code, code_of(answer)) == (403, "forbidden")


def test_another_diagrams_link_is_not_revoked(target: Target) -> None:
    link_id, token = new_link(target)
    for diagram, person in (("other", "olga"), ("shared", "edgar"), ("shared", "mallory")):
        path = f"/api/diagrams/{target.diagrams[diagram]}/share-links/{link_id}"
        assert target.ask(person, "DELETE", path, json={}).status_code in (403, 404)
    assert redeem(target, token).status_code == 200


def test_a_link_is_not_shown_again(target: Target) -> None:
    _, token = new_link(target)
    path = f"/api/diagrams/{target.diagrams['shared']}/share-links"
    assert token not in target.ask("olga", "GET", path).text
    assert token not in str(target.rows("SELECT * FROM share_links"))


def test_a_link_gives_no_more_than_a_role_that_links_have(target: Target) -> None:
    path = f"/api/diagrams/{target.diagrams['shared']}/share-links"
    for sent in ({"role": "owner"}, {"role": "admin"}, {"days": 100_000}, {"days": -1}):
        assert target.ask("olga", "POST", path, json=sent).status_code == 400


def test_a_guests_cookie_is_of_no_use_as_a_link(target: Target) -> None:
    _, token = new_link(target)
    cookie = guest(target, token)["cookie"].partition("=")[2]
    assert redeem(target, cookie).status_code == 404
    assert target.ask(None, "GET", "/api/diagrams", headers=session_of(token)).status_code == 401


def test_one_person_comes_as_many_guests(target: Target) -> None:
    """Each guest has limits of their own, so there are not many of one address; of another one
    somebody comes in all the same, and so does who is signed in."""
    link_id, token = new_link(target)
    body = {"token": token, "name": "Gus"}
    with target.client() as many:
        answers = []
        for _ in range(MAX_NEW_GUESTS + 5):
            answers.append(many.post("/api/share-links/redeem", json=body))
            many.cookies.clear()
        refused = answers[-1]
        assert (refused.status_code, code_of(refused)) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 0
        again = many.post("/api/share-links/redeem", json=body, headers=target.bearer("mallory"))
        assert again.status_code == 200
    assert [each.status_code for each in answers[:MAX_NEW_GUESTS]] == [200] * MAX_NEW_GUESTS
    assert redeem(target, token).status_code == 200
    revoked = f"/api/diagrams/{target.diagrams['shared']}/share-links/{link_id}"
    assert target.ask("olga", "DELETE", revoked, headers=JSON).status_code == 200


def test_guests_of_ended_links_keep_nobody_out(target: Target) -> None:
    """A link that was given to too many is over one day; the next one lets people in."""
    link_id, _ = new_link(target, diagram="other")
    run_sql(
        target.database_url,
        f"INSERT INTO people (id, name) SELECT 'guest:g' || i, 'G' FROM generate_series(1,"
        f" {MAX_MEMBERS}) AS i",
        "INSERT INTO diagram_members (diagram_id, person_id, role, link_id, added_by)"
        f" SELECT l.diagram_id, 'guest:g' || i, 'viewer', l.id, 'jwt:olga' FROM share_links AS l,"
        f" generate_series(1, {MAX_MEMBERS}) AS i WHERE l.id = '{link_id}'",
    )
    _, token = new_link(target, diagram="other")
    assert code_of(redeem(target, token)) == "too_many_members"
    run_sql(
        target.database_url,
        f"UPDATE share_links SET expires_at = now() - interval '1 s' WHERE id = '{link_id}'",
    )
    assert redeem(target, token).status_code == 200


def test_links_are_not_found_by_trying(target: Target) -> None:
    """Guesses are counted by the address that they come from, as those of keys are."""
    with target.client() as guesser:
        answers = [
            guesser.post("/api/share-links/redeem", json={"token": f"{n:043d}"}) for n in range(35)
        ]
    assert answers[0].status_code == 404
    assert answers[-1].status_code == 429
