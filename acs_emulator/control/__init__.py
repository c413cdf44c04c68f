"""What people do to the emulator while it runs: a page, and the small JSON API behind it. No part of Azure."""
