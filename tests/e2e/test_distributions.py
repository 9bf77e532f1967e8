"""Distributions from their release file and package database to the report, each with a feed of its own form."""
import gzip
import json

from images import Layer, file, layout, os_release, stanza, status, zstd
from rpm_root import rpm_root

SLES = 'NAME="SLES"\nVERSION="15-SP6"\nVERSION_ID="15.6"\nPRETTY_NAME="SUSE Linux Enterprise Server 15 SP6"\nID="sles"\n'
OPENEULER = 'NAME="openEuler"\nVERSION="22.03 (LTS-SP3)"\nID="openEuler"\nVERSION_ID="22.03"\nPRETTY_NAME="openEuler 22.03 (LTS-SP3)"\n'
EVERYTHING = {"LIMPID_FEEDS": ""}


def oval(*definitions):
    """Definitions of (id, product, package, fixed version or None)."""
    head, rest = "", ""
    for n, (cve, product, package, fixed) in enumerate(definitions):
        evr = f'<evr operation="less than">0:{fixed}</evr>' if fixed else '<evr operation="greater than">0:0-0</evr>'
        head += (f'<definition class="vulnerability"><title>{cve}</title><reference ref_id="Mitre {cve}"/><advisory><severity>Important'
                 f'</severity></advisory><criteria operator="AND"><criterion test_ref="a:0" comment="{product} is installed"/>'
                 f'<criteria operator="OR"><criterion test_ref="a:{n + 1}" comment="{package}-1 is installed"/></criteria></criteria></definition>')
        rest += (f'<rpminfo_test id="a:{n + 1}"><object object_ref="a:{n + 1}"/><state state_ref="a:{n + 1}"/></rpminfo_test>'
                 f'<rpminfo_object id="a:{n + 1}"><name>{package}</name></rpminfo_object><rpminfo_state id="a:{n + 1}">{evr}</rpminfo_state>')
    return f"<oval_definitions><definitions>{head}</definitions>{rest}</oval_definitions>"


def test_suse(alone, tmp_path):
    """A folder of the documents that the publisher has, packed or not; another service pack says nothing of this one."""
    folder = tmp_path / "oval"
    folder.mkdir()
    (folder / "suse.linux.enterprise.15-sp6-affected.xml").write_text(oval(
        ("CVE-1", "SUSE Linux Enterprise Module for Basesystem 15 SP6", "libz1", "1.2.13-150500.4.4"),
        ("CVE-2", "SUSE Linux Enterprise Server 15 SP6-LTSS", "libz1", "1.2.13-150500.4.9"),
        ("CVE-3", "SUSE Linux Enterprise Server 15 SP6", "libz1", None),
        ("CVE-4", "SUSE Linux Enterprise Server 15 SP6", "libz1", "1.2.13-150500.4.3")))
    (folder / "suse.linux.enterprise.15-sp7-affected.xml.gz").write_bytes(gzip.compress(oval(
        ("CVE-5", "SUSE Linux Enterprise Server 15 SP7", "libz1", "1.3-1")).encode()))
    image = rpm_root(tmp_path, SLES, {"name": "libz1", "source": "zlib", "version": "1.2.13", "release": "150500.4.3",
                                      "vendor": "SUSE LLC <https://www.suse.com/>"},
                     {"name": "libminizip1", "source": "zlib", "version": "1.2.13", "release": "150500.4.3", "vendor": "SUSE LLC"})
    run = alone.scan("--feed-url", f"suse=file://{folder}", image, env=EVERYTHING)
    assert run.image["namespace"] == "sles:15.6" and [f["name"] for f in run.image["feeds"]] == ["suse"]
    assert (run.image["packages_foreign"], run.image["foreign_from"]) == (0, None)
    assert {f["package"]["name"] for f in run.image["findings"]} == {"libz1"}  # not its sister, which the feed does not name
    assert {(f["id"], f["status"], f.get("fixed_version"), f.get("fix_needs_subscription", False)) for f in run.image["findings"]} == {
        ("CVE-1", "fixed", "1.2.13-150500.4.4", False), ("CVE-2", "fixed", "1.2.13-150500.4.9", True), ("CVE-3", "affected", None, False)}


