"""Red Hat's CSAF VEX: the archive, what was changed and deleted since, folders of documents; and an image that is judged by them."""
import functools
import http.server
import importlib.machinery
import importlib.util
import json
import pathlib
import threading
import time

import pytest
from clair_server import Server
from conftest import PATIENCE
from images import tar, zstd

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
EVERYTHING = {"LIMPID_FEEDS": ""}
MAIN, EUS, OPENSHIFT = "BaseOS-9.4.0.Z.MAIN", "BaseOS-9.2.0.Z.EUS", "9Base-RHOSE-4.16"


def script(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(SCRIPTS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


VEX, RPM = script("make-corpus-redhat"), script("make-corpus-rpm")


def rpm(name, version, release, source, module=None, epoch=None, vendor="Red Hat, Inc."):
    return RPM.header(name, version, release, "x86_64", source + ".src.rpm", epoch, module, vendor)


PACKAGES = [rpm("openssl-libs", "3.0.7", "27.el9_4", "openssl-3.0.7-27.el9_4", epoch=1),
            rpm("curl", "7.76.1", "26.el9_3.2", "curl-7.76.1-26.el9_3.2"),
            rpm("nodejs", "18.19", "1.module+el9.4.0+1+ab", "nodejs-18.19-1.module+el9.4.0+1+ab", module="nodejs:18:9040020:ab", epoch=1),
            rpm("kernel-headers", "5.14.0", "427.el9_4", "kernel-5.14.0-427.el9_4")]


@pytest.fixture(name="root")
def root_fixture(tmp_path):
    """A root file system of RHEL 9.4."""
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "var/lib/rpm").mkdir(parents=True)
    (root / "etc/os-release").write_text('ID="rhel"\nVERSION_ID="9.4"\n')
    (root / "var/lib/rpm/Packages").write_bytes(RPM.bdb(PACKAGES, size=4096))
    return root


def one(cve, status, name, version="", product=MAIN, arch="x86_64", **more):
    part, purl = VEX.rpm(name, version, arch if version else "src", more.pop("epoch", None), more.pop("module", None))
    return VEX.document(cve, [(part, purl.replace("+", "%2B"))], VEX.RHEL, {status: [(product, part)]}, **more)


DOCUMENTS = {
    "2024/cve-2024-1.json": one("CVE-2024-1", "fixed", "openssl-libs", "3.0.7-28.el9_4", epoch=1),
    "2024/cve-2024-2.json": one("CVE-2024-2", "known_affected", "openssl"),
    "2024/cve-2024-3.json": one("CVE-2024-3", "known_affected", "kernel"),
    "2024/cve-2024-4.json": one("CVE-2024-4", "fixed", "nodejs", "18.20-1.module+el9.4.0+2+ab", module="nodejs:18:9040020:ab", epoch=1),
    "2024/cve-2024-5.json": one("CVE-2024-5", "fixed", "nodejs", "20.20-1.module+el9.4.0+2+ab", module="nodejs:20:9040020:ab", epoch=1),
    "2024/cve-2024-6.json": one("CVE-2024-6", "fixed", "curl", "7.99-1.el9", product=OPENSHIFT),
    "2024/cve-2024-7.json": one("CVE-2024-7", "known_not_affected", "curl"),
    "2024/cve-2024-8.json": one("CVE-2024-8", "under_investigation", "curl"),
    "2024/cve-2024-9.json": one("CVE-2024-9", "fixed", "curl", "7.76.1-30.el9", arch="aarch64"),
    "2024/cve-2024-10.json": one("CVE-2024-10", "fixed", "curl", "7.76.1-26.el9_3.1"),
}
FOUND = ["CVE-2024-1", "CVE-2024-2", "CVE-2024-4"]


def write(folder, documents):
    for name, made in documents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(made))


def write_archive(folder, documents, date="2024-05-01"):
    name = f"csaf_vex_{date}.tar.zst"
    data = tar(*[(name, "file", json.dumps(made).encode()) for name, made in documents.items()])
    (folder / name).write_bytes(zstd(data))
    (folder / "archive_latest.txt").write_text(name + "\n")


def write_list(folder, name, rows):
    (folder / name).write_text("".join(f'"{path}","{date}T10:00:00+00:00"\n' for path, date in rows))


