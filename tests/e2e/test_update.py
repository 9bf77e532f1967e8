"""Feeds: from files and from a publisher who answers well, not at all, or wrongly; and the database that keeps them."""
import gzip
import http.server
import json
import lzma
import sqlite3
import threading

import pytest
from conftest import TRACKER, bookworm, fixed
from images import Layer, layout, os_release, stanza, status
from test_hostile import gzip_of, measured

ADVISORIES = sum(len(v["releases"]) for ids in TRACKER.values() for v in ids.values())
DOCUMENT = json.dumps(TRACKER).encode()


@pytest.fixture(name="image")
def image_fixture(tmp_path):
    return layout(tmp_path / "i", Layer(os_release(), status(stanza("libssl3", "3.0.11-1~deb12u2", source="openssl"))))


class Publisher:
    """A web server whose next answers a test decides; `asked` has the headers of each request."""

    def __init__(self):
        self.document, self.status, self.length, self.headers, self.asked = DOCUMENT, 200, None, {"ETag": '"1"'}, []
        publisher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                publisher.asked.append(dict(self.headers))
                tag, when = publisher.headers.get("ETag"), publisher.headers.get("Last-Modified")
                same = (tag and self.headers.get("If-None-Match") == tag) or (not tag and when and self.headers.get("If-Modified-Since") == when)
                self.send_response(304 if same and publisher.status == 200 else publisher.status)
                for name, value in publisher.headers.items():
                    self.send_header(name, value)
                body = b"" if same else publisher.document
                self.send_header("Content-Length", str(publisher.length or len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = True

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/data/json"


@pytest.fixture(name="publisher")
def publisher_fixture(alone):
    publisher = Publisher()
    alone.defaults["LIMPID_FEED_DEBIAN_URL"] = publisher.url
    yield publisher
    publisher.server.shutdown()
    publisher.server.server_close()


def feed(limpid):
    return json.loads(limpid("status", "--format", "json").stdout)["feeds"][0]


# ---- what is well ----

def test_file(limpid, image, tracker):
    run = limpid("update")
    assert run.status == 0 and f"loaded {ADVISORIES} advisories" in run.stderr
    assert "unchanged" in limpid("update").stderr
    assert "loaded" in limpid("update", "--force").stderr
    now = feed(limpid)
    assert (now["advisories"], now["stale"], now["snapshot"], now["failure"], now["url"]) == (ADVISORIES, False, True, "", f"file://{tracker}")
    tracker.write_text(json.dumps({"openssl": {"CVE-2025-1": bookworm(fixed("9", "high"))}}))
    assert "loaded 1 advisories" in limpid("update").stderr
    assert limpid.scan(image).ids == ["CVE-2025-1"]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_packed_document(limpid, tracker, pack):
    tracker.write_bytes(pack(DOCUMENT))
    assert f"loaded {ADVISORIES} advisories" in limpid("update").stderr


def test_http(alone, publisher, image):
    assert f"loaded {ADVISORIES} advisories" in alone("update").stderr
    assert "If-None-Match" not in publisher.asked[0]
    assert "unchanged" in alone("update").stderr and publisher.asked[1]["If-None-Match"] == '"1"'
    assert feed(alone)["snapshot"] is False
    before = len(publisher.asked)
    assert len(alone.scan(image).ids) == 6 and len(publisher.asked) == before  # still fresh: nobody is asked
    publisher.headers = {"ETag": '"2"'}
    publisher.document = json.dumps({"openssl": {"CVE-2025-1": bookworm(fixed("9", "high"))}}).encode()
    assert "loaded 1 advisories" in alone("update").stderr


def test_last_modified(alone, publisher):
    publisher.headers = {"Last-Modified": "Tue, 24 Nov 2020 20:30:00 GMT"}
    assert alone("update").status == 0
    assert "unchanged" in alone("update").stderr
    assert publisher.asked[1]["If-Modified-Since"] == "Tue, 24 Nov 2020 20:30:00 GMT"
    assert feed(alone)["published"] == "2020-11-24T20:30:00Z"


def test_first_scan_fetches(alone, publisher, image):
    assert len(alone.scan(image).ids) == 6 and len(publisher.asked) == 1


# ---- what goes wrong keeps the old data ----

FAILURES = {
    "HTML": dict(document=b"<!doctype html><title>Sorry</title>"),
    "empty": dict(document=b""),
    "no advisories": dict(document=b"{}"),
    "list": dict(document=b"[1, 2]"),
    "cut JSON": dict(document=DOCUMENT[:len(DOCUMENT) // 2]),
    "cut after a package": dict(document=DOCUMENT[:DOCUMENT.index(b'"zlib"')]),
    "tail": dict(document=DOCUMENT + b" {}"),
    "cut gzip": dict(document=gzip.compress(DOCUMENT)[:-9]),
    "500": dict(status=500),
    "404": dict(status=404),
    "403": dict(status=403),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_failure_keeps_the_old(alone, publisher, image, failure):
    assert alone("update").status == 0
    before = alone.scan("--offline", image).ids
    publisher.headers = {"ETag": '"2"'}
    for name, value in failure.items():
        setattr(publisher, name, value)
    run = alone("update")
    assert run.status == 4 and "feed debian: " in run.stderr
    assert alone("update", "--quiet").stderr != ""
    now = feed(alone)
    assert now["failure"] and now["advisories"] == ADVISORIES
    assert alone.scan("--offline", image).ids == before
    publisher.document, publisher.status = DOCUMENT, 200
    assert alone("update").status == 0 and feed(alone)["failure"] == ""


def test_cut_body(alone, publisher, image):
    """Fewer bytes than announced."""
    publisher.headers, publisher.length = {}, len(DOCUMENT) + 100
    run = alone("update")
    assert run.status == 4
    assert alone.scan("--offline", image).status == 3


def test_nobody_answers(alone, image):
    run = alone("update", "--feed-debian-url", "http://127.0.0.1:1/")
    assert run.status == 4 and "127.0.0.1" in run.stderr
    run = alone.scan("--feed-debian-url", "file:///does/not/exist", image)
    assert run.status == 3 and "/does/not/exist" in run.stderr and "there are no older data" in run.stderr


@pytest.mark.parametrize("args", [["nonsense"], ["--feed-debian-url", "ftp://x/"], ["--feed-debian-url", "no url"]])
def test_update_usage(alone, args):
    assert alone("update", *args).status in (2, 4)
    assert alone("update", "nonsense").status == 2


# ---- bounds ----

def test_document_limit(limpid, tracker, tmp_path):
    """A document of 1 GB from 1 MB: of blanks it is passed over, of one string it is refused; neither costs memory.
    A document over FEED_DOCUMENT_MAX ends with that."""
    blanks = [b" " * (1 << 20)] * 1024
    for pieces, code in (([DOCUMENT] + blanks, 0), ([b'{"', *[b"x" * (1 << 20)] * 1024], 4), ([DOCUMENT] + blanks * 2, 4)):
        tracker.write_bytes(gzip_of(pieces))
        status_code, _ = measured(limpid, "update")
        assert status_code == code
    assert "2147483648" in feed(limpid)["failure"] and feed(limpid)["advisories"] == ADVISORIES


def test_huge_announcement(alone, publisher):
    """More than FEED_DOWNLOAD_MAX is not even begun."""
    publisher.length = (1 << 30) + 1
    run = alone("update")
    assert run.status == 4 and "1073741824" in run.stderr and len(publisher.asked) == 1


# ---- the database ----

def test_status(alone, limpid, tracker):
    run = alone("status", "--db", limpid.home / "none.db")
    assert run.status == 3 and "missing: run limpid update" in run.stdout and "never" in run.stdout
    limpid("update")
    run = limpid("status")
    assert run.status == 0 and "current" in run.stdout and " ago" in run.stdout and str(tracker) in run.stdout
    assert limpid("status", "--format", "xml").status == 2


def test_stale(limpid, image):
    """Old data are used, and their age is told."""
    limpid("update")
    database = sqlite3.connect(limpid.cache / "limpid.db")
    database.execute("UPDATE feed SET fetched = fetched - 86400 * 30, published = published - 86400 * 30")
    database.commit()
    database.close()
    run = limpid("status")
    assert run.status == 3 and "stale" in run.stdout and "30 days ago" in run.stdout
    assert "STALE: run limpid update" in limpid("scan", "--offline", image).stdout
    assert limpid.scan("--offline", image).image["feeds"][0]["stale"] is True


def test_rebuild(limpid, image):
    assert limpid.scan(image).ids
    assert limpid("update", "--rebuild").status == 0
    assert len(limpid.scan("--offline", image).ids) == 6


def test_damaged_database(limpid, image):
    limpid.scan(image)
    path = limpid.cache / "limpid.db"
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\xff" * (len(data) - 100))
    for side in ("-wal", "-shm"):
        (limpid.cache / f"limpid.db{side}").unlink(missing_ok=True)
    run = limpid.scan(image)
    assert run.status == 0 and len(run.ids) == 6 and "limpid.db.damaged" in run.stderr
    assert (limpid.cache / "limpid.db.damaged").exists()


def test_foreign_database(limpid, image, tmp_path):
    """What is not limpid's is neither read nor touched."""
    other = tmp_path / "other.db"
    database = sqlite3.connect(other)
    database.execute("CREATE TABLE mine (x)")
    database.commit()
    database.close()
    text = tmp_path / "text.db"
    text.write_text("no database\n" * 1000)
    for path in (other, text):
        before = path.read_bytes()
        run = limpid("scan", "--db", path, image)
        assert run.status in (2, 4) and str(path) in run.stderr
        assert path.read_bytes() == before
