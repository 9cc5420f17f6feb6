"""What people prove themselves with, played over HTTP: passwords, a second factor, what an administrator does about them,
Google. Each step runs with the rights of its own function; one that is missing answers 500 or 503.

`play` knows nothing of where the service runs; what is beyond HTTP is handed to it as functions.
"""

import base64
import hmac
import json
import secrets
import time
import urllib.parse

import main_job

# Seconds for which an authenticator app shows a code.
STEP = 30
# Failures that cost nothing.
FREE_FAILURES = 10


def shown(secret, ahead=0):
    """What an authenticator app shows for a secret in base32, so many steps from now (RFC 6238)."""
    step = int(time.time()) // STEP + ahead
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


class Person:
    """Somebody with an address and a password, and the token of the session that was opened last."""

    def __init__(self, name, run):
        self.name = name
        self.email = f"{name.split()[0].lower()}-{run}@example.com"
        self.password = f"{name.split()[1].lower()}-{run}-lighthouse"
        self.id = self.token = None

    def next_password(self):
        """Another password from now on. Answers the one before it."""
        before, self.password = self.password, f"{self.password}-again"
        return before


class Played:
    """One run: where it is played, and what its steps have in common."""

    def __init__(self, base_url, mails, kept, score):
        self.base_url = base_url
        self.mails = mails
        self.kept = kept
        self.score = score
        self.run = secrets.token_hex(4)
        self.olga = Person("Olga Petrenko", self.run)
        self.cora = Person("Cora Lindqvist", self.run)

    def ask(self, method, path, body=None, token=None, headers=None):
        return main_job.call(self.base_url, method, path, body, token, headers)

    def step(self, told, holds, got=""):
        self.score.step(told, holds, got)

    def refused(self, told, got, status, code):
        self.step(told, got.refuses(status, code), got)

    def done(self, told, got, status):
        self.step(told, got.status == status, got)

    def sign_in(self, who, password=None, code=None):
        body = {"login": who.email, "password": password or who.password}
        return self.ask("POST", "/v1/sessions", body | ({"code": code} if code else {}))

    def signs_in(self, told, who, code=None):
        got = self.sign_in(who, code=code)
        self.step(told, got.status == 201 and got["token"] and got["user.status"] == "active", got)
        who.token = got["token"]

    def signed_out(self, told, who):
        self.refused(told, self.ask("GET", "/v1/me", token=who.token), 401, "unauthenticated")

    def mailed(self, told, who, subject):
        """Waits for a mail whose subject says that."""
        patience = time.monotonic() + 30
        while not (found := self.told_of(who, subject)) and time.monotonic() < patience:
            time.sleep(0.2)
        self.step(told, found, self.mails(who.email))

    def told_of(self, who, subject):
        return [mail for mail in self.mails(who.email) if subject in mail["subject"]]

    def link(self, told, who, page, but=None):
        """Waits for a link to that page, another than the one that is known. Answers its token."""
        token = main_job.token_mailed(self.mails, who.email, page, but)
        self.step(told, token is not None, self.mails(who.email))
        return token

    def page(self, told, path, token=None, says=""):
        got = self.ask("GET", path + (f"?{urllib.parse.urlencode({'token': token})}" if token else ""))
        self.step(told, is_page(got, says), got)

    def failures(self):
        """The tallies with failures, each with how often it has changed."""
        tallies = self.kept("TALLY#")
        return {(tally["digest"], tally["version"]) for tally in tallies if tally["clears_at_ms"] > tally["failed_at_ms"]}

    def factors(self, who):
        """What is kept of a person's second factor, as JSON."""
        return [json.dumps(kept.get("second_factor") or kept.get("pending_factor")) for kept in self.kept(f"CRED#{who.id}")]

    def sets_up(self, who):
        """Sets up a second factor. Answers its secret and the recovery codes."""
        got = self.ask("POST", "/v1/me/totp", {}, who.token)
        secret = got["secret"]
        self.step(
            f"{who.name} begins to set up a second factor",
            got.status == 200 and f"secret={secret}&" in got["otpauth_uri"] + "&" and "<svg" in got["qr_svg"],
            got,
        )
        kept = self.factors(who)
        self.step(
            "its secret is kept under a data key of KMS",
            len(kept) == 1 and '"locked": "kms1.' in kept[0] and secret not in kept[0],
            kept,
        )
        wrong = f"{(int(shown(secret)) + 1) % 10**6:06}"
        got = self.ask("POST", "/v1/me/totp/confirm", {"code": wrong}, who.token)
        self.refused("a wrong code does not turn it on", got, 401, "invalid_code")
        got = self.ask("POST", "/v1/me/totp/confirm", {"code": shown(secret)}, who.token)
        recovery = got["recovery_codes"]
        self.step("the app's code turns it on", got.status == 200 and len(set(recovery or [])) == 10, got)
        self.mailed("a mail tells so", who, "is now on")
        return secret, recovery


