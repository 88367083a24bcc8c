"""`npm run generate`, started once for many pictures: at this size its start takes longer than a picture."""

import atexit
import json
import subprocess
import threading
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = ("node", "--import", "tsx", "src/cli/generate.ts", "--lines")
SECONDS = 600

_running: list[subprocess.Popen] = []


def generate(arguments: list[str]) -> dict:
    """What the command answers to these arguments: its report, or {"failure", "message"}."""
    process = _process()
    timer = threading.Timer(SECONDS, process.kill)
    timer.start()
    try:
        process.stdin.write(json.dumps(arguments) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    finally:
        timer.cancel()
    assert answer, f"generate ended, with status {process.wait()}, at {arguments}"
    return json.loads(answer)


def _process() -> subprocess.Popen:
    if not _running or _running[-1].poll() is not None:
        process = subprocess.Popen(
            COMMAND,
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        _running.append(process)
        atexit.register(process.stdin.close)
    return _running[-1]
