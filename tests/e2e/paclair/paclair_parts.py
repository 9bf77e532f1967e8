"""An image, PAClair's names of its layers, and what the server finds in it."""
import hashlib

from images import Layer, file, os_release, stanza, status
from stand_in_clair import feature, vulnerability

LAYERS = [Layer(os_release(), status(stanza("libssl3", "3.0.11-1~deb12u2", source="openssl")), command="base"),
          Layer(file("app", "hello"), command="app"), Layer(file("end", "bye"), command="end")]


def short(*layers):
    return hashlib.sha256("".join(x.digest for x in layers).encode()).hexdigest()[:12]


def names_of(layers):
    """PAClair's names of an image's layers."""
    return [f"{x.digest}_{short(*layers)}" for x in layers]


FEATURES = [
    feature("openssl", "3.0.11-1", vulnerability("CVE-2024-1", "High", "3.0.11-2", "A <bad> thing: é", "https://x/1",
                                                 "AV:N/AC:L/Au:N/C:P/I:P", 7.5),
            vulnerability("CVE-2024-2", "Medium"), vulnerability("CVE-2024-3", "Medium", "3.0.12")),
    feature("zlib", "1:1.2.13", vulnerability("CVE-2024-1", "Medium", "1:1.3"), layer=1),
    feature("bash", "5.2", layer=2),
]
