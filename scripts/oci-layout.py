#!/usr/bin/python3
"""Writes images as OCI layouts, from root directories as they stand at several moments.

  oci-layout.py index ROOT FILE                     remembers what ROOT holds
  oci-layout.py layer ROOT OUT.tar [--since FILE]   all of ROOT, or what changed since, with whiteouts for what went
  oci-layout.py image DIR REFERENCE LAYER.tar=CREATED_BY…
                                                    adds an image of these layers (lowest first) to the layout DIR

https://github.com/opencontainers/image-spec: image-layout.md, layer.md, config.md
"""
import argparse
import gzip
import hashlib
import json
import os
import stat
import sys
import tarfile

WITHOUT = {"dev", "proc", "sys", "run", "tmp", "var/lib/apt/lists", "var/cache/apt", "var/cache/ldconfig",
           "var/log/apt", "etc/resolv.conf", "etc/hostname", "var/lib/dpkg/status-old"}
MEDIA = "application/vnd.oci.image."
CREATED = "2024-01-01T00:00:00Z"


def entries(root):
    """Yields (path without leading slash, lstat), parents first, in a stable order. Of WITHOUT only the directory itself."""
    def walk(directory, prefix):
        for name in sorted(os.listdir(directory)):
            path, full = prefix + name, os.path.join(directory, name)
            status = os.lstat(full)
            is_dir = stat.S_ISDIR(status.st_mode)
            if path in WITHOUT and not is_dir:
                continue
            yield path, status
            if is_dir and path not in WITHOUT:
                yield from walk(full, path + "/")
    yield from walk(root, "")


def identity(root, path, status):
    target = os.readlink(os.path.join(root, path)) if stat.S_ISLNK(status.st_mode) else ""
    is_dir = stat.S_ISDIR(status.st_mode)
    return [status.st_mode, status.st_uid, status.st_gid, 0 if is_dir else status.st_size,
            0 if is_dir else status.st_mtime_ns, target]


def write_index(root, out):
    known = {path: identity(root, path, status) for path, status in entries(root)}
    with open(out, "w", encoding="utf-8", errors="surrogateescape") as f:
        json.dump(known, f)


def tar_entry(root, path, status, links):
    info = tarfile.TarInfo(path)
    info.mode, info.uid, info.gid = stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid
    info.mtime = int(status.st_mtime)
    if stat.S_ISDIR(status.st_mode):
        info.type = tarfile.DIRTYPE
    elif stat.S_ISLNK(status.st_mode):
        info.type, info.linkname = tarfile.SYMTYPE, os.readlink(os.path.join(root, path))
    elif stat.S_ISREG(status.st_mode):
        first = links.setdefault((status.st_dev, status.st_ino), path) if status.st_nlink > 1 else path
        if first == path:
            info.size = status.st_size
        else:
            info.type, info.linkname = tarfile.LNKTYPE, first
    else:
        return None
    return info


def write_layer(root, out, since):
    known = {}
    if since:
        with open(since, encoding="utf-8", errors="surrogateescape") as f:
            known = json.load(f)
    links, seen = {}, set()
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        for path, status in entries(root):
            seen.add(path)
            if known.get(path) == identity(root, path, status):
                continue
            info = tar_entry(root, path, status, links)
            if info is None:
                continue
            if info.isreg():
                with open(os.path.join(root, path), "rb") as f:
                    tar.addfile(info, f)
            else:
                tar.addfile(info)
        gone = set(known) - seen
        for path in sorted(gone):
            parent, _, name = path.rpartition("/")
            if parent in gone:
                continue
            tar.addfile(tarfile.TarInfo((parent + "/" if parent else "") + ".wh." + name))


def sha256_file(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while piece := f.read(1 << 20):
            digest.update(piece)
    return "sha256:" + digest.hexdigest()


def put_blob(layout, data):
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(layout, "blobs/sha256", digest), "wb") as f:
        f.write(data)
    return {"digest": "sha256:" + digest, "size": len(data)}


def put_layer(layout, tar):
    packed = os.path.join(layout, "blobs/sha256", ".new")
    with open(tar, "rb") as source, open(packed, "wb") as raw:
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as out:
            while piece := source.read(1 << 20):
                out.write(piece)
    digest = sha256_file(packed)
    size = os.path.getsize(packed)
    os.rename(packed, os.path.join(layout, "blobs", digest.replace(":", "/")))
    return {"mediaType": MEDIA + "layer.v1.tar+gzip", "digest": digest, "size": size}


def machine():
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)


def write_image(layout, reference, layers):
    os.makedirs(os.path.join(layout, "blobs/sha256"), exist_ok=True)
    tars = [layer.partition("=")[::2] for layer in layers]
    config = {
        "created": CREATED, "architecture": machine(), "os": "linux", "config": {"Cmd": ["bash"]},
        "rootfs": {"type": "layers", "diff_ids": [sha256_file(tar) for tar, _ in tars]},
        "history": [{"created": CREATED, "created_by": text} for _, text in tars]
        + [{"created": CREATED, "created_by": 'CMD ["bash"]', "empty_layer": True}],
    }
    manifest = {
        "schemaVersion": 2, "mediaType": MEDIA + "manifest.v1+json",
        "config": {"mediaType": MEDIA + "config.v1+json", **put_blob(layout, json.dumps(config).encode())},
        "layers": [put_layer(layout, tar) for tar, _ in tars],
    }
    entry = {"mediaType": MEDIA + "manifest.v1+json", **put_blob(layout, json.dumps(manifest).encode()),
             "annotations": {"org.opencontainers.image.ref.name": reference}}
    index = {"schemaVersion": 2, "mediaType": MEDIA + "index.v1+json", "manifests": []}
    path = os.path.join(layout, "index.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            index = json.load(f)
    index["manifests"] = [m for m in index["manifests"] if m.get("annotations") != entry["annotations"]] + [entry]
    with open(path, "w", encoding="utf-8") as f:
        json.dump(index, f, indent=1)
    with open(os.path.join(layout, "oci-layout"), "w", encoding="utf-8") as f:
        f.write('{"imageLayoutVersion": "1.0.0"}')


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    index = commands.add_parser("index")
    index.add_argument("root")
    index.add_argument("out")
    layer = commands.add_parser("layer")
    layer.add_argument("root")
    layer.add_argument("out")
    layer.add_argument("--since")
    image = commands.add_parser("image")
    image.add_argument("layout")
    image.add_argument("reference")
    image.add_argument("layers", nargs="+")
    args = parser.parse_args()
    if args.command == "index":
        write_index(args.root, args.out)
    elif args.command == "layer":
        write_layer(args.root, args.out, args.since)
    else:
        write_image(args.layout, args.reference, args.layers)


if __name__ == "__main__":
    sys.exit(main())
