#!/usr/bin/env python3
"""demo-agent.py CSV URL REPOSITORY: what an AI agent at work looks like to the kernel.

Reads a customer list, posts it somewhere with curl, and pushes a repository with git. It knows
nothing of stayd. Each step is tried whatever became of the one before, and ends in one line of
JSON on standard output: {"step": …, "errno": 0 if it worked, "says": …}.
"""

import errno
import json
import os
import shutil
import subprocess
import sys


def report(step, number, says):
    print(json.dumps({"step": step, "errno": number, "says": says}), flush=True)


def read_customers(path):
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        report("read", error.errno, str(error))
        return b"(the agent could not read the list, and posts this instead)\n"
    report("read", 0, f"read {len(data.splitlines()) - 1} customers from {path}")
    return data


# What a held operation fails with when it is denied; the second is a pending connection's.
DENIED = (errno.EPERM, errno.ECONNREFUSED)


def run(step, command, says, **options):
    """Reports errno 0, or that of DENIED which stopped the command, or EIO."""
    try:
        done = subprocess.run(command, capture_output=True, check=False, **options)
    except OSError as error:
        report(step, error.errno, str(error))
        return
    if done.returncode == 0:
        report(step, 0, says)
        return
    text = done.stderr.decode(errors="replace")
    name = os.path.basename(command[0])
    number, line = next(
        (
            (number, line)
            for number in DENIED
            for line in text.splitlines()
            if os.strerror(number) in line
        ),
        (errno.EIO, text[-300:]),
    )
    report(step, number, f"{name}: {line.strip('* ')}")


def main():
    csv, url, repository = sys.argv[1:]
    data = read_customers(csv)
    # -v, because only there curl says which error connect() gave.
    curl = ["curl", "-q", "-sSfv", "--noproxy", "*", "--data-binary", "@-", url]
    run("post", curl, f"posted {len(data)} bytes to {url}", input=data)
    # One path, tried once: a search through $PATH would find git twice (/bin is /usr/bin).
    git = [shutil.which("git"), "-C", repository, "push", "--quiet", "origin", "main"]
    run("push", git, "pushed branch main to origin", stdin=subprocess.DEVNULL)


main()
