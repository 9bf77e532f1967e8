"""The program under test, alone with a home of its own, and a small feed for it.

LIMPID names the program (default: build/src/cli/limpid)."""
import json
import os
import pathlib
import resource
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMPID = pathlib.Path(os.environ.get("LIMPID", ROOT / "build/src/cli/limpid")).resolve()
PATIENCE = 600  # seconds that no run takes, not even a sanitized one


def entry(status, urgency="not yet assigned", **more):
    return {"status": status, "urgency": urgency, "repositories": {}, **more}


def fixed(version, urgency):
    return entry("resolved", urgency, fixed_version=version)


def bookworm(what, **others):
    return {"releases": {"bookworm": what, **others}}


TRACKER = {
    "openssl": {
        "CVE-2024-0001": bookworm(fixed("3.0.11-1~deb12u3", "high"), trixie=fixed("3.1.0-1", "high"),
                                  sid=fixed("3.2.0-1", "high"), forky=fixed("3.1.5-1", "high")),
        "CVE-2024-0002": bookworm(fixed("3.0.11-1~deb12u1", "medium")),
        "CVE-2024-0003": bookworm(entry("open", "low")),
        "CVE-2024-0004": bookworm(entry("undetermined")),
        "CVE-2024-0005": bookworm(fixed("0", "high")),
        "CVE-2024-0006": bookworm(entry("open", "medium", nodsa="Minor", nodsa_reason="ignored")),
        "CVE-2024-0007": bookworm(entry("open", "medium", nodsa="Minor", nodsa_reason="postponed")),
        "CVE-2024-0008": bookworm(entry("open", "end-of-life")),
        "CVE-2024-0009": bookworm(entry("open", "unimportant")),
        "CVE-2024-0010": {"releases": {"sid": entry("open", "high"), "forky": entry("open", "low")}},
    },
    "zlib": {"CVE-2024-0020": bookworm(fixed("1:1.2.13.dfsg-2", "medium**"))},
    "libssl3": {"CVE-2024-0030": bookworm(entry("open", "high"))},  # a binary's name: no source has it
    "TEMP": {"TEMP-0000001-ABCDEF": bookworm(entry("open"))},
}


class Run:
    """What a run left: status, standard output and standard error as text, the largest memory in KiB."""

    def __init__(self, done, stdout, stderr):
        self.status, self.bytes = done, stdout
        self.stdout, self.stderr = stdout.decode("utf-8", "surrogateescape"), stderr.decode("utf-8", "surrogateescape")

    @property
    def json(self):
        return json.loads(self.stdout)

    @property
    def image(self):
        return self.json["images"][0]

    @property
    def ids(self):
        return [f["id"] for f in self.image["findings"]]

    @property
    def problems(self):
        return [f'{p["where"]}: {p["text"]}' for p in self.image["problems"]]


class Limpid:
    def __init__(self, home):
        self.home, self.cache = home, home / "cache" / "limpid"
        home.mkdir()
        kept = {k: v for k, v in os.environ.items()
                if not k.startswith("LIMPID_") and not k.lower().endswith("_proxy")
                and k not in ("DOCKER_HOST", "CONTAINER_HOST", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "NO_COLOR")}
        self.env = {**kept, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "LC_ALL": "C.UTF-8",
                    "XDG_CONFIG_HOME": str(home / "config"), "XDG_RUNTIME_DIR": str(home), "TERM": "xterm"}
        self.defaults = {"LIMPID_FEEDS": "debian"}  # no others: they would be fetched

    def start(self, *args, env=None, **more):
        return subprocess.Popen([str(LIMPID), *map(str, args)], env={**self.env, **self.defaults, **(env or {})},
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def __call__(self, *args, env=None, **more):
        process = self.start(*args, env=env, **more)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
        run = Run(process.returncode, out, err)
        assert run.status >= 0, f"ended by signal {-run.status}: {run.stderr}"
        assert "Sanitizer" not in run.stderr, run.stderr
        return run

    def scan(self, *args, **more):
        """The scan as JSON."""
        return self("scan", "--format", "json", *args, **more)

    def inventory(self, *args, **more):
        return self("inventory", "--format", "json", *args, **more)


@pytest.fixture(name="alone")
def alone_fixture(tmp_path):
    """The program without any feed."""
    if not LIMPID.exists():
        pytest.fail(f"{LIMPID}: not built; LIMPID names the program")
    return Limpid(tmp_path / "home")


@pytest.fixture(name="tracker")
def tracker_fixture(tmp_path):
    """The path of a small Debian tracker; its URL is file://PATH."""
    path = tmp_path / "tracker.json"
    path.write_text(json.dumps(TRACKER))
    return path


@pytest.fixture(name="limpid")
def limpid_fixture(alone, tracker):
    """The program with that feed, which it loads at the first scan."""
    alone.defaults["LIMPID_FEED_DEBIAN_URL"] = f"file://{tracker}"
    return alone


def is_sanitized():
    return b"__asan_init" in LIMPID.read_bytes()


def largest_child():
    """KiB of memory that the largest child so far had."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
