"""limpid scan and limpid inventory: what is found, what is told, and how a run ends."""
import json
import re
import tarfile

import jsonschema
import pytest
from conftest import ROOT
from images import (Layer, file, folder, hardlink, layout, opaque, os_release, stanza, status, symlink, whiteout)

OPENSSL = stanza("libssl3", "3.0.11-1~deb12u2", source="openssl")
ZLIB = stanza("zlib1g", "1:1.2.13.dfsg-1", source="zlib (1:1.2.13.dfsg-1)")
BASE = [os_release(), status(OPENSSL, ZLIB)]
WORST_FIRST = ["CVE-2024-0001", "CVE-2024-0006", "CVE-2024-0007", "CVE-2024-0020", "CVE-2024-0003", "CVE-2024-0009",
               "CVE-2024-0008"]
SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text())


@pytest.fixture(name="image")
def image_fixture(tmp_path):
    return layout(tmp_path / "image", Layer(*BASE, command="base"), Layer(file("app"), command="app"))


def findings(run):
    return {f["id"]: f for f in run.image["findings"]}


def packages(run):
    return {p["name"]: p["version"] for p in run.image["packages"]}


# ---- what is found ----

def test_findings(limpid, image):
    run = limpid.scan(image)
    assert (run.status, run.ids, run.problems) == (0, WORST_FIRST, [])
    found = findings(run)
    assert {i: (f["severity"], f["status"], f["fixed_version"]) for i, f in found.items()} == {
        "CVE-2024-0001": ("High", "fixed", "3.0.11-1~deb12u3"),
        "CVE-2024-0006": ("Medium", "will_not_fix", None),
        "CVE-2024-0007": ("Medium", "fix_deferred", None),
        "CVE-2024-0020": ("Medium", "fixed", "1:1.2.13.dfsg-2"),
        "CVE-2024-0003": ("Low", "affected", None),
        "CVE-2024-0009": ("Negligible", "affected", None),
        "CVE-2024-0008": ("Unknown", "end_of_life", None)}
    assert run.image["undetermined"] == 1  # CVE-2024-0004; and CVE-2024-0005 never affected bookworm
    assert run.image["namespace"] == "debian:12"
    assert run.image["packages_judged"] == run.image["packages_total"] == 2


def test_source_and_binary_names(limpid, image):
    """Advisories are about sources: openssl's hit libssl3, those of a source called libssl3 do not."""
    found = findings(limpid.scan(image))
    assert "CVE-2024-0030" not in found
    package = found["CVE-2024-0001"]["package"]
    assert (package["name"], package["source_name"]) == ("libssl3", "openssl")
    assert found["CVE-2024-0001"]["link"].endswith("/CVE-2024-0001")


@pytest.mark.parametrize("version, affected", [
    ("3.0.11-1~deb12u3", False), ("3.0.11-1~deb12u3+b1", False), ("3.0.11-1~deb12u2+b9", True), ("1:0", False)])
def test_fixed_version_is_compared_with_the_source(limpid, tmp_path, version, affected):
    """A rebuild's binary version (+b1) does not count where the source's is told."""
    image = layout(tmp_path / "i", Layer(os_release(), status(stanza("libssl3", "9", source=f"openssl ({version})"))))
    assert ("CVE-2024-0001" in limpid.scan(image).ids) == affected


def test_layer_that_introduced(limpid, tmp_path):
    """The layer that first had the package, and the one that brought its present version."""
    base = Layer(os_release(), status(OPENSSL, stanza("bash", "5")), command="FROM")
    more = Layer(status(OPENSSL, stanza("bash", "6"), ZLIB), command="RUN apt-get install")
    last = Layer(status(OPENSSL, stanza("bash", "6"), ZLIB, stanza("vim", "9")), command="RUN vim")
    run = limpid.inventory(layout(tmp_path / "i", base, more, last))
    layers = {p["name"]: (p["layer"]["index"], p["changed_layer"]["index"]) for p in run.image["packages"]}
    assert layers == {"libssl3": (0, 0), "bash": (0, 1), "zlib1g": (1, 1), "vim": (2, 2)}
    zlib = [p for p in run.image["packages"] if p["name"] == "zlib1g"][0]
    assert zlib["layer"] == {"digest": more.digest, "index": 1, "created_by": "RUN apt-get install"}
    assert zlib["path"] == "var/lib/dpkg/status"


@pytest.mark.parametrize("state, installed", [
    ("install ok installed", True), ("hold ok installed", True), ("deinstall ok config-files", False),
    ("purge ok not-installed", False), ("install ok half-configured", True), ("install ok unpacked", True)])
def test_states(limpid, tmp_path, state, installed):
    image = layout(tmp_path / "i", Layer(os_release(), status(stanza("a", "1", status=state), stanza("b", "1"))))
    assert ("a" in packages(limpid.inventory(image))) == installed


def test_multi_arch(limpid, tmp_path):
    """A package of two architectures is two packages; written twice, it is one."""
    other = stanza("libssl3", "3.0.11-1~deb12u2", source="openssl", arch="i386")
    image = layout(tmp_path / "i", Layer(os_release(), status(OPENSSL, other, OPENSSL)))
    run = limpid.inventory(image)
    assert [(p["name"], p["arch"]) for p in run.image["packages"]] == [("libssl3", "amd64"), ("libssl3", "i386")]
    assert limpid.scan(image).ids.count("CVE-2024-0001") == 2


