"""How the processes and the disks stand: what each counts, what it tells the others, and /metrics."""
