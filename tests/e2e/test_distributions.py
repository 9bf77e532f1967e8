"""Distributions from their release file and package database to the report, each with a feed of its own form."""
import gzip

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
    image = rpm_root(tmp_path, SLES, {"name": "libz1", "source": "zlib", "version": "1.2.13", "release": "150500.4.3"})
    run = alone.scan("--feed-url", f"suse=file://{folder}", image, env=EVERYTHING)
    assert run.image["namespace"] == "sles:15.6" and [f["name"] for f in run.image["feeds"]] == ["suse"]
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
