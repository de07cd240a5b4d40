"""Setting and changing passwords over HTTP."""

from collections.abc import Callable

import pytest

from tests.support.page_client import PASSWORD, PageClient

from .conftest import ON_SQLITE, Clinic

pytestmark = ON_SQLITE

NEW = "Nine quiet herons wait"


def test_a_link_sets_a_password_once(clinic: Clinic, visitor: PageClient) -> None:
    name = clinic.create_user()
    link = clinic.password_link(name)
    for _ in range(2):
        page = visitor.text(link)
    assert name.partition("@")[0] in page
    assert clinic.site in page
    done = visitor.post(link, {"new_password": NEW, "repeated_password": NEW})
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    assert "Your password is set." in visitor.follow(done).text
    assert visitor.get(link).status_code == 404
    again = visitor.post(link, {"new_password": PASSWORD, "repeated_password": PASSWORD})
    assert again.status_code == 404
    assert "does not work any more" in again.text
    assert visitor.sign_in(clinic.site, name, NEW).status_code == 303


@pytest.mark.parametrize(
    ("new", "repeated", "words"),
    [
        ("short", "short", "at least 15"),
        (NEW, "something else", "not the same"),
        ("page reader sample clinic", "page reader sample clinic", "tried first"),
        ("", "", "at least 15"),
    ],
)
def test_a_password_that_is_refused_leaves_the_link_working(
    clinic: Clinic, visitor: PageClient, new: str, repeated: str, words: str
) -> None:
    name = clinic.create_user()
    link = clinic.password_link(name)
    response = visitor.post(link, {"new_password": new, "repeated_password": repeated})
    assert response.status_code == 400
    assert words in response.text
    assert new == "" or f'value="{new}"' not in response.text
    assert visitor.get(link).status_code == 200
    assert visitor.sign_in(clinic.site, name).status_code == 303


@pytest.mark.parametrize("secret", ["x", "x" * 43, "%00", "é" * 43, "..%2F..", "x" * 5_000])
def test_a_made_up_link_is_no_link(visitor: PageClient, secret: str) -> None:
    response = visitor.get(f"/set-password/{secret}")
    assert response.status_code == 404


def test_a_changed_password_keeps_this_browser_and_signs_out_the_others(
    clinic: Clinic, signed_in: Callable[..., PageClient]
) -> None:
    name = clinic.create_user()
    here, elsewhere = signed_in(name), signed_in(name)
    before = here.http.cookies.get("session")
    here.get("/profile/password")
    fields = {"current_password": PASSWORD, "new_password": NEW, "repeated_password": NEW}
    done = here.post("/profile/password", fields)
    assert (done.status_code, done.headers["location"]) == (303, "/profile")
    assert here.http.cookies.get("session") != before
    assert "Your password is changed." in here.follow(done).text
    assert elsewhere.get("/profile").status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "repeated", "words"),
    [
        ("not it", NEW, NEW, "not your current password"),
        (PASSWORD, NEW, "different from it", "not the same"),
        (PASSWORD, "short", "short", "at least 15"),
    ],
)
def test_a_change_that_is_refused_says_at_which_field(
    clinic: Clinic, signed_in: Callable[..., PageClient], current: str, new: str, repeated: str, words: str
) -> None:
    client = signed_in(clinic.create_user())
    client.get("/profile/password")
    fields = {"current_password": current, "new_password": new, "repeated_password": repeated}
    response = client.post("/profile/password", fields)
    assert response.status_code == 400
    assert words in response.text
    assert response.text.count('aria-invalid="true"') == 1
    assert client.get("/profile").status_code == 200


def test_a_password_that_okta_sends_is_no_password_here(clinic: Clinic, visitor: PageClient) -> None:
    from tests.support.scim_client import ScimClient, okta_user

    body = okta_user(siteNumbers=clinic.site)
    body["password"] = PASSWORD
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        user = scim.created(body)
        assert visitor.sign_in(clinic.site, user["userName"]).status_code == 401
        operation = {"op": "replace", "path": "password", "value": PASSWORD}
        assert scim.patch(user["id"], operation).status_code in (200, 204)
    assert visitor.sign_in(clinic.site, user["userName"]).status_code == 401
