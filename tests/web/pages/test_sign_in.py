"""Signing in and out over HTTP: cookies, headers, refusals, throttling."""

import re
import secrets
import statistics
import time
from collections.abc import Callable

import httpx
import pytest

from tests.support.names import fresh_word
from tests.support.page_client import PASSWORD, PageClient

from .conftest import MANAGER, ON_SQLITE, OTHER_SITE, STRANGER, Clinic

pytestmark = ON_SQLITE

REFUSAL = "Site number, user name and password do not match."


def test_the_first_page_leads_to_the_sign_in_and_on_to_where_one_begins(
    visitor: PageClient, manager: PageClient, assistant: PageClient
) -> None:
    assert visitor.get("/").headers["location"] == "/sign-in"
    assert "Site number" in visitor.text("/sign-in")
    for client, first in ((manager, "/admin"), (assistant, "/profile")):
        for path in ("/", "/sign-in"):
            assert client.get(path).headers["location"] == first


def test_the_session_is_a_cookie_that_scripts_and_other_sites_do_not_get(clinic: Clinic, visitor: PageClient) -> None:
    response = visitor.sign_in(clinic.site, MANAGER)
    assert (response.status_code, response.headers["location"]) == (303, "/admin")
    session, site = response.headers.get_list("set-cookie")
    assert re.fullmatch(r"session=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", session)
    assert site == f"site={clinic.site}; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax"
    assert "Admin Home" in visitor.text("/admin")


@pytest.mark.parametrize(
    ("site", "name", "password"),
    [
        ("00101", MANAGER, "wrong password here"),
        ("00101", "nobody@sample.example", PASSWORD),
        (OTHER_SITE, MANAGER, PASSWORD),
        ("00101", STRANGER, PASSWORD),
        ("00900", MANAGER, PASSWORD),
        ("99999", MANAGER, PASSWORD),
        ("", "", ""),
    ],
)
def test_a_refusal_does_not_say_what_was_wrong(visitor: PageClient, site: str, name: str, password: str) -> None:
    response = visitor.sign_in(site, name, password)
    assert response.status_code == 401
    assert REFUSAL in response.text
    assert "set-cookie" not in response.headers
    other = visitor.sign_in("12345", "somebody@else.example", "x" * 20)
    assert other.status_code == 401
    assert without_what_was_typed(response) == without_what_was_typed(other)


def without_what_was_typed(response: httpx.Response) -> str:
    return re.sub(r' (value|autofocus)="[^"]*"', "", response.text)


def test_what_was_typed_comes_back_escaped_except_the_password(visitor: PageClient) -> None:
    response = visitor.sign_in('"><b>', "<script>alert(1)</script>", "hunter2hunter2")
    assert "<script>alert" not in response.text
    assert "&lt;script&gt;alert" in response.text
    assert '"><b>' not in response.text
    assert "hunter2" not in response.text


def test_a_session_is_new_at_each_sign_in_and_ends_on_the_server(clinic: Clinic, visitor: PageClient) -> None:
    planted = secrets.token_urlsafe(32)
    visitor.http.cookies.set("session", planted)
    visitor.sign_in(clinic.site, MANAGER)
    secret = visitor.http.cookies.get("session", domain="127.0.0.1")
    assert secret != planted
    with PageClient(clinic.base_url) as thief:
        thief.http.cookies.set("session", str(secret))
        assert thief.get("/profile").status_code == 200
        with PageClient(clinic.base_url) as owner:
            owner.http.cookies.set("session", str(secret))
            left = owner.post("/sign-out")
            assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
            assert "You are signed out." in owner.follow(left).text
        assert thief.get("/profile").headers["location"].startswith("/sign-in?ended=1")


def test_signing_out_everywhere_ends_other_browsers(clinic: Clinic, signed_in: Callable[..., PageClient]) -> None:
    name = clinic.create_user()
    here, elsewhere = signed_in(name), signed_in(name)
    assert "signed in with 2 browsers" in here.text("/profile")
    assert here.post("/sign-out-everywhere").status_code == 303
    assert elsewhere.get("/profile").status_code == 303
    assert here.get("/profile").status_code == 303


def test_a_notice_is_shown_once(clinic: Clinic, signed_in: Callable[..., PageClient]) -> None:
    client = signed_in(clinic.create_user())
    first = client.follow(client.post("/sign-out"))
    assert "You are signed out." in first.text
    assert "You are signed out." not in client.text("/sign-in")


def test_a_browser_remembers_the_site_number(clinic: Clinic, visitor: PageClient) -> None:
    visitor.sign_in(clinic.site, MANAGER)
    visitor.post("/sign-out")
    assert f'value="{clinic.site}"' in visitor.text("/sign-in")
    visitor.http.cookies.clear()
    visitor.http.cookies.set("site", '"><b>')
    assert "<b>" not in visitor.text("/sign-in")


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/profile/password", True),
        ("/admin/activity?result=refused&q=a%20b", True),
        ("//evil.example/", False),
        ("/\\evil.example", False),
        ("https://evil.example/", False),
        ("javascript:alert(1)", False),
        ("/sign-out", False),
        ("/a\r\nSet-Cookie: x=y", False),
    ],
)
def test_after_the_sign_in_it_goes_on_within_this_site_only(clinic: Clinic, target: str, kept: bool) -> None:
    with PageClient(clinic.base_url) as visitor:
        fields = {"site_number": clinic.site, "user_name": MANAGER, "password": PASSWORD, "next": target}
        response = visitor.post("/sign-in", fields)
        assert response.headers["location"] == (target if kept else "/admin")


