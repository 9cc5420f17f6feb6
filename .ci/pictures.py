"""A user's picture, played over HTTP: the form, the upload straight to S3, the use, the page that shows it, and what is
refused. Each step runs with the rights of its own function; one that is missing answers 400, 500 or 503.
"""

import secrets
import struct
import urllib.error
import urllib.parse
import urllib.request
import zlib

import main_job


def png(width, height, colour):
    """A PNG of one colour."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def post_form(url, fields, file):
    """Posts a form as a browser does. Answers the status and what was said."""
    boundary = secrets.token_hex(16)
    part = f"--{boundary}\r\nContent-Disposition: form-data; name="
    body = "".join(f'{part}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    body += f'{part}"file"; filename="me.png"\r\nContent-Type: application/octet-stream\r\n\r\n'
    request = urllib.request.Request(url, data=body.encode() + file + f"\r\n--{boundary}--\r\n".encode(), method="POST")
    request.add_header("content-type", f"multipart/form-data; boundary={boundary}")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode(errors="replace")


def play(base_url, run_worker, files, score):
    """Plays it. Raises `Failed` at the first step that does not hold.

    base_url    the service, without a slash at the end
    run_worker  runs the scheduled worker once
    files       files(): the paths of all files that are kept
    """
    run = secrets.token_hex(4)
    owner = {"name": "Pia Lindgren", "email": f"pia-{run}@example.com", "password": f"silver-{run}-gondola-market"}
    got = main_job.call(base_url, "POST", "/v1/accounts", {"name": f"Gondolas {run}", "plan_id": "basic", "owner": owner})
    score.step("somebody signs up who wants a picture", got.status == 201 and got["user.avatar_url"] is None, got)
    token = got["session.token"]

    def ask(method, path, body=None):
        return main_job.call(base_url, method, path, body, token)

    def upload(told, file, kind="image/png", status=204, says="", more=None):
        got = ask("POST", "/v1/avatars", {})
        score.step(f"{told}: a form", got.status == 201 and got["max_bytes"] and got["upload.fields.policy"], got)
        fields = got["upload.fields"] | {"Content-Type": kind} | (more or {})
        ended, said = post_form(got["upload.url"], fields, file)
        score.step(f"{told}: S3 answers {status}", ended == status and says in said, f"{ended} {said}")
        return got["id"]

    def shown(url):
        return main_job.call(base_url, "GET", urllib.parse.urlsplit(url).path)

    red = upload("a picture", png(640, 400, (255, 0, 0)))
    got = ask("PATCH", "/v1/me?dry_run=true", {"avatar": red})
    score.step("a dry run reads it and changes nothing", got.status == 200 and got["dry_run"], got)
    got = ask("PATCH", "/v1/me", {"avatar": red})
    first = got["avatar_url"]
    score.step("it becomes the user's", got.status == 200 and first and first.startswith("https://roster.example/"), got)
    got = shown(first)
    score.step(
        "a page shows it, as a JPEG that was made anew",
        got.status == 200 and got.headers["content-type"] == "image/jpeg" and got.raw[:3] == b"\xff\xd8\xff",
        got,
    )
    got = ask("PATCH", "/v1/me", {"avatar": upload("another picture", png(300, 300, (0, 0, 255)))})
    second = got["avatar_url"]
    score.step("another takes its place", got.status == 200 and second and second != first, got)
    run_worker()
    got = shown(first)
    score.step("the first is gone", got.refuses(404, "not_found"), got)
    score.step("one file is left", len(files()) == 1, files())

    text = b"This is a text that is called me.png"
    got = ask("PATCH", "/v1/me", {"avatar": upload("a text", text)})
    score.step("a text becomes nobody's picture", got.status == 400 and got["errors.0.code"] == "invalid_image", got)
    upload("a page", text, kind="text/html", status=403, says="AccessDenied")
    upload("another's path", text, status=403, says="AccessDenied", more={"key": "avatars/mine"})
    upload("ten megabytes", bytes(10 << 20), status=400, says="EntityTooLarge")
    got = ask("PATCH", "/v1/me", {"avatar": "upl_00000000000000000000000000"})
    score.step("nobody uses what is not there", got.status == 400 and got["errors.0.code"] == "unknown_upload", got)

    colour = upload("a colleague's picture", png(300, 300, (0, 255, 0)))
    body = {"name": "Nils", "login": f"nils-{run}", "type": "member", "sign_in": "password", "avatar": colour}
    got = ask("POST", "/v1/users", body | {"password": f"copper-{run}-gondola-market"})
    score.step("a user is made with a picture", got.status == 201 and shown(got["avatar_url"]).status == 200, got)
    got = ask("PATCH", f"/v1/users/{got['id']}", {"avatar": upload("a better one", png(300, 300, (9, 9, 9)))})
    score.step("an admin gives another", got.status == 200 and shown(got["avatar_url"]).status == 200, got)
    got = ask("PATCH", "/v1/me", {"avatar": None})
    score.step("a picture is taken away", got.status == 200 and got["avatar_url"] is None, got)
    run_worker()
    score.step("and is gone", shown(second).refuses(404, "not_found"), second)
