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


# ---- links ----

LINKS = {
    "relative": ([symlink("etc/os-release", "../usr/lib/os-release"), os_release(path="usr/lib/os-release")], []),
    "absolute": ([symlink("etc/os-release", "/usr/lib/os-release"), os_release(path="usr/lib/os-release")], []),
    "target later in the tar": ([symlink("etc/os-release", "../opt/release"), os_release(path="opt/release")], []),
    "target in a layer above": ([symlink("etc/os-release", "../opt/release")], [os_release(path="opt/release")]),
    "target in a layer below": ([os_release(path="opt/release")], [symlink("etc/os-release", "../opt/release")]),
    "a chain": ([symlink("etc/os-release", "a"), symlink("etc/a", "../opt/b")], [os_release(path="opt/b")]),
    "hard link": ([os_release(path="opt/release"), hardlink("etc/os-release", "opt/release")], []),
    "out of the root": ([symlink("etc/os-release", "../../../../opt/release"), os_release(path="opt/release")], []),
}


@pytest.mark.parametrize("lower, upper", LINKS.values(), ids=LINKS)
def test_os_release_behind_links(limpid, tmp_path, lower, upper):
    image = layout(tmp_path / "i", Layer(status(OPENSSL, ZLIB), *lower), Layer(*upper, file("end")))
    assert limpid.scan(image).image["namespace"] == "debian:12"
    assert limpid.scan(image).ids == WORST_FIRST  # from the cache as well


DATABASES = {
    "hard link before": ([file("opt/db", OPENSSL + ZLIB), hardlink("var/lib/dpkg/status", "opt/db")], []),
    "folder is a link": ([symlink("var/lib/dpkg", "/usr/dpkg"), status(OPENSSL, ZLIB, path="usr/dpkg/status")], []),
    "folder is a link to a layer above": ([symlink("var/lib/dpkg", "../../usr/dpkg")], [status(OPENSSL, ZLIB, path="usr/dpkg/status")]),
    "link to the file": ([symlink("var/lib/dpkg/status", "../../../opt/db"), file("opt/db", OPENSSL + ZLIB)], []),
    "hard link to status-old": ([status(OPENSSL, ZLIB, path="var/lib/dpkg/status-old"), hardlink("var/lib/dpkg/status", "var/lib/dpkg/status-old")], []),
    "status.d": ([file("var/lib/dpkg/status.d/openssl", OPENSSL), file("var/lib/dpkg/status.d/zlib", ZLIB),
                  file("var/lib/dpkg/status.d/zlib.md5sums", "0 x\n")], []),
    "status.d in two layers": ([file("var/lib/dpkg/status.d/openssl", OPENSSL)], [file("var/lib/dpkg/status.d/zlib", ZLIB)]),
    "status.d behind a link": ([symlink("var/lib/dpkg", "/usr/dpkg"), file("usr/dpkg/status.d/o", OPENSSL), file("usr/dpkg/status.d/z", ZLIB)], []),
}


@pytest.mark.parametrize("lower, upper", DATABASES.values(), ids=DATABASES)
def test_database_behind_links(limpid, tmp_path, lower, upper):
    run = limpid.scan(layout(tmp_path / "i", Layer(os_release(), *lower), Layer(*upper, file("end"))))
    assert (run.ids, run.problems, run.status) == (WORST_FIRST, [], 0)


def test_link_loop(limpid, tmp_path):
    image = layout(tmp_path / "i", Layer(os_release(), symlink("var/lib/dpkg", "dpkg2"), symlink("var/lib/dpkg2", "dpkg")))
    run = limpid.inventory(image)
    assert run.status == 3 and any("circle" in p for p in run.problems)


# ---- how a run ends ----

@pytest.mark.parametrize("options, code", [
    ([], 0), (["--exit-code", "9"], 9), (["--fail-on", "High"], 1), (["--fail-on", "High", "--exit-code", "7"], 7),
    (["--fail-on", "Critical"], 0), (["--fail-on", "high", "--severity", "Low"], 0),
    (["--fail-on", "Medium", "--only-fixed"], 1), (["--fail-on", "Negligible", "--severity", "Negligible"], 1)])
def test_exit_codes(limpid, image, options, code):
    assert limpid("scan", *options, image).status == code


