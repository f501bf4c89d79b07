"""A file that is there whole or not at all: who reads meanwhile has the old one."""

import os
import tempfile
from pathlib import Path


def put_in_place(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file in one step. Raises OSError, with nothing left beside; what a killed process leaves beside it is
    called as the file is, with a dot and more behind.
    """
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # of mode 0600
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        beside.chmod(mode)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def stamp_of(path: Path) -> tuple[int, ...]:
    """What differs once another file was put in its place: inode, time of change in ns, bytes. OSError where there is
    none.
    """
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
