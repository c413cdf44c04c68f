"""The way in: ACS's media sockets, who may stream, and what comes until the spool has it. The path of frames
(consumers, ingest, intake, pulling) touches no database."""
