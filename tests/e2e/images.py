"""Builders of layers and images, from plain Python: what a test scans, it can say in a few lines."""
import bz2
import gzip
import hashlib
import io
import json
import lzma
import subprocess
import tarfile

OCI = "application/vnd.oci.image."
OS_RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'
STATUS = "var/lib/dpkg/status"


def stanza(name, version, source=None, arch="amd64", status="install ok installed", more=""):
    """One package of dpkg's database."""
    lines = [f"Package: {name}", f"Status: {status}", f"Architecture: {arch}"]
    if source:
        lines.append(f"Source: {source}")
    return "\n".join(lines + [f"Version: {version}"]) + "\n" + more + "\n"


def file(path, content=""):
    return (path, "file", content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content)


def folder(path):
    return (path, "folder", None)


def symlink(path, target):
    return (path, "symlink", target)


def hardlink(path, target):
    return (path, "hardlink", target)


def whiteout(path):
    head, _, name = path.rpartition("/")
    return file(f"{head}/.wh.{name}" if head else f".wh.{name}")


def opaque(path):
    return file(f"{path}/.wh..wh..opq" if path else ".wh..wh..opq")


def os_release(text=OS_RELEASE, path="etc/os-release"):
    return file(path, text)


def status(*stanzas, path=STATUS):
    return file(path, "".join(stanzas))


def tar(*entries, dialect=tarfile.PAX_FORMAT):
    """The bytes of a tar with these entries."""
    types = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=dialect) as archive:
        for path, kind, what in entries:
            info = tarfile.TarInfo(path)
            info.type = types[kind]
            info.mode = 0o755 if kind == "folder" else 0o644
            if kind == "file":
                info.size = len(what)
            elif kind != "folder":
                info.linkname = what
            archive.addfile(info, io.BytesIO(what) if kind == "file" else None)
    return out.getvalue()


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def gzip_members(data):
    """Several gzip members one after the other, as pigz and estargz write them."""
    step = max(1, len(data) // 3)
    return b"".join(gzip.compress(data[i:i + step], mtime=0) for i in range(0, len(data), step))


PACK = {
    "plain": lambda data: data,
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "members": gzip_members,
    "zstd": zstd,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Layer:
    """A layer: its tar, and its blob as it is stored. Each can be lied about."""

    def __init__(self, *entries, pack="gzip", dialect=tarfile.PAX_FORMAT, data=None, command="", media_type=None):
        self.tar = tar(*entries, dialect=dialect) if data is None else data
        self.blob = PACK[pack](self.tar)
        self.command = command
        self.digest = digest(self.blob)
        self.diff_id = digest(self.tar)
        self.size = len(self.blob)
        suffix = {"gzip": "+gzip", "members": "+gzip", "zstd": "+zstd"}.get(pack, "")
        self.media_type = media_type or OCI + "layer.v1.tar" + suffix


def config_of(layers, arch="amd64"):
    history = [{"created_by": layer.command} for layer in layers]
    return json.dumps({"architecture": arch, "os": "linux", "config": {}, "history": history,
                       "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]}}).encode()


def descriptor(data, kind, **more):
    return {"mediaType": OCI + kind, "digest": digest(data), "size": len(data), **more}


def blobs_of(layers, arch="amd64"):
    """(blobs by digest, manifest's bytes) of one image."""
    config = config_of(layers, arch)
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": descriptor(config, "config.v1+json"),
        "layers": [{"mediaType": x.media_type, "digest": x.digest, "size": x.size} for x in layers]}).encode()
    blobs = {digest(config): config, digest(manifest): manifest}
    blobs.update({x.digest: x.blob for x in layers})
    return blobs, manifest


def layout_files(images):
    """The files of a layout: {path: bytes}. images: a list of (reference or None, layers, architecture)."""
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}
    entries = []
    for reference, layers, arch in images:
        blobs, manifest = blobs_of(layers, arch)
        more = {"annotations": {"org.opencontainers.image.ref.name": reference}} if reference else {}
        entries.append(descriptor(manifest, "manifest.v1+json", platform={"os": "linux", "architecture": arch}, **more))
        files.update({f"blobs/sha256/{name[7:]}": data for name, data in blobs.items()})
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": entries}).encode()
    return files


def layout(where, *layers, reference="latest", arch="amd64", images=None):
    """Writes an OCI layout into the folder and gives its path."""
    for path, data in layout_files(images or [(reference, layers, arch)]).items():
        target = where / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return where


def blob_path(where, layer):
    return where / "blobs" / "sha256" / layer.digest[7:]


def archive(path, files, pack="plain"):
    """A tar file with these files, in this order."""
    path.write_bytes(PACK[pack](tar(*[file(name, data) for name, data in files.items()])))
    return path


def saved_old(layers, tag="app:1"):
    """docker save before 25: a folder a layer, plain tars."""
    config = config_of(layers)
    name = hashlib.sha256(config).hexdigest() + ".json"
    files, paths = {}, []
    for i, layer in enumerate(layers):
        where = f"{i:064x}"
        files[f"{where}/VERSION"] = b"1.0"
        files[f"{where}/layer.tar"] = layer.tar
        paths.append(f"{where}/layer.tar")
    files[name] = config
    files["manifest.json"] = json.dumps([{"Config": name, "RepoTags": [tag], "Layers": paths}]).encode()
    return files


def saved_new(layers, tag="app:1"):
    """docker save of today: a layout with a manifest.json beside."""
    files = layout_files([(tag.split(":")[1], layers, "amd64")])
    config = "blobs/sha256/" + digest(config_of(layers))[7:]
    paths = ["blobs/sha256/" + layer.digest[7:] for layer in layers]
    files["manifest.json"] = json.dumps([{"Config": config, "RepoTags": [tag], "Layers": paths}]).encode()
    return files
