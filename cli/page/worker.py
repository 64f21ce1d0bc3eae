"""Long work beside the server: one job at a time, in a process that can be stopped.

It is started before there is a job, so that its libraries are loaded when one comes, and again after a job
that was stopped or took long, which frees its memory. It ends with its pipe, however the server ends.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from cli.page.job import NO_MEMORY, Answer, Job, Wording, done, internal_fault
from cli.page.private_folder import remove

# the modules of this process, wherever they are, and nothing from the folder it happens to run in
_START = (
    "import sys; sys.path[:] = sys.argv[1:]; from cli.page.worker import work_for_parent; work_for_parent()"
)
SCRATCH = ".scratch"
"""Folder in that of the visit for what libraries write beside the answer, so that it is deleted with it."""
LONG = 20.0
"""Seconds of a task after which its process is not used again."""
_RETRY = 1.0
"""Seconds until a process that could not be started is tried again."""
_MOST_MEMORY = 0.75
"""Part of the memory of the computer that a job may fill."""
_LENGTH = struct.Struct(">I")
_STEP, _ANSWER = 0, 1


@dataclass(eq=False)
class Task:
    """A job that waits, is being done, or is done.

    Attributes
    ----------
    job : Job
    folder : Path
        Where the worker does it.
    finished : callable
        Told the answer, in the thread of the server; not told once the task is stopped.
    step : Wording or None
        What is being done.
    """

    job: Job
    folder: Path
    finished: Callable[[Answer], None]
    step: Wording | None = None
    is_stopped: bool = field(default=False, init=False)


class Workshop:
    """The queue of tasks and the process that does the first of them."""

    def __init__(self) -> None:
        self._waiting: list[Task] = []
        self._present: Task | None = None
        self._came = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._killed: asyncio.subprocess.Process | None = None

    def submit(self, task: Task) -> None:
        """Put a task at the end of the queue."""
        self._waiting.append(task)
        self._came.set()

    def place(self, task: Task) -> int:
        """How many tasks come before it; 0 = it is being done."""
        return 0 if task is self._present else self._waiting.index(task) + 1

    def stop(self, task: Task) -> None:
        """Take a task out of the queue, or end the process that does it."""
        task.is_stopped = True
        if task in self._waiting:
            self._waiting.remove(task)
        elif task is self._present:
            self._kill()

    async def work(self) -> None:
        """Do one task after the other until cancelled."""
        try:
            while True:
                try:
                    self._process = await _started()
                except OSError:
                    await asyncio.sleep(_RETRY)
                    continue
                while await self._is_done_quickly(self._process):
                    pass
                self._kill()
                await self._process.wait()
        finally:
            self._kill()
            if self._process is not None:
                await self._process.wait()

    async def _is_done_quickly(self, process: asyncio.subprocess.Process) -> bool:
        """Do the next task; whether the process can do another one."""
        while not self._waiting:
            self._came.clear()
            await self._came.wait()
        if process.returncode is not None:
            return False  # it died idle: the task is for the next one
        self._present = task = self._waiting.pop(0)
        begun = time.monotonic()
        answer = await _answer(process, task)
        self._present = None
        if not task.is_stopped:
            task.finished(answer)
        return not task.is_stopped and process.returncode is None and time.monotonic() - begun < LONG

    def _kill(self) -> None:
        # a second signal may take the end of the process away from who waits for it
        process, was_killed, self._killed = self._process, self._killed, self._process
        if process is not None and process is not was_killed and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()


async def _started() -> asyncio.subprocess.Process:
    debugging = bool(os.environ.get("ACTUARIAL_DEBUG"))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _START,
        *map(str, sys.path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if debugging else subprocess.DEVNULL,
    )


async def _answer(process: asyncio.subprocess.Process, task: Task) -> Answer:
    """The answer of the process; a fault where it ends without one."""
    assert process.stdin and process.stdout
    try:
        process.stdin.write(pickle.dumps((task.folder, task.job)))
        await process.stdin.drain()
        while True:
            (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
            kind, value = pickle.loads(await process.stdout.readexactly(length))
            if kind == _ANSWER:
                return value  # type: ignore[no-any-return]
            task.step = value
    except (asyncio.IncompleteReadError, ConnectionError):
        return internal_fault(NO_MEMORY)


def work_for_parent() -> None:
    """Do the jobs that come on stdin, and tell their steps and answers on stdout."""
    # Ctrl+C in the terminal is meant for the server, which ends this process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests: queue.SimpleQueue[tuple[Path, Job]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(sys.stdin.buffer, requests), daemon=True).start()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # whatever is printed must not come between the answers
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    home = Path.cwd()
    _limit_memory()
    _load()
    with suppress(BrokenPipeError):
        while True:
            folder, job = requests.get()
            os.chdir(folder)
            _clear(folder)
            answer = done(job, lambda step: _tell(answers, _STEP, Wording.of(step)))
            # a folder that a process works in cannot be removed everywhere
            os.chdir(home)
            _tell(answers, _ANSWER, answer)
    os._exit(0)


def _receive(requests: BinaryIO, jobs: queue.SimpleQueue[tuple[Path, Job]]) -> None:
    """Take jobs in until the server is gone: then nobody waits for the one being done."""
    with suppress(EOFError):
        while True:
            jobs.put(pickle.load(requests))
    os._exit(0)


def _limit_memory() -> None:
    """Let a job that wants all memory fail before the computer stands still, where the system can."""
    if sys.platform != "win32":
        import resource

        most = int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * _MOST_MEMORY)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _clear(folder: Path) -> None:
    """Remove what a stopped job left half-written, and give the next one a place for temporary files."""
    for left in folder.glob(".*"):
        remove(left)
    (folder / SCRATCH).mkdir(mode=0o700, exist_ok=True)
    tempfile.tempdir = str(folder / SCRATCH)


def _tell(answers: BinaryIO, kind: int, value: Any) -> None:
    message = pickle.dumps((kind, value))
    answers.write(_LENGTH.pack(len(message)) + message)
    answers.flush()


def _load() -> None:
    """Load what every job needs, while there is none."""
    import actuarial.report.check_run
    import actuarial.report.reserve_run  # noqa: F401
    from actuarial.report import chart

    # the first drawing loads what all of them need
    chart.bar_chart([""], {"": [1.0]}, title="", y_label="")