@pytest.mark.parametrize("options", [
    [], ["--format", "xml", "dir:/"], ["--severity", "Awful", "dir:/"], ["--severity", "Medium+,Nope", "dir:/"],
    ["--fail-on", "x", "dir:/"], ["--exit-code", "126", "dir:/"], ["--exit-code", "-1", "dir:/"], ["--workers", "0", "dir:/"],
    ["--frobnicate"], ["--format"]])
def test_usage(limpid, options):
    run = limpid("scan", *options)
    assert run.status == 2 and run.stderr.strip().splitlines()[-1].startswith("limpid: ") and run.stdout == ""


def test_unknown_distribution(limpid, tmp_path):
    image = layout(tmp_path / "i", Layer(status(OPENSSL)))
    run = limpid.scan(image)
    assert run.status == 3 and run.image["packages_not_judged"] == 1
    assert run.image["not_judged_because"] == "the image does not tell which distribution it is"
    assert "Not judged: 1 of 1 packages" in limpid("scan", image).stdout
    other = layout(tmp_path / "o", Layer(os_release("ID=plan9\nVERSION_ID=4\n"), status(OPENSSL)))
    run = limpid.scan(other)
    assert run.status == 3 and run.image["not_judged_because"] == "no feed has advisories about plan9:4"


def test_no_feed(alone, image):
    run = alone.scan("--offline", image)
    assert run.status == 3 and run.ids == [] and "no feed has advisories about debian:12" in run.problems[0]
    assert alone.inventory(image).status == 0  # needs no feed


def test_unparsable_version(limpid, tmp_path):
    run = limpid.scan(layout(tmp_path / "i", Layer(os_release(), status(OPENSSL, stanza("odd", "not a version")))))
    assert run.status == 3 and (run.image["packages_judged"], run.image["packages_not_judged"]) == (1, 1)
    assert '"not a version" is not one that dpkg can compare' in run.problems[0] and "CVE-2024-0001" in run.ids


def test_no_image(limpid, tmp_path, image):
    run = limpid("scan", tmp_path / "missing")
    assert (run.status, run.stdout) == (4, "") and "no such file" in run.stderr
    run = limpid.scan(tmp_path / "missing", image)  # the others are scanned all the same
    assert run.status == 4 and run.ids == WORST_FIRST
    assert limpid("scan", "--fail-on", "High", tmp_path / "missing", image).status == 1


# ---- what is shown ----

@pytest.mark.parametrize("options, ids", [
    (["--severity", "Medium"], WORST_FIRST[1:4]), (["-s", "medium+"], WORST_FIRST[:4]),
    (["--severity", "High,Low"], [WORST_FIRST[0], WORST_FIRST[4]]), (["--severity", "Unknown+"], WORST_FIRST),
    (["--only-fixed"], [WORST_FIRST[0], WORST_FIRST[3]]), (["--only-fixed", "-s", "High"], WORST_FIRST[:1])])
def test_filters(limpid, image, options, ids):
    run = limpid.scan(*options, image)
    assert run.ids == ids and run.image["hidden"] == len(WORST_FIRST) - len(ids)


def test_table(limpid, image):
    text = limpid("scan", image).stdout
    assert re.search(r"^High +libssl3 +3.0.11-1~deb12u2 +3.0.11-1~deb12u3 +CVE-2024-0001 +upgrade +1$", text, re.M)
    assert "7 findings: 1 High, 3 Medium, 1 Low, 1 Negligible, 1 Unknown. 2 can be mended by an upgrade.\n" in text
    assert "Judged: 2 of 2 packages, by the feed debian" in text and "Layer 1: 7 findings; base\n" in text
    assert "5 more are hidden by your filters" in limpid("scan", "--only-fixed", image).stdout


def test_stats(limpid, tmp_path, image):
    lines = "High: 1\nMedium: 3\nLow: 1\nNegligible: 1\nUnknown: 1\n"
    assert limpid("scan", "--format", "stats", image).stdout == lines
    clean = layout(tmp_path / "clean", Layer(os_release(), status(stanza("bash", "5"))))
    run = limpid("scan", "-f", "stats", image, clean)
    assert run.stdout == f"oci:{image}\n{lines}\noci:{clean}\n" and run.status == 0


def test_several_images(limpid, tmp_path, image):
    other = layout(tmp_path / "other", Layer(os_release(), status(ZLIB)))
    run = limpid.scan(image, other)
    assert [len(i["findings"]) for i in run.json["images"]] == [7, 1]
    assert [i["reference"] for i in run.json["images"]] == [f"oci:{image}", f"oci:{other}"]


