"""People who come out of a file, change their addresses and act for customers, played over HTTP. Each step runs with the
rights of its own function; one that is missing answers 500 or 503.
"""

import secrets
import urllib.parse

import main_job
import pictures


def play(base_url, mails, run_worker, score):
    """Plays it. Raises `Failed` at the first step that does not hold.

    base_url    the service, without a slash at the end
    mails       mails(to): the mails that arrived for an address, newest first
    run_worker  runs the scheduled worker once and answers its report
    """
    run = secrets.token_hex(4)
    password = f"amber-{run}-viaduct-meadow"
    owner = {"name": "Petra Partner", "email": f"petra-{run}@example.com", "password": password}
    body = {"name": f"Viaducts {run}", "plan_id": "unlimited", "kind": "partner", "owner": owner}
    got = main_job.call(base_url, "POST", "/v1/accounts", body)
    score.step("a partner signs up", got.status == 201 and got["account.kind"] == "partner", got)
    petra = got["session.token"]

    def ask(method, path, body=None, token=petra):
        return main_job.call(base_url, method, path, body, token)

    def accept(address, name):
        token = main_job.token_mailed(mails, address, "accept-invitation")
        body = {"token": token, "name": name, "password": password}
        got = main_job.call(base_url, "POST", "/v1/invitations/accept", body)
        score.step(f"{name} accepts", got.status == 201 and got["user.email"] == address, got)
        return got["user.id"], got["token"]

    # A file of people.
    ida, guest = f"ida-{run}@example.com", f"gus-{run}@example.com"
    form = ask("POST", "/v1/imports/uploads", {})
    score.step("a form for a file", form.status == 201 and form["upload.url"], form)
    file = f"email;name;type;language\r\n{ida};Ida;member;de\r\n{guest};;guest;\r\nnobody;;;\r\n".encode()
    ended, said = pictures.post_form(form["upload.url"], form["upload.fields"] | {"Content-Type": "text/csv"}, file)
    score.step("S3 takes it", ended == 204, f"{ended} {said}")
    got = ask("POST", "/v1/imports", {"upload": form["id"]})
    score.step("its rows are looked at", got.status == 201 and (got["ready"], got["refused"]) == (2, 1), got)
    path = f"/v1/imports/{got['id']}"
    got = ask("GET", f"{path}/rows?outcome=refused")
    score.step("a refused one says why", got["items.0.code"] == "invalid_email", got)
    got = ask("POST", f"{path}/commit", {})
    score.step("it begins", got.status == 200 and got["status"] == "running", got)
    report = run_worker()
    score.step("the worker invites them", not report["failures"], report)
    got = ask("GET", path)
    score.step("both are invited", got["status"] == "done" and got["invited"] == 2, got)
    got = ask("GET", f"{path}/report")
    score.step("the report is CSV", got.status == 200 and got.headers["content-type"].startswith("text/csv"), got)
    got = ask("GET", "/v1/imports")
    score.step("the import is listed", got.status == 200 and len(got["items"]) == 1, got)
    ida_id, idas = accept(ida, "Ida Imported")
    guest_id, guests = accept(guest, "Gus Guest")
    got = ask("GET", "/v1/users/export?type=member")
    score.step("users are written into a file", got.status == 200 and ida in got.raw.decode(), got)

    # Contacts and mentions.
    got = ask("PUT", "/v1/resources/board/plan", {"name": "Plan", "owner_id": ida_id})
    score.step("a board", got.status == 200, got)
    got = ask("GET", "/v1/resources/board/plan/mentionable?scope=team", token=idas)
    score.step("its owner is offered the team", got.status == 200 and len(got["items"]) == 2, got)
    got = ask("POST", "/v1/resources/board/plan/mentions", {"user_id": guest_id}, idas)
    score.step("a mention brings the guest in", got.status == 200 and guest_id in got["participant_ids"], got)
    got = ask("GET", "/v1/users/assignable", token=guests)
    score.step("the guest sees the team", got.status == 200 and len(got["items"]) == 2, got)
    got = ask("GET", "/v1/contacts", token=guests)
    score.step("and has contacts", got.status == 200 and ida_id in [row["user_id"] for row in got["items"]], got)

    # A change of address: one's own with the button, an admin's without, and the way back.
    first, second = f"ida-new-{run}@example.com", f"ida-newer-{run}@example.com"
    got = ask("POST", "/v1/me/email", {"email": first, "password": password}, idas)
    score.step("Ida asks for another address", got.status == 202, got)
    token = main_job.token_mailed(mails, first, "confirm-email")
    got = main_job.call(base_url, "POST", "/v1/email-changes/confirm", {"token": token})
    score.step("the new address confirms", got.status == 200 and got["status"] == "awaiting_accept", got)
    got = ask("GET", "/v1/me/email", token=idas)
    score.step("the old one holds until she accepts", got["email"] == ida and got["pending.email"] == first, got)
    got = ask("POST", "/v1/me/email/accept", {}, idas)
    score.step("she accepts", got.status == 200, got)
    got = ask("GET", "/v1/me/email", token=idas)
    score.step("it is hers", got["email"] == first and got["pending"] is None, got)
    got = ask("POST", f"/v1/users/{ida_id}/email", {"email": second})
    score.step("an admin asks for another", got.status == 202, got)
    token = main_job.token_mailed(mails, second, "confirm-email")
    got = main_job.call(base_url, "POST", "/v1/email-changes/confirm", {"token": token})
    score.step("it takes effect with the confirmation", got.status == 200 and got["status"] == "changed", got)
    token = main_job.token_mailed(mails, ida, "revert-email")
    got = main_job.call(base_url, "POST", "/v1/email-changes/revert", {"token": token})
    score.step("the first address takes all of it back", got.status == 200 and got["status"] == "reverted", got)
    got = ask("GET", "/v1/me", token=idas)
    score.step("which ends her sessions", got.refuses(401, "unauthenticated"), got)
    got = ask("POST", f"/v1/users/{ida_id}/email", {"email": first})
    score.step("an admin asks once more", got.status == 202, got)
    got = ask("DELETE", f"/v1/users/{ida_id}/email")
    score.step("and calls it off", got.status == 204, got)

    # A customer.
    otto = f"otto-{run}@example.com"
    body = {"name": f"Bakery {run}", "plan_id": "unlimited", "owner": {"name": "Otto", "email": otto}}
    got = ask("POST", "/v1/customers", body)
    score.step("a customer is made", got.status == 201 and got["account.kind"] == "customer", got)
    customer = got["account.id"]
    accept(otto, "Otto Owner")
    got = ask("GET", "/v1/customers?" + urllib.parse.urlencode({"q": "bak"}))
    score.step("it is found", got.status == 200 and [row["id"] for row in got["items"]] == [customer], got)
    got = ask("POST", "/v1/sessions/switch", {"account_id": customer})
    score.step("Petra enters it", got.status == 201 and got["acting_for"] == customer, got)
    acting = got["token"]
    got = ask("GET", "/v1/users", token=acting)
    score.step("and sees its people", got.status == 200 and [user["email"] for user in got["items"]] == [otto], got)
    got = ask("PUT", "/v1/me/password", {"current_password": password, "new_password": password + "x"}, acting)
    score.step("what is her own is closed there", got.refuses(403, "not_while_acting_for"), got)
    got = ask("GET", "/v1/audit?limit=5", token=acting)
    score.step("the audit says who acts for whom", got.status == 200 and got["items.0.acting_for"] == customer, got)
    got = ask("PUT", f"/v1/users/{ida_id}/accessible-accounts", {"mode": "selected", "account_ids": []})
    score.step("Ida may enter no customer", got.status == 200 and got["accessible_accounts.mode"] == "selected", got)
    got = ask("DELETE", "/v1/sessions")
    score.step("Petra signs out everywhere", got.status == 204, got)
    got = ask("GET", "/v1/users", token=acting)
    score.step("the customer's session has ended too", got.refuses(401, "unauthenticated"), got)