def cvrf(cve, release, source):
    cpe = f"cpe:/a:openEuler:openEuler:{release}"
    return (f'<cvrfdoc><ProductTree><Branch Type="Product Name" Name="openEuler"><FullProductName ProductID="openEuler-{release}" CPE="{cpe}"/>'
            f'</Branch><Branch Type="Package Arch" Name="src"><FullProductName ProductID="x" CPE="{cpe}">{source}.src.rpm</FullProductName>'
            f'</Branch></ProductTree><Vulnerability><CVE>{cve}</CVE><Status Type="Fixed"><ProductID>openEuler-{release}</ProductID></Status>'
            f'<Threat Type="Impact"><Description>High</Description></Threat></Vulnerability></cvrfdoc>')


def openeuler_folder(tmp_path):
    folder = tmp_path / "cvrf"
    (folder / "2024").mkdir(parents=True)
    (folder / "index.txt").write_text("2024/a.xml\r\n2024/b.xml\n2024/gone.xml\n")
    (folder / "2024/a.xml").write_text(cvrf("CVE-1", "22.03-LTS-SP3", "openssl-1.1.1wa-6.oe2203sp3"))
    (folder / "2024/b.xml").write_text(cvrf("CVE-2", "22.03-LTS-SP4", "openssl-1.1.1wa-9.oe2203sp4"))
    return folder


def test_openeuler(alone, tmp_path):
    """Names of source packages; the errata have no epochs, the packages have."""
    image = rpm_root(tmp_path, OPENEULER, {"name": "openssl-libs", "source": "openssl", "epoch": 1, "version": "1.1.1wa", "release": "5.oe2203sp3"})
    folder = openeuler_folder(tmp_path)
    run = alone.scan("--feed-url", f"openeuler=file://{folder}", image, env=EVERYTHING)
    assert run.image["namespace"] == "openeuler:22.03-LTS-SP3"
    (finding,) = run.image["findings"]
    assert (finding["id"], finding["severity"], finding["fixed_version"]) == ("CVE-1", "High", "1.1.1wa-6.oe2203sp3")


def test_foreign_packages(limpid, tmp_path):
    """Those of other repositories are judged by the distribution's feed, and told in every report."""
    image = layout(tmp_path / "i", Layer(os_release(), status(
        stanza("docker-ce", "5:24.0.7-1~debian.12~bookworm", more="Maintainer: Docker <support@docker.com>\n"),
        stanza("libssl3", "3.0.11-1~deb12u2", "openssl", more="Maintainer: Somebody <x@gmail.com>\n"),
        stanza("nginx", "1.25.3-1~bookworm"))))
    run = limpid.scan(image)
    assert (run.image["packages_foreign"], run.image["foreign_from"]) == (2, "Docker, nginx")
    assert run.image["packages_judged"] == 3 and run.problems == [] and run.status == 0
    assert "Foreign: 2 of 3 packages are not the distribution's (Docker, nginx)" in limpid("scan", image).stdout
    assert "Foreign:" in limpid("scan", "--format", "html", image).stdout


def test_foreign_rpm(alone, tmp_path):
    folder = openeuler_folder(tmp_path)
    image = rpm_root(tmp_path, OPENEULER, {"name": "docker-ce", "version": "3", "release": "1.el9", "vendor": "Docker"})
    run = alone.scan("--feed-url", f"openeuler=file://{folder}", image, env=EVERYTHING)
    assert (run.image["packages_foreign"], run.image["foreign_from"]) == (1, "Docker")


def test_upgraded_in_a_layer_above(limpid, tmp_path):
    """The release and the packages of the uppermost layer count."""
    old = 'ID=debian\nVERSION_ID="11"\nVERSION_CODENAME=bullseye\n'
    below = Layer(os_release(old), status(stanza("libssl1.1", "1.1.1w-0+deb11u1", "openssl"), stanza("zlib1g", "1:1.2.11.dfsg-2")))
    run = limpid.scan(layout(tmp_path / "i", below, Layer(os_release(), status(stanza("libssl3", "3.0.11-1~deb12u2", "openssl")))))
    assert run.image["namespace"] == "debian:12"
    assert {f["package"]["name"] for f in run.image["findings"]} == {"libssl3"} and "CVE-2024-0001" in run.ids


def test_newer_repositories(limpid, tmp_path):
    """Packages come from where apk gets them: a release file that is older is behind."""
    image = layout(tmp_path / "i", Layer(
        file("etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\n"), file("lib/apk/db/installed", "P:musl\nV:1.2.5-r0\nA:x86_64\n\n"),
        file("etc/apk/repositories", "https://dl-cdn.alpinelinux.org/alpine/v3.20/main\n")))
    assert limpid.inventory(image).image["namespace"] == "alpine:v3.20"