def is_page(got, says=""):
    """Whether this is a page under a policy of its own, and says that."""
    return (
        got.status == 200
        and got.headers.get("content-type", "").split(";")[0] == "text/html"
        and "default-src 'none'" in got.headers.get("content-security-policy", "")
        and says in got.raw.decode()
    )


def play(base_url, mails, kept, score, google=None):
    """Plays all of it; raises `Failed` at the first step that does not hold.

    base_url    the service, without a slash at the end
    mails       mails(to): the mails that arrived for an address, newest first, each with "subject" and "text"
    kept        kept(prefix): the items of the table whose partition or sort key begins so
    score       counts the steps
    google      google(url): signs in where that URL leads, and answers the path that the browser is sent back to; None
                where nothing stands for Google
    """
    played = Played(base_url, mails, kept, score)
    forgotten_password(played)
    second_factor(played)
    admins_help(played)
    password_alone(played)
    providers(played, google)
    guessing(played)


def forgotten_password(played):
    olga = played.olga
    owner = {"name": olga.name, "email": olga.email, "password": olga.password}
    got = played.ask("POST", "/v1/accounts", {"name": f"Beacons {played.run}", "plan_id": "unlimited", "owner": owner})
    played.step("an account without licenses is opened", got.status == 201 and got["session.token"], got)
    olga.id, olga.token = got["user.id"], got["session.token"]
    first = played.link("its owner is mailed a link to confirm her address", olga, "verify-email")
    played.done("she asks for another", played.ask("POST", "/v1/me/email/verification", {}, olga.token), 202)
    token = played.link("which arrives too", olga, "verify-email", but=first)
    got = played.ask("POST", "/v1/email/verify", {"token": token[::-1]})
    played.refused("a link that was never mailed confirms nothing", got, 404, "not_found")

    before = played.failures()
    got = played.sign_in(olga, "not my password")
    played.refused(f"{olga.name} mistypes her password", got, 401, "invalid_credentials")
    played.step("that is tallied, apart from strangers", len(played.failures() - before) == 1, played.failures())
    played.signs_in("she signs in", olga)
    played.step("which forgets it", played.failures() == before, played.failures())

    played.page("there is a page for who forgot a password", "/forgot-password", says="v1/password/forgot")
    for told, address in [("she asks for a link", olga.email), ("the answer is the same for anybody", f"x{olga.email}")]:
        played.done(told, played.ask("POST", "/v1/password/forgot", {"email": address}), 202)
    token = played.link("the link arrives by itself", olga, "reset-password")
    played.page("it opens a page with her login", "/reset-password", token, says=olga.email)
    before = olga.next_password()
    body = {"token": token, "password": olga.password}
    played.done("she chooses another password", played.ask("POST", "/v1/password/reset", body), 204)
    played.refused("the link is used up", played.ask("POST", "/v1/password/reset", body), 404, "not_found")
    played.page("its page says so", "/reset-password", token, says="forgot-password")
    played.signed_out("her old session is over", olga)
    played.refused("so is her old password", played.sign_in(olga, before), 401, "invalid_credentials")
    played.mailed("a mail tells of the change", olga, "was changed")
    played.signs_in("she signs in with the new one", olga)

    body = {"current_password": before, "new_password": f"{olga.password}-again"}
    got = played.ask("PUT", "/v1/me/password", body, olga.token)
    played.refused("to change it she has to know it", got, 403, "invalid_credentials")
    body["current_password"] = olga.password
    got = played.ask("PUT", "/v1/me/password", body, olga.token)
    olga.next_password()
    played.done("she changes it", got, 204)
    got = played.ask("GET", "/v1/me", token=olga.token)
    played.step("her session goes on, and the link confirmed her address", got["email_verified"] is True, got)


