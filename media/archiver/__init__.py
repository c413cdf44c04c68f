"""From spool rows to chunks, rows and states. The only writer of sessions, connections, participants, chunks and
gaps."""
