#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/day/day.py prepare|serve|work HOME [SHARE]: plays the day of day.txt, for tests/kernel/day_test.cpp.

prepare  as root: the home of an ordinary user, a repository in it, and what the recorded agents find
serve    as root: the model, the package registry, the git server and a stranger, each at an address
         of its own; says in HOME.served how many bytes the stranger got
work     as the user: the day, or one part in SHARE of each line of it; prints what failed and what
         was stopped, as JSON
"""

import json
import os
import pathlib
import socketserver
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).parent
AGENTS = ("pi", "qwen", "codex")
MODEL, REGISTRY, GIT, STRANGER = (f"198.51.100.{last}" for last in (10, 20, 30, 66))
FILES = 60


def recorded(agent, home):
    """The operations of an agent's session as [verb, words…], with this home and a project in it."""
    for line in (HERE / "recorded" / f"{agent}.txt").read_text().splitlines():
        line = line.replace("~", str(home)).replace("$repository", f"{home}/{agent}")
        verb, rest = line.split(" ", 1)
        yield [verb, *(json.loads(rest) if verb == "exec" else rest.split(" "))]


def prepare(home):
    """Whatever the agents read or change without having made it is there."""
    for agent in AGENTS:
        operations = [(verb, [pathlib.Path(each) for each in words]) for verb, *words in recorded(agent, home)
                      if verb not in ("exec", "connect")]
        directories = {parent for _, paths in operations for path in paths for parent in path.parents}
        made = set()
        for verb, paths in operations:
            for directory in {path.parent for path in paths}:
                directory.mkdir(parents=True, exist_ok=True)
            if verb not in ("create", "mkdir", "symlink") and paths[0] not in made:
                if paths[0] in directories or verb == "rmdir":
                    paths[0].mkdir(parents=True, exist_ok=True)
                elif not paths[0].exists():
                    paths[0].write_text("{}\n")
            made.add(paths[-1])
    project = home / "project"
    (project / "src").mkdir(parents=True)
    (project / "node_modules").mkdir()
    for n in range(1, FILES + 1):
        (project / "src" / f"file{n}.py").write_text(f"# published\nprint({n})\n")
    (home / ".ssh").mkdir(exist_ok=True)
    (home / ".ssh" / "id_rsa").write_text("a key\n")
    remote = pathlib.Path(f"{home}.remote")
    git = ["git", "-c", "user.name=dev", "-c", "user.email=dev@example.org", "-C", str(project)]
    subprocess.run(["git", "init", "-q", "--bare", str(remote / "project.git")], check=True)
    for words in (["init", "-q"], ["config", "user.name", "dev"], ["config", "user.email", "dev@example.org"],
                  ["remote", "add", "origin", f"git://{GIT}/project.git"], ["add", "-A"], ["commit", "-qm", "begin"]):
        subprocess.run(git + words, check=True)


class Answer(socketserver.BaseRequestHandler):
    """An HTTP server that knows everything."""

    def handle(self):
        text = self.request.recv(65536)
        self.server.got += len(text)
        if self.server.server_address[0] == STRANGER:
            self.server.book.write_text(str(self.server.got))
        self.request.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nyes")


def serve(home):
    book = pathlib.Path(f"{home}.served")
    book.write_text("0")
    for address in (MODEL, REGISTRY, STRANGER):
        server = socketserver.ThreadingTCPServer((address, 443), Answer)
        server.daemon_threads, server.got, server.book = True, 0, book
        threading.Thread(target=server.serve_forever, daemon=True).start()
    daemon = subprocess.Popen(["git", "daemon", "--reuseaddr", "--export-all", "--enable=receive-pack", f"--listen={GIT}",
                               f"--base-path={home}.remote", f"{home}.remote"])
    print("ready", flush=True)
    daemon.wait()


def connect(address):
    import socket
    with socket.create_connection((address, 443), timeout=60) as model:
        model.sendall(b"GET / HTTP/1.0\r\n\r\n")
        model.recv(64)


def replay(verb, words):
    """One recorded operation, as an agent makes it."""
    if verb == "read":
        os.close(os.open(words[0], os.O_RDONLY))
    elif verb == "write":
        os.close(os.open(words[0], os.O_WRONLY))
    elif verb == "create":
        os.close(os.open(words[0], os.O_WRONLY | os.O_CREAT, 0o644))
    elif verb == "mkdir":
        os.makedirs(words[0], exist_ok=True)
    elif verb == "symlink":
        os.symlink("there", words[0])
    elif verb == "connect":
        connect(MODEL)
    elif verb == "exec":
        if os.path.exists(words[0]):
            subprocess.Popen(words[1:], executable=words[0], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, cwd="/tmp").kill()
    else:
        {"unlink": os.unlink, "rmdir": os.rmdir, "rename": os.rename, "link": os.link}[verb](*words)


def work(home, share):
    failed, stopped, calls = [], [], 0

    def attempt(what, action):
        try:
            action()
        except (OSError, subprocess.SubprocessError) as error:
            failed.append(f"{what}: {error}")

    def run(command):
        done = subprocess.run(["bash", "-c", command], cwd=home / "project", capture_output=True, text=True,
                              env={**os.environ, "HOME": str(home)})
        if done.returncode != 0:
            raise subprocess.SubprocessError(f"status {done.returncode}: {done.stderr.strip()[-200:]}")

    for line in (HERE / "day.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("session "):
            agent = line.split()[1]
            for verb, *words in recorded(agent, home):
                attempt(f"{agent} {verb} {words[0]}", lambda: replay(verb, words))
            continue
        times, tool, what = line.split(maxsplit=2)
        for n in range(1, max(1, int(times) // share) + 1):
            calls += 1
            text = what.replace("{n}", str(n))
            path = home / "project" / text
            if tool == "read":
                attempt(f"read {text}", path.read_text)
            elif tool == "edit":
                attempt(f"edit {text}", lambda: path.write_text(path.read_text() + f"print({n})\n"))
            elif tool == "run":
                attempt(text, lambda: run(text))
            else:
                try:
                    run(text)
                except subprocess.SubprocessError:
                    stopped.append(text)
    print(json.dumps({"calls": calls, "failed": failed, "stopped": stopped}))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in ("prepare", "serve", "work"):
        sys.exit(__doc__)
    here = pathlib.Path(sys.argv[2])
    if sys.argv[1] == "work":
        work(here, int(sys.argv[3]) if len(sys.argv) == 4 else 1)
    else:
        {"prepare": prepare, "serve": serve}[sys.argv[1]](here)