def second_factor(played):
    olga = played.olga
    got = played.ask("POST", "/v1/me/totp/confirm", {"code": "123456"}, olga.token)
    played.refused("no second factor waits for a code", got, 409, "two_factor_not_started")
    secret, recovery = played.sets_up(olga)
    got = played.sign_in(olga)
    played.refused("the password alone is enough no more", got, 401, "second_factor_required")
    # A step ahead, since the code of this one turned the factor on.
    code = shown(secret, ahead=1)
    played.signs_in("with the next code she gets in", olga, code)
    played.refused("a code counts once", played.sign_in(olga, code=code), 401, "invalid_code")
    played.signs_in("with a recovery code too", olga, recovery[0])
    played.refused("and that one counts once", played.sign_in(olga, code=recovery[0]), 401, "invalid_code")
    got = played.ask("PATCH", "/v1/account", {"policy": {"two_factor": "required"}}, olga.token)
    played.step("she demands a second factor of everybody", got["policy.two_factor"] == "required", got)


def admins_help(played):
    olga, cora = played.olga, played.cora
    body = {"name": cora.name, "email": cora.email, "type": "member", "sign_in": "password", "password": cora.password}
    got = played.ask("POST", "/v1/users", body, olga.token)
    played.step(f"she makes {cora.name} a user", got.status == 201 and got["status"] == "pending", got)
    cora.id = got["id"]
    at_her = f"/v1/users/{cora.id}"
    token = played.link("who is mailed a link", cora, "verify-email")
    mails = played.mails(cora.email)
    played.step("and no password", cora.password not in json.dumps(mails), mails)
    got = played.ask("POST", "/v1/email/verify", {"token": token})
    played.done("with which she confirms her address", got, 204)
    played.signs_in("she signs in and is active", cora)
    got = played.ask("GET", "/v1/users", token=cora.token)
    played.refused("but has to set up a second factor first", got, 403, "two_factor_setup_required")
    secret, _ = played.sets_up(cora)
    played.done("which opens the rest to her", played.ask("GET", "/v1/users", token=cora.token), 200)

    before = cora.next_password()
    got = played.ask("PUT", f"{at_her}/password", {"password": cora.password}, olga.token)
    played.done("an administrator sets her password by hand", got, 204)
    played.signed_out("which ends her session", cora)
    played.refused("and her password", played.sign_in(cora, before), 401, "invalid_credentials")
    played.signs_in("with the new one and a code she gets in", cora, shown(secret, ahead=1))

    got = played.ask("POST", f"{at_her}/password-reset", {}, olga.token)
    played.done("the administrator resets it", got, 202)
    played.signed_out("which ends her session again", cora)
    played.refused("and the password set by hand", played.sign_in(cora), 401, "invalid_credentials")
    played.mailed("a mail tells her who did it", cora, "was reset")
    token = played.link("with a link", cora, "reset-password")
    cora.next_password()
    got = played.ask("POST", "/v1/password/reset", {"token": token, "password": cora.password})
    played.done("with which she chooses her own", got, 204)
    played.refused("her second factor is still asked for", played.sign_in(cora), 401, "second_factor_required")
    played.done("the administrator turns it off", played.ask("DELETE", f"{at_her}/two-factor", token=olga.token), 204)
    played.mailed("a mail tells her", cora, "is now off")
    played.signs_in("and she signs in with the password alone", cora)
    played.mailed("a mail told of the password that she chose", cora, "was changed")
    told = played.told_of(cora, "was changed")
    played.step("and none of the one set by hand", len(told) == 1, told)


def password_alone(played):
    olga = played.olga
    got = played.ask("PATCH", "/v1/account", {"policy": {"two_factor": "optional"}}, olga.token)
    played.step(f"{olga.name} demands it no more", got["policy.two_factor"] == "optional", got)
    got = played.ask("DELETE", "/v1/me/totp", {"password": "not my password"}, olga.token)
    played.refused("to turn hers off she has to know her password", got, 403, "invalid_credentials")
    got = played.ask("DELETE", "/v1/me/totp", {"password": olga.password}, olga.token)
    played.done("she turns it off", got, 204)
    played.signs_in("and signs in with the password alone", olga)

    other = played.sign_in(olga)
    got = played.ask("GET", "/v1/sessions", token=olga.token)
    devices = {device["id"]: device["current"] for device in got["items"] or []}
    played.step("she sees her other device", devices.get(other["id"]) is False and True in devices.values(), got)
    got = played.ask("DELETE", f"/v1/sessions/{other['id']}", token=olga.token)
    played.done("she signs it out", got, 204)
    got = played.ask("GET", "/v1/me", token=other["token"])
    played.refused("it is out at once", got, 401, "unauthenticated")
    played.done("she signs out everywhere", played.ask("DELETE", "/v1/sessions", token=olga.token), 204)
    played.signed_out("here too", olga)
    played.signs_in("and signs in again", olga)