@pytest.fixture(name="mirror")
def mirror_fixture(tmp_path):
    """The publisher's folder: an archive; since then one document was changed, one is new, one was deleted. Others that the lists name
    were changed before."""
    folder = tmp_path / "vex"
    folder.mkdir()
    write_archive(folder, {**DOCUMENTS, "2024/cve-2024-11.json": one("CVE-2024-11", "known_affected", "curl"),
                           "2024/cve-2024-12.json": one("CVE-2024-12", "known_affected", "curl")})
    write(folder, {"2024/cve-2024-11.json": one("CVE-2024-11", "known_not_affected", "curl"),
                   "2024/cve-2024-13.json": one("CVE-2024-13", "known_affected", "curl")})
    write_list(folder, "changes.csv", [("2024/cve-2024-13.json", "2024-05-03"), ("2024/cve-2024-11.json", "2024-05-02"),
                                       ("2024/cve-2024-1.json", "2024-04-30")])
    write_list(folder, "deletions.csv", [("2024/cve-2024-12.json", "2024-05-02"), ("2024/cve-2024-2.json", "2024-04-30")])
    return folder


@pytest.fixture(name="publisher")
def publisher_fixture(mirror):
    """It over HTTP: (address, paths that were asked for)."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_GET(self):
            asked.append(self.path)
            super().do_GET()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(mirror)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", asked
    server.shutdown()
    server.server_close()


def found(run):
    return sorted(run.ids, key=lambda id: int(id.rsplit("-", 1)[1]))


def test_folder_of_documents(alone, tmp_path, root):
    write(tmp_path / "f", DOCUMENTS)
    run = alone.scan("--feed-url", f"redhat=file://{tmp_path}/f/", f"dir:{root}", env=EVERYTHING)
    assert run.image["namespace"] == "centos:9" and found(run) == FOUND
    by_id = {f["id"]: f for f in run.image["findings"]}
    assert (by_id["CVE-2024-1"]["fixed_version"], by_id["CVE-2024-1"]["severity"]) == ("1:3.0.7-28.el9_4", "High")
    assert by_id["CVE-2024-2"]["package"]["name"] == "openssl-libs"  # R5
    assert by_id["CVE-2024-2"]["link"] == "https://access.redhat.com/security/cve/CVE-2024-2"
    assert run.image["undetermined"] == 1


def test_archive_alone(alone, mirror, root):
    """One file is what it is: the lists beside it do not count."""
    (archive,) = mirror.glob("*.tar.zst")
    run = alone.scan("--feed-url", f"redhat=file://{archive}", f"dir:{root}", env=EVERYTHING)
    assert found(run) == [*FOUND, "CVE-2024-11", "CVE-2024-12"]


def test_publisher(alone, publisher, root):
    url, asked = publisher
    run = alone.scan("--feed-url", f"redhat={url}", f"dir:{root}", env=EVERYTHING)
    assert found(run) == [*FOUND, "CVE-2024-13"]
    assert run.problems == []
    assert [p for p in asked if "json" in p or "zst" in p] == ["/2024/cve-2024-11.json", "/2024/cve-2024-13.json", "/csaf_vex_2024-05-01.tar.zst"]
    again = len(asked)
    assert "unchanged" in alone("update", "redhat", "--feed-url", f"redhat={url}").stderr
    assert len(asked) == again + 3


def test_copy_of_the_publisher(alone, mirror, root):
    """The same from a local folder. A changed document that is not there is told, and the archive's counts."""
    url = f"redhat=file://{mirror}/"
    assert found(alone.scan("--feed-url", url, f"dir:{root}", env=EVERYTHING)) == [*FOUND, "CVE-2024-13"]
    assert "unchanged" in alone("update", "redhat", "--feed-url", url).stderr
    (mirror / "2024/cve-2024-11.json").unlink()
    run = alone("update", "redhat", "--feed-url", url, "--rebuild")
    assert run.status == 0 and "2024/cve-2024-11.json: named as a document: left out" in run.stderr
    assert found(alone.scan("--feed-url", url, f"dir:{root}", env=EVERYTHING)) == [*FOUND, "CVE-2024-11", "CVE-2024-13"]


def test_changed_document_is_broken(alone, mirror, publisher, root):
    url, _ = publisher
    (mirror / "2024/cve-2024-13.json").write_text('{"document":')
    run = alone("update", "redhat", "--feed-url", f"redhat={url}")
    assert run.status == 0 and "cve-2024-13.json: json: offset 12" in run.stderr


def test_too_many_changes(alone, mirror, root):
    """What more than the newest says waits for the next archive, and that is told."""
    rows = [(f"2024/cve-2024-{i}.json", "2024-05-02") for i in range(1000, 6000)]
    write(mirror, {path: VEX.deleted_document() for path, _ in rows})
    write_list(mirror, "changes.csv", rows)
    run = alone("update", "redhat", "--feed-url", f"redhat=file://{mirror}/")
    assert run.status == 0 and "904 documents beside the newest 4096 are left out until the next archive" in run.stderr


