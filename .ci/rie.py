"""Runs the functions' `bootstrap` in AWS's own Lambda Runtime Interface Emulator and posts events of API Gateway to it.

    rie.py BOOTSTRAP

Takes the emulator's path from $RIE (tools.sh: need_rie). The environment is passed on, so set what the function needs
(AWS_ENDPOINT_URL, the table's name ...); _HANDLER is set here, for each function in turn. Everything is on loopback.
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import main_job


def event(method, path, body=None):
    """What API Gateway sends for a request to an HTTP API, in payload format 2.0."""
    headers = {
        "accept": "*/*",
        "content-length": str(len(body or "")),
        "host": "r3pmxmplak.execute-api.eu-central-1.amazonaws.com",
        "user-agent": "curl/8.5.0",
        "x-amzn-trace-id": "Root=1-66f2c5a1-4c6f0a3e6d8b7a1c2e9f4b5d",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    if body is not None:
        headers["content-type"] = "application/json"
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "r3pmxmplak",
            "domainName": "r3pmxmplak.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "r3pmxmplak",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "curl/8.5.0",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": f"{method} {path}",
            "stage": "$default",
            "time": "24/Sep/2024:13:45:21 +0000",
            "timeEpoch": 1727185521000,
        },
        **({"body": body} if body is not None else {}),
        "isBase64Encoded": False,
    }


def free_ports(count):
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@contextlib.contextmanager
def function(bootstrap, handler, log):
    """One function in the emulator; gives invoke(event), and ends the emulator and the function afterwards."""
    port, runtime_port = free_ports(2)
    address = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        **os.environ,
        "_HANDLER": handler,
        "AWS_LAMBDA_FUNCTION_NAME": handler,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
    }
    command = [os.environ["RIE"], "--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    command += ["--runtime-api-address", f"127.0.0.1:{runtime_port}", str(bootstrap), handler]
    emulator = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )

    def invoke(what):
        request = urllib.request.Request(address, json.dumps(what).encode(), {"content-type": "application/json"})
        patience = time.monotonic() + 15
        while True:
            try:
                with urllib.request.urlopen(request, timeout=40) as answer:
                    return json.load(answer)
            except urllib.error.URLError:
                # Only until it listens; it starts the function at the first event.
                if emulator.poll() is not None or time.monotonic() > patience:
                    raise
                time.sleep(0.05)

    try:
        yield invoke
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(emulator.pid, 15)
        try:
            emulator.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(emulator.pid, 9)
            emulator.wait()


def answer_of(result):
    """A Lambda's result as the HTTP answer that API Gateway makes of it."""
    headers = dict(result.get("headers") or {})
    for name, values in (result.get("multiValueHeaders") or {}).items():
        headers.setdefault(name, ", ".join(values))
    return main_job.Answer(result.get("statusCode"), headers, (result.get("body") or json.dumps(result)).encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bootstrap", type=lambda path: Path(path).resolve(strict=True))
    parser.add_argument("--plans-handler", default="plans_list", help="the Handler of GET /v1/plans in template.yaml")
    parser.add_argument("--accounts-handler", default="accounts_create", help="the Handler of POST /v1/accounts")
    told = parser.parse_args()

    score = main_job.Score()
    with tempfile.TemporaryFile() as log:
        try:
            with function(told.bootstrap, told.plans_handler, log) as invoke:
                for which in ("the first event, after the start", "the next, to the running function"):
                    got = answer_of(invoke(event("GET", "/v1/plans")))
                    score.step(f"GET /v1/plans answers {which}", got.status == 200, got)
                kind = got.headers.get("content-type", "").split(";")[0]
                score.step("in JSON, with items", kind == "application/json" and bool(got["items"]), got)
                score.step("not to be stored", got.headers.get("cache-control") == "no-store", got.headers)
            with function(told.bootstrap, told.accounts_handler, log) as invoke:
                got = answer_of(invoke(event("POST", "/v1/accounts", '{"name": "Lanterns", ')))
                score.step("POST /v1/accounts refuses a malformed body", got.refuses(400, "invalid_request"), got)
        except main_job.Failed:
            pass
        except Exception:
            score.failed += 1
            traceback.print_exc()
        if score.failed:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-4000:])
    return score.closing()


if __name__ == "__main__":
    sys.exit(main())
