"""`make bench`: what a frame costs, side by side in one run. Real server processes, real sockets, real-time pace.

load.py      the sender: a process on the other core          frames.py  what it sends, encoded beforehand
sending.py   starts it and hears how far it is                progress.py  says on stderr what is being done
servers.py   the paths that are compared                      bare.py    those of them that store nothing
processes.py CPU time and memory of processes, from /proc     database.py  how far the archiver is
node/        Node.js, to compare with                          tables.py  Markdown, and what is said of a goal
speed.py     CPU per frame of one path                        memory.py  bytes per socket, and of the archiver
flat.py      frames a second, flat out                        lanes.py   calls with several speakers
latency.py   how soon a frame is safe; the soak               probe.py   looks at the spool's files for it
giving.py    exports and playback
parts.py     what a run consists of                           report.py  tables, verdicts and var/bench.json
"""