def test_archive_is_cut(alone, mirror):
    (archive,) = mirror.glob("*.tar.zst")
    archive.write_bytes(archive.read_bytes()[:-20])
    run = alone("update", "redhat", "--feed-url", f"redhat=file://{mirror}/")
    assert run.status == 4 and "zstd" in run.stderr


# ---- products by the repositories that an image names ----

REPOSITORIES = {"data": {"rhel-9-for-x86_64-baseos-rpms": {"cpes": ["cpe:/o:redhat:enterprise_linux:9::baseos"]},
                         "rhocp-4.16-for-rhel-9-x86_64-rpms": {"cpes": ["cpe:/a:redhat:openshift:4.16::el9"]}}}
MANIFEST = "root/buildinfo/content_manifests/openshift-4.16.json"


def manifest(*names):
    return json.dumps({"content_sets": list(names)})


def test_products_of_content_sets(alone, tmp_path, root):
    """R16 to R18, 32: what is said of OpenShift's packages counts for an image whose content sets are OpenShift's. A list of repositories
    that is not there is told."""
    write(tmp_path / "f", DOCUMENTS)
    (root / MANIFEST).parent.mkdir(parents=True)
    (root / MANIFEST).write_text(manifest("rhel-9-for-x86_64-baseos-rpms", "rhocp-4.16-for-rhel-9-x86_64-rpms__9_DOT_4"))
    (tmp_path / "list.json").write_text(json.dumps(REPOSITORIES))
    feeds = ("--feed-url", f"redhat=file://{tmp_path}/f/")
    run = alone.scan(*feeds, f"dir:{root}", env=EVERYTHING)
    assert found(run) == FOUND
    assert any("2 repositories that the image names, as rhel-9-for-x86_64-baseos-rpms, are in no list" in p["text"] for p in run.image["problems"])
    run = alone.scan(feeds[0], feeds[1] + f",redhat-repositories=file://{tmp_path}/list.json", f"dir:{root}", env=EVERYTHING)
    assert found(run) == [*FOUND, "CVE-2024-6"] and run.image["problems"] == []
    # R23: where dnf installed it from says more
    (root / "var/lib/dnf").mkdir()
    for repository, more in (("rhel-9-for-x86_64-baseos-rpms", []), ("mine", ["CVE-2024-6"])):
        (root / "var/lib/dnf/history.sqlite").write_bytes(RPM.history([repository], [("curl", 0, "7.76.1", "26.el9_3.2", "x86_64")], [(0, 0, RPM.INSTALL)]))
        assert found(alone.scan("--offline", f"dir:{root}", env=EVERYTHING)) == [*FOUND, *more]
    (root / MANIFEST).write_text(manifest("rhel-9-for-x86_64-baseos-rpms"))
    assert found(alone.scan("--offline", f"dir:{root}", env=EVERYTHING)) == FOUND


def test_products_of_posted_layers(tmp_path, root):
    """The same by the API: a layer's packages are of the products that it names, those below it of theirs."""
    write(tmp_path / "f", DOCUMENTS)
    (tmp_path / "list.json").write_text(json.dumps(REPOSITORIES))
    release, packages = (root / "etc/os-release").read_bytes(), (root / "var/lib/rpm/Packages").read_bytes()
    more = RPM.bdb([*PACKAGES, rpm("curl-minimal", "7.76.1", "26.el9_3.2", "curl-7.76.1-26.el9_3.2")], size=4096)
    (tmp_path / "base.tar").write_bytes(tar(("etc/os-release", "file", release), ("var/lib/rpm/Packages", "file", packages),
                                            (MANIFEST.replace("openshift", "ubi9"), "file", manifest("rhel-9-for-x86_64-baseos-rpms").encode())))
    (tmp_path / "top.tar").write_bytes(tar(("var/lib/rpm/Packages", "file", more),
                                           (MANIFEST, "file", manifest("rhocp-4.16-for-rhel-9-x86_64-rpms").encode())))
    write(tmp_path / "f", {"2024/cve-2024-14.json": one("CVE-2024-14", "fixed", "curl-minimal", "7.99-1.el9", product=OPENSHIFT)})
    server = Server(tmp_path / "server", str(tmp_path / "limpid.db"), "--update-interval", "1h", env={
        "LIMPID_FEEDS": "redhat,redhat-repositories",
        "LIMPID_FEED_URL": f"redhat=file://{tmp_path}/f/,redhat-repositories=file://{tmp_path}/list.json"})
    try:
        until = time.monotonic() + PATIENCE
        while not any(e["Event"] == "update finished" for e in server.events()):
            assert server.process.poll() is None and time.monotonic() < until
            time.sleep(0.05)
        assert server.layer("base", tmp_path / "base.tar")[0] == 201
        assert server.layer("top", tmp_path / "top.tar", "base")[0] == 201
        names = {name: {v["Name"] for v in f.get("Vulnerabilities", [])} for name, f in server.features("top").items()}
    finally:
        server.end()
    assert names["curl-minimal"] == {"CVE-2024-14"} and names["curl"] == set()
    assert names["openssl-libs"] == {"CVE-2024-1", "CVE-2024-2"}