def test_where_somebody_wanted_to_go_survives_a_mistyped_password(clinic: Clinic, visitor: PageClient) -> None:
    asked = visitor.get("/profile/password?x=1&y=2").headers["location"]
    page = visitor.text(asked)
    assert 'name="next" value="/profile/password?x=1&amp;y=2"' in page
    fields = {
        "site_number": clinic.site,
        "user_name": MANAGER,
        "password": "wrong",
        "next": "/profile/password?x=1&y=2",
    }
    assert 'value="/profile/password?x=1&amp;y=2"' in visitor.post("/sign-in", fields).text


def test_an_open_page_of_htmx_is_sent_to_the_sign_in_as_a_whole(visitor: PageClient) -> None:
    response = visitor.get("/admin", headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["hx-redirect"]) == (401, "/sign-in")


def test_too_many_attempts_are_told_and_say_when_to_come_back(clinic: Clinic) -> None:
    name = f"{fresh_word()}@sample.example"
    with PageClient(clinic.base_url, address="127.0.0.77") as visitor:
        answers = [visitor.sign_in(clinic.site, name, "guess") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
    assert "too many attempts" in answers[-1].text


def test_an_unknown_name_takes_as_long_as_a_wrong_password(clinic: Clinic) -> None:
    known = [clinic.create_user() for _ in range(2)]
    times: dict[bool, list[float]] = {True: [], False: []}
    with PageClient(clinic.base_url, address="127.0.0.78") as visitor:
        for number in range(16):
            for exists in (True, False):
                name = known[number % 2] if exists else f"nobody.{number}@sample.example"
                began = time.perf_counter()
                assert visitor.sign_in(clinic.site, name, "a wrong password").status_code == 401
                times[exists].append(time.perf_counter() - began)
    ratio = statistics.median(times[True]) / statistics.median(times[False])
    assert 0.6 < ratio < 1.6, ratio


def test_every_answer_carries_the_headers_that_bind_a_browser(clinic: Clinic, manager: PageClient) -> None:
    stylesheet = re.search(r'href="(/static/app\.css\?v=\w+)"', manager.text("/profile"))
    assert stylesheet
    for path, status in (("/profile", 200), ("/nothing", 404), ("/sign-in", 303), (stylesheet[1], 200)):
        response = manager.get(path)
        assert response.status_code == status
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "same-origin"
        assert "camera=()" in response.headers["permissions-policy"]
        assert response.headers["x-request-id"]
        assert "strict-transport-security" not in response.headers
        immutable = "public, max-age=31536000, immutable"
        assert response.headers["cache-control"] == (immutable if "static" in path else "no-store")


def test_no_page_has_an_inline_script_style_or_handler(manager: PageClient) -> None:
    for path in ("/admin", "/profile", "/profile/password", "/nothing"):
        text = manager.get(path).text
        assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", text) == []


def test_static_files_are_compressed_and_revalidated(visitor: PageClient) -> None:
    for name in ("app.css", "app.js", "htmx.min.js", "icon.svg", "htmx.LICENSE.txt"):
        response = visitor.get(f"/static/{name}")
        assert response.status_code == 200
        assert response.headers["content-encoding"] == "gzip"
        assert response.headers["cache-control"] == "public, max-age=300"
        again = visitor.get(f"/static/{name}", headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    plain = visitor.get("/static/app.css", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for name in ("../app.css", "..%2Fapplication.py", "application.py", "%00", ""):
        assert visitor.get(f"/static/{name}").status_code == 404


def test_a_form_is_read_within_limits(clinic: Clinic, visitor: PageClient) -> None:
    origin = {"Origin": clinic.base_url}
    form = {**origin, "Content-Type": "application/x-www-form-urlencoded"}
    many = "&".join(f"f{number}=x" for number in range(1_001))
    for content, headers, status in (
        (b"x" * 262_145, form, 413),
        (many.encode(), form, 400),
        (b"site_number=%00", form, 400),
        (b"site_number=%ff", form, 400),
        (b"site_number=\xff", form, 400),
        (b'{"site_number": "00101"}', {**origin, "Content-Type": "application/json"}, 415),
        (b"", form, 401),
    ):
        response = visitor.http.post("/sign-in", content=content, headers=headers)
        assert response.status_code == status, content[:50]
        assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_a_browser_that_says_where_a_form_comes_from_is_believed(clinic: Clinic, visitor: PageClient) -> None:
    fields = {"site_number": "1", "user_name": "x", "password": "y"}
    for headers, status in (
        ({"Sec-Fetch-Site": "same-origin"}, 401),
        ({"Sec-Fetch-Site": "none"}, 401),
        ({"Origin": clinic.base_url}, 401),
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": clinic.base_url}, 403),
        ({"Origin": clinic.base_url + ".evil.example"}, 403),
    ):
        response = httpx.post(f"{clinic.base_url}/sign-in", data=fields, headers=headers)
        assert response.status_code == status, headers


def test_nothing_secret_is_logged(clinic: Clinic, manager: PageClient) -> None:
    link = clinic.password_link(clinic.create_user())
    manager.get(link)
    manager.post(link, {"new_password": "Canary sings in the dark", "repeated_password": "x"})
    log = clinic.server.log.read_text()
    secret = str(manager.http.cookies.get("session"))
    assert [word for word in (PASSWORD, "Canary", secret, link.rpartition("/")[2]) if word in log] == []
