"""One Chromium for all pages of a test, spoken to by its own protocol, and what runs in it."""

import itertools
import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import websockets.sync.client as websockets

from building.editor import ROOT
from tests.support.vitest import run
from tests.support.waiting import wait_found

#: What hostile texts call, in whatever page or frame they get to run.
TELL: Final = "pwned"
PATIENCE_SECONDS: Final = 30
_numbers = itertools.count(1)


class Page(msgspec.Struct):
    """A tab of its own, with cookies of its own. ``ran`` is what called ``pwned``; ``dialogs`` what
    was shown by scripts; ``console`` what the page complained of."""

    connection: Any
    session: str
    ran: list[str] = []
    dialogs: list[str] = []
    console: list[str] = []

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(_numbers)
        message = {"id": number, "method": method, "params": params, "sessionId": self.session}
        self.connection.send(json.dumps(message))
        while True:
            told = json.loads(self.connection.recv(timeout=PATIENCE_SECONDS))
            if told.get("id") == number:
                assert "error" not in told, told
                result: dict[str, Any] = told["result"]
                return result
            self._hear(told)

    def _hear(self, told: dict[str, Any]) -> None:
        if told.get("sessionId") != self.session:
            return
        params = told.get("params", {})
        match told["method"]:
            case "Runtime.bindingCalled":
                self.ran.append(params["payload"])
            case "Page.javascriptDialogOpening":
                self.dialogs.append(params["message"])
            case "Log.entryAdded":
                self.console.append(params["entry"]["text"])

    def evaluate(self, expression: str) -> Any:
        told = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def wait_for(self, expression: str) -> Any:
        """What it gives, once it is something."""
        return wait_found(lambda: self.evaluate(expression), PATIENCE_SECONDS)

    def settle(self) -> None:
        """Until two frames are drawn and what was loaded had its turn."""
        self.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
            "() => setTimeout(done, 100))))"
        )


@contextmanager
def chromium() -> Iterator[Callable[[dict[str, str]], Page]]:
    """Makes pages; each is given the cookies of its own for a server's address."""
    program = run([str(ROOT / ".ci" / "chromium")]).splitlines()[-1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--remote-debugging-port=0", f"--user-data-dir={profile}",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "about:blank",
        ]  # fmt: skip
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            try:
                with websockets.connect(
                    _address(process), max_size=None, proxy=None, compression=None
                ) as connection:
                    yield lambda cookies: _new_page(connection, cookies)
            finally:
                process.terminate()
                process.wait(PATIENCE_SECONDS)


def _address(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None, "it is piped"
    for line in process.stderr:
        if found := re.search(rb"DevTools listening on (ws://\S+)", line):
            return found[1].decode()
    raise AssertionError("Chromium does not start")


def _new_page(connection: Any, cookies: dict[str, str]) -> Page:
    browser = Page(connection, "")

    def ask(method: str, **params: Any) -> dict[str, Any]:
        number = next(_numbers)
        connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while (told := json.loads(connection.recv(timeout=PATIENCE_SECONDS))).get("id") != number:
            pass
        assert "error" not in told, told
        result: dict[str, Any] = told["result"]
        return result

    context = ask("Target.createBrowserContext")["browserContextId"]
    target = ask("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
    browser = Page(
        connection, ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    )
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(f"{domain}.enable")
    browser.call("Runtime.addBinding", name=TELL)
    for url, cookie in cookies.items():
        name, _, value = cookie.partition("=")
        browser.call("Network.setCookie", name=name, value=value, url=url)
    return browser


def save(folder: Path, name: str, content: bytes) -> str:
    """The address of a file that a page can open."""
    path = folder / name
    path.write_bytes(content)
    return path.as_uri()
