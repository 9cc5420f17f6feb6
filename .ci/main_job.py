"""The service's main job, played by an administrator over HTTP: a licence moves from a leaver to a successor.

`play` knows nothing of where the service runs; the mails and the worker are handed to it as functions.
"""

import json
import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request


class Failed(Exception):
    """A step did not hold. The steps after it build on it, so nothing more is played."""


class Score:
    """Counts steps and prints one line for each."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def step(self, name, holds, told=""):
        if holds:
            self.passed += 1
            print(f"ok      {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {name}" + (f": {told}" if told else ""), flush=True)
            raise Failed(name)

    def closing(self):
        print(f"\n{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0


class Answer:
    """Status, headers (names in lower case) and decoded JSON of an HTTP answer."""

    def __init__(self, status, headers, raw):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.raw = raw
        try:
            self.json = json.loads(raw)
        except ValueError:
            self.json = None

    def __getitem__(self, path):
        """The value at a path such as "user.email" or "results.0.outcome"; None where there is none."""
        value = self.json
        for key in path.split("."):
            if isinstance(value, dict):
                value = value.get(key)
            elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            else:
                return None
        return value

    def refuses(self, status, code):
        """Whether this is that refusal, as a problem document."""
        return (
            self.status == status
            and self.headers.get("content-type", "").split(";")[0] == "application/problem+json"
            and self["code"] == code
            and self["status"] == status
            and self["type"] == f"/problems/{code}"
        )

    def __str__(self):
        return f"{self.status} {self.headers.get('content-type')} {self.raw[:600]!r}"


def call(base_url, method, path, body=None, token=None, headers=None):
    request = urllib.request.Request(base_url + path, method=method, headers=headers or {})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("content-type", "application/json")
    if token is not None:
        request.add_header("authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Answer(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as answer:
        return Answer(answer.code, dict(answer.headers), answer.read())


def token_mailed(mails, to, page, but=None, within=30):
    """The token in the newest link to that page that was mailed to that address, or None when none comes in time, except
    the one that is known already."""
    link = re.compile(rf"^\s*https?://[^\s?]+/{page}\?(?:\S+&)?token=(\S+?)\s*$", re.MULTILINE)
    patience = time.monotonic() + within
    while time.monotonic() < patience:
        tokens = [token for mail in mails(to) for token in link.findall(mail["text"])]
        if tokens and (token := urllib.parse.unquote(tokens[0])) != but:
            return token
        time.sleep(0.2)
    return None


def play(base_url, mails, run_worker=None, score=None):
    """Plays the main job and returns its score; raises `Failed` at the first step that does not hold.

    base_url    the service, without a slash at the end
    mails       mails(to): the mails that arrived for an address, newest first, each with "subject" and "text"
    run_worker  runs the scheduled worker once and answers its report; None where there is nothing to run. Mails have to
                come without it.
    """
    score = score or Score()
    run = secrets.token_hex(4)
    owner = {"name": "Olena Kovalenko", "email": f"olena-{run}@example.com", "password": f"quiet-harbour-{run}-lantern"}
    leaver, successor = f"anna-{run}@example.com", f"boris-{run}@example.com"
    chosen = f"violet-{run}-bicycle-orchard"

    def ask(method, path, body=None, token=None):
        return call(base_url, method, path, body, token)

    def licenses(told, **wanted):
        got = ask("GET", "/v1/licenses", token=admin)
        score.step(
            told,
            got.status == 200
            and got["model"] == "licensed"
            and got["term"] == "monthly"
            and all(got[key] == value for key, value in wanted.items())
            and got["available"] == got["purchased"] - got["in_use"] - got["reserved"],
            f"{got}, wanted {wanted}",
        )

    got = ask("GET", "/v1/plans")
    score.step(
        "the plans are public",
        got.status == 200 and "licensed-monthly" in [plan["id"] for plan in got["items"] or []],
        got,
    )

    account = {"name": f"Lanterns {run}", "plan_id": "licensed-monthly", "licenses": 2, "owner": owner}
    got = ask("POST", "/v1/accounts", account)
    score.step(
        "an account with two licenses is opened",
        got.status == 201
        and str(got["account.id"]).startswith("acc_")
        and got["account.plan_id"] == "licensed-monthly"
        and got["user.type"] == "admin"
        and got["user.email"] == owner["email"]
        and got["session.token"],
        got,
    )
    token = token_mailed(mails, owner["email"], "verify-email")
    score.step("its owner is mailed a link", token is not None, mails(owner["email"]))

    got = ask("POST", "/v1/sessions", {"login": owner["email"], "password": owner["password"] + "x"})
    score.step("a wrong password is refused", got.refuses(401, "invalid_credentials"), got)
    got = ask("POST", "/v1/sessions", {"login": owner["email"].upper(), "password": owner["password"]})
    score.step(
        "the owner signs in",
        got.status == 201 and got["token"] and got["user.email"] == owner["email"] and str(got["id"]).startswith("ses_"),
        got,
    )
    admin = got["token"]
    score.step("answers with data are not stored", got.headers.get("cache-control") == "no-store", got.headers)
    got = ask("GET", "/v1/me")
    score.step("nobody gets anywhere without a session", got.refuses(401, "unauthenticated"), got)

    def invite(address):
        got = ask("POST", "/v1/invitations", {"emails": [address], "type": "member"}, admin)
        score.step(
            f"{address.split('-')[0].title()} is invited",
            got.status == 201 and got["results.0.email"] == address and got["results.0.outcome"] == "invited",
            got,
        )
        token = token_mailed(mails, address, "accept-invitation")
        score.step("the mail arrives by itself, with a link", token is not None, mails(address))
        score.step("the inviter is not shown the token", token not in got.raw.decode(), got)
        return token

    def accept(address, token, name):
        got = ask("POST", "/v1/invitations/accept", {"token": token, "name": name, "password": chosen})
        score.step(
            f"{name} accepts and is signed in",
            got.status == 201
            and got["token"]
            and got["user.email"] == address
            and got["user.name"] == name
            and got["user.status"] == "active"
            and got["user.licensed"] is True,
            got,
        )
        return got["user.id"], got["token"]

    token = invite(leaver)
    licenses("the invitation reserves the second license", purchased=2, in_use=1, reserved=1, available=0)
    for time_told in ("the link tells whose invitation it is", "and looking it up does not use it up"):
        got = ask("GET", "/v1/invitations/lookup?" + urllib.parse.urlencode({"token": token}))
        score.step(
            time_told,
            got.status == 200
            and got["email"] == leaver
            and got["type"] == "member"
            and got["account_name"] == account["name"]
            and got["invited_by_name"] == owner["name"],
            got,
        )
    anna, her_token = accept(leaver, token, "Anna Sommer")
    got = ask("POST", "/v1/invitations/accept", {"token": token, "name": "Mallory", "password": chosen})
    score.step("a used invitation is refused", got.refuses(409, "invitation_used"), got)

    got = ask("GET", "/v1/users?status=active&sort=name", token=admin)
    score.step(
        "both are listed as active",
        got.status == 200 and [user["name"] for user in got["items"] or []] == ["Anna Sommer", owner["name"]],
        got,
    )
    got = ask("GET", "/v1/me", token=her_token)
    score.step("Anna is let in", got.status == 200 and got["id"] == anna, got)
    got = ask("POST", f"/v1/users/{anna}/deactivate", {"resources": {"strategy": "keep"}}, her_token)
    score.step("a member may not deactivate", got.refuses(403, "forbidden"), got)

    got = ask("POST", f"/v1/users/{anna}/deactivate", {"resources": {"strategy": "keep"}}, admin)
    score.step("the administrator deactivates Anna", got.status == 200 and got["status"] == "deactivated", got)
    got = ask("GET", "/v1/me", token=her_token)
    score.step("her session ends at once", got.refuses(401, "unauthenticated"), got)
    got = ask("POST", "/v1/sessions", {"login": leaver, "password": chosen})
    score.step("she cannot sign in", got.refuses(403, "user_deactivated"), got)
    licenses("her license is free", purchased=2, in_use=1, reserved=0, available=1)

    accept(successor, invite(successor), "Boris Winter")
    licenses("Boris uses it, at no cost", purchased=2, in_use=2, reserved=0, available=0)
    got = ask("POST", f"/v1/users/{anna}/reactivate", {}, admin)
    score.step("Anna cannot come back without a license", got.refuses(409, "no_license_available"), got)
    got = ask("POST", "/v1/licenses", {"quantity": 1}, admin)
    score.step(
        "one more is bought, and invoiced",
        got.status == 201
        and got["licenses.purchased"] == 3
        and got["licenses.available"] == 1
        and got["invoice.reason"] == "purchase"
        and got["invoice.lines.0.quantity"] == 1,
        got,
    )
    got = ask("POST", f"/v1/users/{anna}/reactivate", {}, admin)
    score.step("now she is reactivated", got.status == 200 and got["status"] == "active" and got["licensed"] is True, got)
    licenses("all three licenses are in use", purchased=3, in_use=3, reserved=0, available=0)
    got = ask("GET", "/v1/me", token=her_token)
    score.step("her old session stays ended", got.refuses(401, "unauthenticated"), got)
    got = ask("POST", "/v1/sessions", {"login": leaver, "password": chosen})
    score.step("she signs in again", got.status == 201 and got["user.id"] == anna, got)

    if run_worker is not None:
        report = run_worker()
        score.step("the scheduled worker runs without a failure", not (report or {}).get("failures"), report)
    return score
