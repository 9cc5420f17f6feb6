"""Starts and stops one server of the gate on loopback.

    serve.py start NAME PORT [--ready PATH] [--within SECONDS] -- COMMAND...
    serve.py stop NAME PORT

`start` runs the command in a session of its own, waits until it answers (PATH with a 2xx; without --ready, until it
accepts a connection) and writes .tools/run/NAME-PORT.json. `stop` ends that session and what came of it, nothing else:
the file holds the moment at which the process started, so that one which merely got the same number is left alone.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / ".tools"


def state_of(pid):
    """(state, parent, session, start time) of a process, or None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return fields[0], int(fields[1]), int(fields[3]), int(fields[19])


def family(leader):
    """The processes of the leader's session, and all they started, even in sessions of their own."""
    known = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (state := state_of(entry.name)) and state[0] != "Z":
            known[int(entry.name)] = state
    found = {pid for pid, state in known.items() if state[2] == leader}
    grown = True
    while grown:
        more = {pid for pid, state in known.items() if state[1] in found} - found
        found |= more
        grown = bool(more)
    return {pid: known[pid][3] for pid in found}


def listens(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(port, path):
    if path is None:
        return listens(port)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return 200 <= answer.status < 300
    except (urllib.error.URLError, OSError):
        return False


def start(name, port, ready, within, command):
    note = TOOLS / "run" / f"{name}-{port}.json"
    log = TOOLS / "log" / f"{name}-{port}.log"
    if listens(port):
        sys.exit(f"{name}: something listens on port {port} already")
    note.parent.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    note.write_text(json.dumps({"pid": process.pid, "started": state_of(process.pid)[3]}))
    began = time.monotonic()
    while not answers(port, ready):
        ended = process.poll() is not None
        if ended or time.monotonic() - began > within:
            stop(name, port)
            print(log.read_text(errors="replace")[-3000:], file=sys.stderr)
            sys.exit(f"{name}: " + ("it ended before it was ready" if ended else f"not ready within {within} s"))
        time.sleep(0.1)
    print(f"{name} is ready on 127.0.0.1:{port} after {time.monotonic() - began:.1f} s")


def stop(name, port):
    note = TOOLS / "run" / f"{name}-{port}.json"
    if not note.exists():
        return
    told = json.loads(note.read_text())
    state = state_of(told["pid"])
    if state is None or state[3] == told["started"]:
        # The session's number stays taken while any of its members lives.
        members = family(told["pid"])
        for sign, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            for pid, started in members.items():
                if (now := state_of(pid)) and now[3] == started:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, sign)
            patience = time.monotonic() + seconds
            while members and time.monotonic() < patience:
                # Whoever was started meanwhile goes too.
                members |= family(told["pid"])
                members = {
                    pid: started
                    for pid, started in members.items()
                    if (now := state_of(pid)) and now[3] == started and now[0] != "Z"
                }
                time.sleep(0.05)
        if members:
            sys.exit(f"{name}: could not end {sorted(members)}")
    note.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["start", "stop"])
    parser.add_argument("name")
    parser.add_argument("port", type=int)
    parser.add_argument("--ready")
    parser.add_argument("--within", type=float, default=60)
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    told, command = parser.parse_args(words[:split]), words[split + 1 :]
    if told.verb == "stop":
        stop(told.name, told.port)
    else:
        start(told.name, told.port, told.ready, told.within, command)


if __name__ == "__main__":
    main()
