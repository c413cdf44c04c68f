"""On which kind of file system a folder lies, from the text of Linux's /proc/self/mountinfo. Pure."""

import re
from pathlib import PurePosixPath

NETWORK = re.compile(r"nfs\d?|cifs|smb\w*|9p|fuse.*|afs|ceph|glusterfs|lustre")
OVERLAY = re.compile(r"overlay|aufs")
_OCTAL = re.compile(r"\\([0-7]{3})")


def filesystem_of(folder: PurePosixPath, mountinfo: str) -> str:
    """The type ("ext4", "nfs4", "overlay", …) of the mount that holds `folder`, an absolute path without symbolic
    links; "" where the text names none."""
    found, depth = "", -1
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        words, kind = before.split(" "), after.split(" ")[0]
        if len(words) < 5:
            continue
        mount = PurePosixPath(_OCTAL.sub(lambda match: chr(int(match[1], 8)), words[4]))
        # Of several mounts at one place the last one covers the others.
        if folder.is_relative_to(mount) and len(mount.parts) >= depth:
            found, depth = kind, len(mount.parts)
    return found


def is_network(kind: str) -> bool:
    """Whether SQLite's WAL cannot work on it: the other side does not share our memory."""
    return bool(NETWORK.fullmatch(kind))


def is_overlay(kind: str) -> bool:
    """Whether it is a container's own layer, gone with the container."""
    return bool(OVERLAY.fullmatch(kind))