# ---- the same as OVAL ----

def oval(definitions):
    """A document of (id, whether it is fixed, package, evr, module)."""
    begin, rest = [], []
    for n, (cve, is_fixed, name, evr, module) in enumerate(definitions, 1):
        on = '<criterion test_ref="t:0" comment="Red Hat Enterprise Linux 9 is installed"/>'
        on += f'<criterion test_ref="t:0" comment="Module {module} is enabled"/>' if module else ""
        begin.append(f'<definition class="{"patch" if is_fixed else "vulnerability"}" id="oval:com.redhat.rhsa:def:{n}"><metadata><title>x</title>'
                     f'<reference source="CVE" ref_id="{cve}"/><advisory><severity>Important</severity></advisory></metadata>'
                     f'<criteria>{on}<criterion test_ref="t:{n}" comment="{name} is {"earlier" if is_fixed else "installed"}"/></criteria></definition>')
        state = f'<state state_ref="s:{n}"/>' if is_fixed else ""
        rest.append(f'<rpminfo_test id="t:{n}"><object object_ref="o:{n}"/>{state}</rpminfo_test><rpminfo_object id="o:{n}"><name>{name}</name></rpminfo_object>')
        if is_fixed:
            rest.append(f'<rpminfo_state id="s:{n}"><evr operation="less than">{evr}</evr></rpminfo_state>')
    return f'<oval_definitions><definitions>{"".join(begin)}</definitions>{"".join(rest)}</oval_definitions>'


def test_oval_says_the_same(alone, tmp_path, root):
    """Both feeds judge the image alike, where they know the same; the alternative one only where it is named, and both together tell an id once."""
    write(tmp_path / "f", DOCUMENTS)
    (tmp_path / "rhel-9.xml").write_text(oval([
        ("CVE-2024-1", True, "openssl-libs", "1:3.0.7-28.el9_4", None), ("CVE-2024-2", False, "openssl-libs", None, None),
        ("CVE-2024-3", False, "kernel", None, None), ("CVE-2024-4", True, "nodejs", "1:18.20-1.module+el9.4.0+2+ab", "nodejs:18"),
        ("CVE-2024-5", True, "nodejs", "1:20.20-1.module+el9.4.0+2+ab", "nodejs:20"), ("CVE-2024-10", True, "curl", "0:7.76.1-26.el9_3.1", None)]))
    urls = f"redhat=file://{tmp_path}/f/,redhat-oval=file://{tmp_path}/rhel-9.xml"
    by_vex = alone.scan("--feed-url", urls, f"dir:{root}", env=EVERYTHING)
    assert {f["feed"] for f in by_vex.image["findings"]} == {"redhat"} and found(by_vex) == FOUND
    both = alone.scan("--feeds", "redhat,redhat-oval", "--feed-url", urls, f"dir:{root}")
    assert found(both) == FOUND
    other = ("--db", str(tmp_path / "other.db"), "--feeds", "redhat-oval", "--feed-url", urls)
    by_oval = alone.scan(*other, f"dir:{root}")
    assert {f["feed"] for f in by_oval.image["findings"]} == {"redhat-oval"} and found(by_oval) == FOUND
    told = [{f["id"]: (f["package"]["name"], f["fixed_version"], f["status"]) for f in run.image["findings"]} for run in (by_vex, by_oval)]
    assert told[0] == told[1]


def test_broken_folder(alone, tmp_path):
    write(tmp_path / "f", DOCUMENTS)
    (tmp_path / "f/2024/x.json").write_text("{}")
    run = alone("update", "redhat", "--feed-url", f"redhat=file://{tmp_path}/f/")
    assert run.status == 4 and "x.json: csaf: the document has no vulnerabilities" in run.stderr
