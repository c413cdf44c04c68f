"""The way in: ACS's media sockets, who may stream, and what they receive until the spool has it. No ORM here."""
