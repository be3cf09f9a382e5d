#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of container images are opened wherever an image lies: blobs without an extension, layers in archives.

    test_oci.py ASSAY

Layouts after https://github.com/opencontainers/image-spec/blob/main/image-layout.md and as `docker save` writes them.
"""
import gzip
import hashlib
import io
import json
import pathlib
import sqlite3
import subprocess
import sys
import tarfile
import tempfile


def archive(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def blob(files, data, media):
    digest = hashlib.sha256(data).hexdigest()
    files[f"blobs/sha256/{digest}"] = data
    return {"mediaType": f"application/vnd.oci.image.{media}", "digest": f"sha256:{digest}", "size": len(data)}


LAYER = archive({"etc/passwd": b"root:x:0:0::/root:/bin/sh\n", "etc/.wh.shadow": b""})


def layout(pack):
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}
    layers = [blob(files, gzip.compress(LAYER), "layer.v1.tar+gzip"), blob(files, LAYER, "layer.v1.tar")]
    if pack:
        layers.append(blob(files, pack(LAYER), "layer.v1.tar+zstd"))
    config = blob(files, b'{"architecture": "arm64", "os": "linux"}', "config.v1+json")
    manifest = blob(files, json.dumps({"schemaVersion": 2, "config": config, "layers": layers}).encode(), "manifest.v1+json")
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [manifest]}).encode()
    return archive(files), len(layers)


def docker():
    return archive({"abc/layer.tar": LAYER, "abc/VERSION": b"1.0", "config.json": b"{}",
                    "manifest.json": b'[{"Config": "config.json", "Layers": ["abc/layer.tar"]}]'}), 1


def count(assay, folder, image):
    """How many times the layer's file was found."""
    (folder / "image").write_bytes(image)
    (folder / "case").unlink(missing_ok=True)
    p = subprocess.run([assay, str(folder / "image"), "-o", str(folder / "case"), "-q"], capture_output=True, timeout=100)
    if p.returncode > 2:
        sys.exit(f"test_oci.py: assay ended with {p.returncode}: {p.stderr.decode()}")
    case = sqlite3.connect(folder / "case")
    n, = case.execute("select count(*) from blob where path = '/etc/passwd' and kind = 'file' and size = 26").fetchone()
    damage = case.execute("select * from damage").fetchall()
    case.close()
    if damage:
        sys.exit(f"test_oci.py: damage: {damage}")
    return n


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def main():
    assay = sys.argv[1]
    try:
        zstd(b"")
        pack = zstd
    except FileNotFoundError:
        print("skipped: zstd is not installed")
        pack = None
    with tempfile.TemporaryDirectory(prefix="assay-test-") as folder:
        for image, layers in (layout(pack), docker()):
            for packed in (image, gzip.compress(image)):
                found = count(assay, pathlib.Path(folder), packed)
                if found != layers:
                    sys.exit(f"test_oci.py: of {layers} layers {found} were opened")


main()
