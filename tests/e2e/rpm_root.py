"""Root file systems with packages that the real rpm built and installed."""
import shutil
import subprocess

import pytest

SPEC = """Name: {source}
{epoch}Version: {version}
Release: {release}
Summary: s
License: MIT
Vendor: {vendor}
BuildArch: noarch
%description
d
%package -n {name}
Summary: s
%description -n {name}
d
%files -n {name}
"""


def rpm_root(tmp_path, os_release, *packages):
    """`packages` are dicts with name, version, release, and perhaps source, epoch and vendor."""
    if not shutil.which("rpmbuild"):
        pytest.skip("needs rpmbuild")
    root = tmp_path / "root"
    (root / "var/lib/rpm").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text(os_release)
    for p in packages:
        spec = tmp_path / f"{p['name']}.spec"
        epoch = f"Epoch: {p['epoch']}\n" if "epoch" in p else ""
        values = {"source": p["name"] + "-src", "vendor": "Nobody", **p, "epoch": epoch}
        spec.write_text(SPEC.format(**values))
        subprocess.run(["rpmbuild", "--quiet", "-bb", "--define", f"_topdir {tmp_path}/b", str(spec)], check=True, capture_output=True)
    built = [str(p) for p in (tmp_path / "b/RPMS").rglob("*.rpm")]
    installed = subprocess.run(["rpm", "--root", str(root), "--dbpath", "/var/lib/rpm", "-i", "--nodeps", "--noscripts",
                                "--ignoreos", "--ignorearch", "--justdb", *built], check=False, capture_output=True)
    if installed.returncode:
        pytest.skip(f"rpm cannot install here: {installed.stderr.decode()[-200:]}")
    return f"dir:{root}"
