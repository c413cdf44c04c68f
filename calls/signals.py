"""What others may hear of calls. Sent after the commit, from whatever thread it was made in; receivers must be quick
and may fail without harm to the call."""

from django.dispatch import Signal

call_changed = Signal()
"""`call`: its row as it now stands; `created`: whether it is new."""

participants_changed = Signal()
"""`call`: who is in it, or what they are called, has changed."""

incoming_changed = Signal()
"""`incoming`: the IncomingCall row as it now stands."""

people_changed = Signal()
"""`raw_ids`: those whose name in the address book changed."""