def test_azure_distroless(alone, tmp_path):
    """A list in place of a database; source packages are judged."""
    line = "\t".join(["openssl-libs", "3.3.0-1.azl3", "1", "2", "Microsoft Corporation", "(none)", "9", "x86_64", "0", "openssl-3.3.0-1.azl3.src.rpm"])
    image = layout(tmp_path / "i", Layer(
        file("etc/os-release", "ID=azurelinux\nVERSION_ID=3.0\n"), file("var/lib/rpmmanifest/container-manifest-2", line + "\n")))
    document = tmp_path / "azure.xml"
    document.write_text(oval(("CVE-1", "x", "openssl", "3.3.0-2.azl3"), ("CVE-2", "x", "openssl", "3.3.0-1.azl3")).replace(
        '<criterion test_ref="a:0" comment="x is installed"/>', "").replace("-1 is installed", " is earlier"))
    run = alone.scan("--feed-url", f"azure=file://{document}", image, env=EVERYTHING)
    assert run.image["namespace"] == "azurelinux:3.0" and run.ids == ["CVE-1"] and run.problems == []


def test_release_without_data(alone, tmp_path):
    """A release that the feed does not know yet: not supported, not clean, but unjudged."""
    folder = tmp_path / "secdb"
    (folder / "v3.20").mkdir(parents=True)
    (folder / "v3.20/main.json").write_text(json.dumps(
        {"distroversion": "v3.20", "packages": [{"pkg": {"name": "musl", "secfixes": {"1-r1": ["CVE-1"]}}}]}))
    image = layout(tmp_path / "i", Layer(file("etc/os-release", "ID=alpine\nVERSION_ID=3.99.0\n"),
                                         file("lib/apk/db/installed", "P:musl\nV:1-r0\nA:x86_64\n\n")))
    run = alone.scan("--feed-url", f"alpine=file://{folder}", image, env=EVERYTHING)
    assert run.status == 3 and run.image["not_judged_because"] == "no feed has advisories about alpine:v3.99"
    assert run.image["end_of_life"] is None


def test_chisel(alone, tmp_path):
    """D21: packages whose name is their source's are judged; that the others cannot be is told."""
    lines = [{"jsonwall": "1.0", "schema": "1.0", "count": 3}, *({"kind": "package", "name": n, "version": "1.0-1", "arch": "amd64"} for n in ("openssl", "libc6"))]
    root = tmp_path / "root"
    (root / "var/lib/chisel").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text("ID=ubuntu\nVERSION_ID=24.04\n")
    (root / "var/lib/chisel/manifest.wall").write_bytes(zstd("".join(json.dumps(line) + "\n" for line in lines).encode()))
    affected = [{"package": {"ecosystem": "Ubuntu:24.04:LTS", "name": n}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0-1"}]}]}
                for n in ("openssl", "glibc")]
    (tmp_path / "ubuntu.json").write_text(json.dumps({"id": "UBUNTU-CVE-2024-1", "upstream": ["CVE-2024-1"], "affected": affected}))
    run = alone.scan("--feed-url", f"ubuntu=file://{tmp_path}/ubuntu.json", f"dir:{root}", env={"LIMPID_FEEDS": ""})
    assert [(f["id"], f["package"]["name"]) for f in run.image["findings"]] == [("CVE-2024-1", "openssl")]
    assert run.status == 3 and "flaws of packages whose source has another name are not seen" in run.image["problems"][0]["text"]


def test_opkg(alone, tmp_path):
    """D20: listed, and told as not judged."""
    root = tmp_path / "root"
    (root / "usr/lib/opkg").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text('ID="openwrt"\nVERSION_ID="23.05.5"\n')
    (root / "usr/lib/opkg/status").write_text("Package: libc\nVersion: 1.2.4-4\nStatus: install user installed\nArchitecture: x86_64\n\n")
    run = alone.scan("--offline", f"dir:{root}", env={"LIMPID_FEEDS": ""})
    assert run.status == 3 and run.image["packages_not_judged"] == 1 and "no feed has advisories about openwrt:23.05.5" in run.image["not_judged_because"]
    (package,) = alone.inventory(f"dir:{root}").image["packages"]
    assert package["purl"] == "pkg:opkg/openwrt/libc@1.2.4-4?arch=x86_64&distro=openwrt-23.05.5"