@pytest.mark.parametrize("release, sources, namespace, high", [
    ('ID=debian\nVERSION_CODENAME=forky\n', "deb http://d sid main", "debian:sid", ["CVE-2024-0001", "CVE-2024-0010"]),
    ('ID=debian\nVERSION_CODENAME=forky\n', "deb http://d forky main", "debian:testing", ["CVE-2024-0001"]),
    ('ID=debian\nVERSION_CODENAME=forky\n', "deb http://d testing main", "debian:testing", ["CVE-2024-0001"]),
    ('ID=debian\nVERSION_ID="13"\n', "", "debian:13", ["CVE-2024-0001"]),
    ('ID=debian\nVERSION_ID="12.5"\n', "", "debian:12", ["CVE-2024-0001"])])
def test_namespaces(limpid, tmp_path, release, sources, namespace, high):
    image = layout(tmp_path / "i", Layer(os_release(release), file("etc/apt/sources.list", sources), status(OPENSSL)))
    run = limpid.scan("--severity", "High", image)
    assert (run.image["namespace"], run.ids) == (namespace, high)


def test_sid_without_sources(limpid, tmp_path):
    """Testing and unstable tell themselves apart by debian_version at most: unstable misses nothing."""
    image = layout(tmp_path / "i", Layer(os_release("ID=debian\n"), file("etc/debian_version", "forky/sid\n"), status(OPENSSL)))
    assert limpid.scan(image).image["namespace"] == "debian:sid"


def test_end_of_life(limpid, tmp_path):
    image = layout(tmp_path / "i", Layer(os_release('ID=debian\nVERSION_ID="8"\n'), status(OPENSSL)))
    assert limpid.scan(image).image["end_of_life"] == "2020-06-30"
    assert "Support of this release ended on 2020-06-30" in limpid("scan", image).stdout


# ---- how layers and tars say it ----

@pytest.mark.parametrize("pack", ["plain", "gzip", "members", "zstd", "xz", "bzip2"])
def test_compression(limpid, tmp_path, pack):
    image = layout(tmp_path / "i", Layer(*BASE, pack=pack))
    assert (limpid.scan(image).ids, limpid.inventory(image).status) == (WORST_FIRST, 0)


@pytest.mark.parametrize("dialect", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("prefix", ["", "./", "/", "././", "//./"])
def test_tar_dialects(limpid, tmp_path, dialect, prefix):
    entries = [(prefix + path, kind, what) for path, kind, what in [
        folder("var"), folder("var/lib"), file("opt/" + "x" * 90 + "/" + "long" * 20, "y"), *BASE]]
    assert limpid.scan(layout(tmp_path / "i", Layer(*entries, dialect=dialect))).ids == WORST_FIRST


def test_duplicate_entries(limpid, tmp_path):
    """The last of several entries of one path stays, as unpacking would have it."""
    run = limpid.inventory(layout(tmp_path / "i", Layer(*BASE, status(stanza("only", "1")))))
    assert packages(run) == {"only": "1"}


@pytest.mark.parametrize("gone", [
    [whiteout("var/lib/dpkg/status")], [whiteout("var/lib/dpkg")], [whiteout("var")], [opaque("var/lib/dpkg")],
    [opaque("var")], [opaque("")], [file("var", "no folder any more")], [symlink("var/lib/dpkg", "/nowhere")]])
def test_hidden_by_a_layer_above(limpid, tmp_path, gone):
    run = limpid.inventory(layout(tmp_path / "i", Layer(*BASE), Layer(*gone)))
    assert run.image["packages"] == []
    assert run.status == 3 and "nothing was judged" in run.problems[0]


@pytest.mark.parametrize("entries", [
    [opaque("var/lib/dpkg"), status(stanza("new", "1"))], [status(stanza("new", "1")), opaque("var/lib/dpkg")],
    [status(stanza("new", "1")), whiteout("var/lib/dpkg/status")]])
def test_whiteout_hides_only_what_lies_below(limpid, tmp_path, entries):
    """Whatever the order in the tar; and what comes back counts as new."""
    run = limpid.inventory(layout(tmp_path / "i", Layer(*BASE), Layer(*entries)))
    assert packages(run) == {"new": "1"}


def test_whiteout_of_something_else(limpid, tmp_path):
    image = layout(tmp_path / "i", Layer(*BASE), Layer(whiteout("var/lib/dpk"), whiteout("var/lib/dpkg/statu"), opaque("var/lib/dpkg/info")))
    assert set(packages(limpid.inventory(image))) == {"libssl3", "zlib1g"}


def test_back_after_a_whiteout(limpid, tmp_path):
    """A database that was removed and written again brings its packages anew."""
    run = limpid.inventory(layout(tmp_path / "i", Layer(*BASE), Layer(whiteout("var/lib/dpkg/status")), Layer(status(OPENSSL))))
    assert [p["layer"]["index"] for p in run.image["packages"]] == [2]
