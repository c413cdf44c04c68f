"""What can be done with calls, and what follows from what happens to them. Commands ask ACS; only triggers, written
down in the event log, change a call's state."""
