"""Chromium, driven through its own protocol (https://chromedevtools.github.io/devtools-protocol), over a pipe;
and the binaries whose pages it opens."""

import base64, json, math, os, shutil, subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


ATTEMPTS = 3


def start(folder):
    """Starts Chromium, which keeps its profile in a folder; where it is not installed or does not start, says so and returns None."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        print("skipped: Chromium is not installed")
        return None
    for attempt in range(ATTEMPTS):
        browser = Browser(program, Path(folder) / f"profile-{attempt}")
        try:
            browser.call("Browser.getVersion")
            return browser
        except (AssertionError, BrokenPipeError) as error:
            said = f"{error}\n{browser.errors.read_text()}"
    print(f"skipped: Chromium does not start, {ATTEMPTS} times tried: {said}")
    return None


def binaries():
    """Returns the binaries, by package, that `cargo test --workspace` has built."""
    command = ["cargo", "test", "--workspace", "--no-run", "--locked", "--message-format=json"]
    messages = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    made = [json.loads(line) for line in messages.splitlines()]
    programs = (it for it in made if it.get("executable") and it["target"]["kind"] == ["bin"] and not it["profile"]["test"])
    return {it["target"]["name"]: it["executable"] for it in programs}


class Browser:
    """Chromium without a window, which reads commands from its file 3 and writes answers to its file 4."""

    def __init__(self, chromium, profile):
        reads, self.commands = os.pipe()
        answers, writes = os.pipe()
        flags = ["--headless=new", "--remote-debugging-pipe", "--no-first-run", f"--user-data-dir={profile}"]
        flags += ["--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
        flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        shell = ["bash", "-c", f'exec "$0" "$@" 3<&{reads} 4>&{writes}', chromium, *flags]
        silent, self.errors = subprocess.DEVNULL, profile.with_suffix(".stderr")
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(shell, pass_fds=(reads, writes), stdin=silent, stdout=silent, stderr=errors)
        os.close(reads), os.close(writes)
        self.answers, self.last_id, self.events = os.fdopen(answers, "rb"), 0, []
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def call(self, method, session=None, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data) :]
        while True:
            answer = self.receive()
            if answer.get("id") == self.last_id:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def receive(self):
        while b"\0" not in self.buffer:
            piece = self.answers.read1(1 << 16)
            assert piece, f"Chromium ended, with status {self.process.wait()}"
            self.buffer += piece
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)


class Page:
    """A page in a tab of its own."""

    def __init__(self, browser, path, ready="true"):
        """Opens it, and waits until `ready` holds."""
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.size(1100, 860)
        self.colours("light")
        self.call("Page.navigate", url=path.as_uri())
        while not self.evaluate(f"document.readyState === 'complete' && ({ready})"):
            pass
        self.no_errors()

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def no_errors(self):
        for event in self.browser.events:
            parameters = event.get("params", {})
            assert event["method"] != "Runtime.exceptionThrown", parameters
            assert parameters.get("entry", {}).get("level") not in ("error", "warning"), parameters
            assert event["method"] != "Runtime.consoleAPICalled", parameters

    def colours(self, scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def phone(self):
        self.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
        self.call("Emulation.setTouchEmulationEnabled", enabled=True)

    def fits(self):
        """Tells whether it is no wider than the window."""
        return self.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def screenshot(self, folder, name):
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            png = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
            (folder / f"{name}.png").write_bytes(base64.b64decode(png))

    def box(self, selector):
        """Scrolls an element into view and returns its left, top, width and height."""
        rectangle = "{ left, top, width, height } = element.getBoundingClientRect()"
        return self.evaluate(
            f"(() => {{ const element = document.querySelector('{selector}'); element.scrollIntoView({{ block: 'nearest' }});"
            f" const {rectangle}; return [left, top, width, height]; }})()"
        )

    def click(self, selector):
        left, top, width, height = self.box(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=left + width / 2, y=top + height / 2, button="left", clickCount=1)


class Paper(Page):
    """A page to draw on."""

    def stroke_all(self, strokes, stroke):
        return [time for points in strokes for time in stroke(between(points))]

    def mouse(self, points):
        return self.stroke(points, self.mouse_event)

    def touch(self, points):
        return self.stroke(points, self.touch_event)

    def stroke(self, points, event):
        left, top, width, height = self.box("#paper")
        times = []
        for index, (x, y) in enumerate(points):
            event("start" if index == 0 else "move", left + x * width, top + y * height)
            times.append(self.evaluate("milliseconds"))
        event("end", left + x * width, top + y * height)
        return times

    def mouse_event(self, step, x, y):
        kind = {"start": "mousePressed", "move": "mouseMoved", "end": "mouseReleased"}[step]
        buttons = 0 if step == "end" else 1
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=buttons, clickCount=1)

    def touch_event(self, step, x, y):
        kind = {"start": "touchStart", "move": "touchMove", "end": "touchEnd"}[step]
        points = [] if step == "end" else [{"x": x, "y": y}]
        self.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)


def between(points):
    """Puts points between those of a stroke, as a hand would."""
    yield points[0]
    for (x, y), (next_x, next_y) in zip(points, points[1:]):
        steps = math.ceil(math.dist((x, y), (next_x, next_y)) / 0.05)
        yield from ((x + (next_x - x) * step / steps, y + (next_y - y) * step / steps) for step in range(1, steps + 1))
