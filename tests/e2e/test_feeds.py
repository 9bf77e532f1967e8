"""Feeds beside Debian's: several documents, folders, and which of them a scan fetches."""
import contextlib
import http.server
import json
import threading

import pytest

from test_distributions import openeuler_folder


def secdb(release, **packages):
    return json.dumps({"distroversion": release, "packages": [{"pkg": {"name": n, "secfixes": f}} for n, f in packages.items()]})


@pytest.fixture(name="alpine")
def alpine_fixture(tmp_path):
    """A root file system of Alpine, and a folder with two documents of its feed."""
    root, feed = tmp_path / "root", tmp_path / "secdb"
    (root / "etc").mkdir(parents=True)
    (root / "lib/apk/db").mkdir(parents=True)
    (root / "etc/os-release").write_text("ID=alpine\nVERSION_ID=3.18.4\n")
    (root / "lib/apk/db/installed").write_text("C:Q1\nP:libcrypto3\nV:3.1.0-r0\nA:x86_64\no:openssl\n\nC:Q1\nP:busybox\nV:1.36.1-r2\nA:x86_64\n\n")
    for name, text in {"main": secdb("v3.18", openssl={"3.1.0-r1": ["CVE-1"], "3.1.0-r0": ["CVE-2"], "0": ["CVE-3"]}),
                       "community": secdb("v3.18", busybox={"1.36.1-r5": ["CVE-4 X-1"]})}.items():
        (feed / "v3.18").mkdir(parents=True, exist_ok=True)
        (feed / "v3.18" / f"{name}.json").write_text(text)
    return root, feed


def test_folder_of_documents(alone, alpine):
    root, feed = alpine
    url = f"alpine=file://{feed}"
    everything = {"LIMPID_FEEDS": ""}
    run = alone.scan("--feed-url", url, f"dir:{root}", env=everything)
    assert sorted(run.ids) == ["CVE-1", "CVE-4"]  # the scan fetched what it needed, and no other feed
    assert [f["name"] for f in run.image["feeds"]] == ["alpine"]
    assert "unchanged" in alone("update", "alpine", "--feed-url", url).stderr
    (feed / "v3.18/main.json").write_text(secdb("v3.18", openssl={"3.1.0-r1": ["CVE-5"]}))
    assert "loaded 2 advisories about 2 packages" in alone("update", "alpine", "--feed-url", url).stderr


@contextlib.contextmanager
def publisher(folder):
    """A web server of the folder: its address, and what was asked of it as (path, If-Modified-Since, client's port)."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __init__(self, *args, **more):
            super().__init__(*args, directory=str(folder), **more)

        def log_message(self, *args):
            pass

        def do_GET(self):
            asked.append((self.path, self.headers.get("If-Modified-Since"), self.client_address[1]))
            super().do_GET()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", asked
    finally:
        server.shutdown()
        server.server_close()


def test_documents_of_a_publisher(alone, alpine):
    """Asked for conditionally each; one that has changed brings all; those that are not there are told."""
    _, feed = alpine
    with publisher(feed) as (address, asked):
        url = f"alpine={address}"
        run = alone("update", "alpine", "--feed-url", url)
        assert run.status == 0 and "loaded 4 advisories" in run.stderr and "v3.3/main.json: the publisher does not have it" in run.stderr
        first = len(asked)
        assert "unchanged" in alone("update", "alpine", "--feed-url", url).stderr
        assert len(asked) == 2 * first and [w for p, w, _ in asked[first:] if p == "/v3.18/main.json"] != [None]


def test_index_of_documents(alone, tmp_path):
    """An index leads to documents below its folder, over one connection, and no farther; from a local one, too."""
    folder = openeuler_folder(tmp_path)
    with (folder / "index.txt").open("a", encoding="ascii") as index:
        index.write("../secret.xml\n")
    with publisher(folder) as (address, asked):
        run = alone("update", "openeuler", "--feed-url", f"openeuler={address}index.txt")
    assert "loaded 2 advisories" in run.stderr and "2024/gone.xml: the publisher does not have it" in run.stderr
    assert "../secret.xml: named as a document: left out" in run.stderr
    assert [path for path, *_ in asked] == ["/index.txt", "/2024/a.xml", "/2024/b.xml", "/2024/gone.xml"]
    assert len({port for *_, port in asked}) == 1
    assert "loaded 2 advisories" in alone("update", "openeuler", "--feed-url", f"openeuler=file://{folder}/index.txt").stderr
    (folder / "index.txt").write_text("2024/a.xml\n" * 32769)
    run = alone("update", "openeuler", "--feed-url", f"openeuler=file://{folder}/index.txt")
    assert run.status == 4 and "more than 32768 documents that others name" in run.stderr


@pytest.mark.parametrize("args", [["--feeds", "nonsense"], ["--feed-url", "nonsense=file:///x"], ["--feed-url", "alpine"], ["--feed-url", "alpine="]])
def test_misuse(alone, args):
    assert alone("update", *args).status == 2


def test_fix_for_subscribers(alone, tmp_path):
    root, record = tmp_path / "root", tmp_path / "ubuntu.json"
    (root / "etc").mkdir(parents=True)
    (root / "var/lib/dpkg").mkdir(parents=True)
    (root / "etc/os-release").write_text("ID=ubuntu\nVERSION_ID=14.04\n")
    (root / "var/lib/dpkg/status").write_text("Package: unzip\nStatus: install ok installed\nArchitecture: amd64\nVersion: 6.0-9ubuntu1.5\n\n")
    affected = {"package": {"ecosystem": "Ubuntu:Pro:14.04:LTS", "name": "unzip"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "6.0-9ubuntu1.6"}]}]}
    record.write_text(json.dumps({"id": "UBUNTU-CVE-2014-9913", "upstream": ["CVE-2014-9913"], "affected": [affected]}))
    run = alone.scan("--feed-url", f"ubuntu=file://{record}", f"dir:{root}", env={"LIMPID_FEEDS": ""})
    (finding,) = run.image["findings"]
    assert (finding["id"], finding["fixed_version"], finding["fix_needs_subscription"]) == ("CVE-2014-9913", "6.0-9ubuntu1.6", True)
    # U2, U8: who is subscribed has it; who has been, or whose file is broken, has not
    status = root / "var/lib/ubuntu-advantage/status.json"
    status.parent.mkdir()
    for attached, needs in ((True, False), (False, True)):
        status.write_text(json.dumps({"attached": attached, "services": [{"name": "esm-infra", "status": "enabled"}]}))
        (finding,) = alone.scan("--offline", f"dir:{root}", env={"LIMPID_FEEDS": ""}).image["findings"]
        assert (finding["fixed_version"], finding["fix_needs_subscription"]) == ("6.0-9ubuntu1.6", needs)
    status.write_text("{")
    run = alone.scan("--offline", f"dir:{root}", env={"LIMPID_FEEDS": ""})
    assert run.image["findings"][0]["fix_needs_subscription"] and "it counts as not subscribed" in run.image["problems"][0]["text"]
