"""Chromium without a window, as the tests of the page drive it. Where it is not installed they are skipped."""
import shutil

import pytest
from conftest import PATIENCE

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
except ImportError:
    webdriver = None

WIDE, NARROW, TINY = (1280, 900), (390, 844), (320, 700)


def skip_unless_there():
    for program in ("chromium", "chromedriver"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    if not webdriver:
        pytest.skip("selenium is not installed")


class Browser:
    def __init__(self, javascript):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.javascript = javascript
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(PATIENCE)
        self.driver.set_script_timeout(PATIENCE)
        self.cdp("Emulation.setScriptExecutionDisabled", value=not javascript)

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def open(self, path, size=WIDE, scheme="light", media="screen"):
        self.cdp("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=size[0] < 600)
        self.cdp("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.driver.get(f"file://{path}")
        return self

    def run(self, script, *arguments):
        """A function body in the page's context; also where the page's own script may not run."""
        return self.driver.execute_script(script, *arguments)

    def unfold(self, selector="details"):
        """Opens them, and waits until the script has done its part; without it timers do not run either."""
        self.run("for (const d of document.querySelectorAll(arguments[0])) d.open = true", selector)
        if self.javascript:
            self.run("return new Promise(done => setTimeout(done, 50))")

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def one(self, selector):
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} of {selector}"
        return found[0]

    def texts(self, selector):
        return self.run("return Array.from(document.querySelectorAll(arguments[0]), e => e.textContent)", selector)

    def complaints(self):
        """What the browser wrote to its console: breaches of the policy, requests, errors of the script."""
        return [entry["message"] for entry in self.driver.get_log("browser")]