def providers(played, google):
    olga, dora = played.olga, Person("Dora Marchetti", played.run)
    body = {"name": dora.name, "email": dora.email, "type": "member"}
    for provider in ["microsoft"] if google else ["google", "microsoft"]:
        got = played.ask("POST", f"/v1/sso/{provider}/start", {})
        played.refused(f"nobody can sign in with {provider}, which is not set up", got, 404, "not_found")
        got = played.ask("POST", "/v1/users", body | {"sign_in": provider}, olga.token)
        played.refused("nor is anybody made who would have to", got, 400, "invalid_request")
        played.step("since that is not available", got["errors.0.code"] == "not_available", got)
    if google is None:
        return

    got = played.ask("POST", "/v1/users", body | {"sign_in": "google"}, olga.token)
    played.step(f"{dora.name} is to sign in with Google", got.status == 201 and got["sign_in"] == "google", got)
    dora.id = got["id"]
    token = played.link("she is mailed a link", dora, "confirm-sign-in")
    played.page("it opens a page that leads to Google", "/confirm-sign-in", token, says="v1/sso/google/start")

    def begins(body):
        """Begins a sign-in and goes to Google. Answers the path back and the cookie that belongs to it."""
        got = played.ask("POST", "/v1/sso/google/start", body)
        cookie = got.headers.get("set-cookie", "")
        safe = all(f"; {word}" in cookie for word in ("HttpOnly", "SameSite=Lax", "Secure"))
        played.step("the browser is sent to Google, with a cookie", got.status == 200 and safe, f"{got} {cookie}")
        return google(got["authorization_url"]), {"cookie": cookie.split(";")[0]}

    def confirms(token):
        path, cookie = begins({"token": token})
        got = played.ask("GET", path, headers=cookie)
        played.step(
            "and is signed in when it comes back",
            got.status == 200 and got["user.email"] == dora.email and got["user.status"] == "active" and got["token"],
            got,
        )
        dora.token = got["token"]

    path, _ = begins({"token": token})
    got = played.ask("GET", path)
    played.refused("nobody else's browser can end the sign-in", got, 401, "sso_failed")
    confirms(token)
    got = played.ask("POST", "/v1/sso/google/start", {"token": token})
    played.refused("the link is used up", got, 404, "not_found")
    path, cookie = begins({})
    got = played.ask("GET", path, headers=cookie | {"accept": "text/html"})
    played.step("without a link she is known, and a browser sees a page", is_page(got, says=dora.name), got)

    got = played.ask("POST", f"/v1/users/{dora.id}/password-reset", {}, olga.token)
    played.done("an administrator lets her confirm anew", got, 202)
    played.signed_out("which ends her session", dora)
    confirms(played.link("and mails her another link", dora, "confirm-sign-in", but=token))
    dora.password = f"marchetti-{played.run}-lighthouse"
    body = {"password": dora.password}
    got = played.ask("PUT", f"/v1/users/{dora.id}/password", body, olga.token)
    played.done("the administrator gives her a password instead", got, 204)
    path, cookie = begins({})
    got = played.ask("GET", path, headers=cookie)
    played.refused("Google does not let her in any more", got, 401, "identity_unknown")
    played.signs_in("the password does", dora)


def guessing(played):
    nobody = Person("Nobody Known", played.run)
    for failure in range(FREE_FAILURES):
        got = played.sign_in(nobody)
        if not got.refuses(401, "invalid_credentials"):
            played.step(f"the failure number {failure + 1} costs nothing", False, got)
    got = played.sign_in(nobody)
    played.refused(f"whoever has failed {FREE_FAILURES} times waits", got, 429, "too_many_attempts")
    played.step("and is told how long", 0 < int(got.headers["retry-after"]) <= 30, got.headers)
    played.signs_in("nobody else has to", played.olga)
