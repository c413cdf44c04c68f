"""Alarms: what is wrong now (conditions.py), incidents with a beginning and an end (incidents.py), and people who are
told (telling.py)."""
