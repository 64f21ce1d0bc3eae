"""Where charts are drawn: in this process, or in one of its own that loads matplotlib meanwhile.

Loading matplotlib takes longer than drawing the charts of a report. Inside `drawing_process` a second
interpreter loads it while the run reads and computes, and then draws each chart asked for; the text is the
same. A chart that it cannot draw, for whatever reason, is drawn here.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec

from actuarial.language import language, spoken

P = ParamSpec("P")

# the modules of this process, wherever they are, and nothing from the folder it happens to run in
_START = (
    "import sys; sys.path[:] = sys.argv[1:]; from actuarial.report.drawing import draw_for_parent; "
    "draw_for_parent()"
)


class _DrawingProcess:
    """The other end of `draw_for_parent`; it ends with the pipe, however this process ends."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", _START, *map(str, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._lock = Lock()
        self._answers = True

    def drawn(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str | None:
        """The chart of that name; None when it was not drawn."""
        try:
            request = pickle.dumps((language(), name, args, kwargs))
        except (pickle.PickleError, TypeError, AttributeError):
            return None  # its data cannot leave this process
        with self._lock:
            return self._answer(request) if self._answers else None

    def _answer(self, request: bytes) -> str | None:
        assert self._child.stdin and self._child.stdout
        # an exchange that broke off must not leave its answer to the next chart
        self._answers = False
        try:
            self._child.stdin.write(request)
            self._child.stdin.flush()
            svg = pickle.load(self._child.stdout)
        except (OSError, EOFError, pickle.PickleError, ValueError, LookupError, AttributeError, ImportError):
            return None
        if svg is not None and not isinstance(svg, str):
            return None
        self._answers = True
        return svg

    def close(self) -> None:
        """Let the process end and wait for it.

        It is not killed: on a machine's first use matplotlib writes its list of fonts, and half a list with
        its lock would slow every later start.
        """
        assert self._child.stdin and self._child.stdout
        with suppress(OSError):
            self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait()


_process: _DrawingProcess | None = None


@contextmanager
def drawing_process() -> Iterator[None]:
    """Draw the charts asked for inside the block in a second process, which starts to load at once.

    For programs that make one report and end. Where no process can be started, charts are drawn in this one.
    """
    global _process
    earlier, started = _process, None
    if sys.executable:
        with suppress(OSError):
            _process = started = _DrawingProcess()
    try:
        yield
    finally:
        _process = earlier
        if started is not None:
            started.close()


def drawn_apart(chart: Callable[P, str]) -> Callable[P, str]:
    """Let the process of `drawing_process` draw the chart where there is one."""

    @wraps(chart)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> str:
        svg = _process.drawn(chart.__name__, args, kwargs) if _process is not None else None
        return chart(*args, **kwargs) if svg is None else svg

    return drawn


def draw_for_parent() -> None:
    """Draw what standard input asks for until it ends: pickled (language, name, arguments) in, text out."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # whatever a library prints must not come between the answers
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from actuarial.report import chart

    # the first drawing loads what all of them need
    chart.bar_chart([""], {"": [1.0]}, title="", y_label="")
    while True:
        try:
            code, name, args, kwargs = pickle.load(requests)
        except EOFError:
            break
        svg: str | None = None
        # what fails here the parent draws again, and says what is wrong
        with suppress(Exception), spoken(code):
            svg = getattr(chart, name)(*args, **kwargs)
        pickle.dump(svg, answers)
        answers.flush()
    os._exit(0)