def test_output_file(limpid, tmp_path, image):
    target = tmp_path / "report.json"
    target.write_text("old")
    run = limpid.scan("--output", target, image)
    assert run.stdout == "" and json.loads(target.read_text())["images"][0]["findings"]
    run = limpid.scan("--output", tmp_path / "no" / "folder", image)
    assert run.status == 4 and "no/folder" in run.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home", "image", "report.json", "tracker.json"]


def test_color(limpid, image):
    assert "\033" not in limpid("scan", image).stdout
    assert "\033[31m" in limpid("scan", "--color", "always", image).stdout
    assert "\033" not in limpid("scan", "--color", "never", image).stdout


def test_quiet(limpid, image):
    assert "feed debian" in limpid("scan", image).stderr
    assert limpid("scan", "--quiet", "--fresh", image).stderr == ""
    assert limpid("scan", "--quiet", "dir:/nowhere/at/all").stderr != ""


@pytest.mark.parametrize("name", ["evil\033]0;owned\007", "evil\033[2J", "evil\u202egnp", "evil\x9b2J", "a\rb", "a\x00b", "\udcff\udcfe"])
def test_hostile_names(limpid, tmp_path, name):
    """Escape sequences and marks that turn text around reach neither the terminal nor, raw, the JSON."""
    bad = stanza(name, "3.0.11-1~deb12u2", source="openssl")
    layer = Layer(os_release(f'ID=debian\nVERSION_ID=12\nPRETTY_NAME="{name}"\n'), status(OPENSSL, bad), command=f"RUN {name}".encode("utf-8", "replace").decode())
    image = layout(tmp_path / "i", layer)
    for run in (limpid("scan", image), limpid("inventory", image), limpid("scan", "--format", "json", image)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", run.stdout + run.stderr)
        assert "\udcff" not in run.stdout  # and it is UTF-8
    assert limpid.scan(image).image["namespace"] == "debian:12"


# ---- for programs ----

def test_schema(limpid, alone, tmp_path, image):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    broken = Layer(*BASE)
    broken.blob = broken.blob[:-20]
    plain = tmp_path / "rootfs"
    (plain / "etc").mkdir(parents=True)
    (plain / "etc/os-release").write_text("ID=debian\nVERSION_ID=8\n")
    for source in (image, layout(tmp_path / "broken", broken, Layer(*BASE)), plain, layout(tmp_path / "none", Layer())):
        for run in (limpid.scan(source), limpid.inventory(source), alone.scan("--offline", "--db", tmp_path / "empty.db", source)):
            jsonschema.validate(run.json, SCHEMA, format_checker=jsonschema.FormatChecker())


def test_every_field_is_described():
    def fields(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert node["additionalProperties"] is False and set(node["required"]) == set(node["properties"])
                for name, field in node["properties"].items():
                    assert "$ref" in field or field.get("description"), name
            for child in node.values():
                fields(child)
    fields(SCHEMA)


def without_times(run):
    return re.sub(r'"(fetched|published)": "[^"]*"', "", run.stdout)


def test_same_every_time(limpid, tmp_path, image):
    """The first run, one from the cache, one that reads all again, with one worker or four."""
    entries = [file(f"var/lib/dpkg/status.d/p{i}", stanza(f"p{i % 50}", f"{i}", source="openssl")) for i in range(100)]
    for source in (image, layout(tmp_path / "many", Layer(os_release(), *entries), Layer(status(OPENSSL, ZLIB)), Layer(file("x")))):
        first = limpid.scan(source)
        for options in ([], ["--fresh"], ["--fresh", "-j", "1"], ["--fresh", "-j", "4"], ["--offline"]):
            again = limpid.scan(*options, source)
            assert (without_times(again), again.status) == (without_times(first), first.status)


def test_cache_spares_reading(limpid, image):
    """What is known is not read again: the blobs may be gone."""
    first = limpid.scan(image)
    for blob in (image / "blobs/sha256").iterdir():
        if not blob.read_bytes().startswith(b"{"):
            blob.unlink()
    assert without_times(limpid.scan(image)) == without_times(first)
    run = limpid.scan("--fresh", image)
    assert run.status == 3 and len(run.problems) == 2
