"""What can be done with calls, and what follows from what happens to them. Commands ask ACS; only happenings, written
down in the ledger, change a call's state."""
