"""Which tests run in one process where there are several (`make test`), and which begin first. Files, not marks: who
hands out the tests has not read them."""

from xdist.scheduler import LoadScopeScheduling

# Need much of the machine, or measure time: one after the other, in one process.
HUNGRY = (
    "tests/story/test_stories.py",
    "tests/faults/test_kill.py",
    "tests/faults/test_outages.py",
    "tests/faults/test_disk_stalls.py",
    "tests/faults/test_stop.py",
    "tests/faults/test_rolling.py",
    "tests/faults/test_lag.py",
    "tests/test_bench.py",
    "tests/acs_emulator/media/test_hundred_calls.py",
    "tests/acs_emulator/media/test_frames_on_the_wire.py",
    "tests/media/acs_client/test_play.py",
)
# The longest of the others, so that no process is still at one of them when the rest is done.
LONG = (
    "tests/faults/test_dead_machine.py",
    "tests/faults/test_each_killed.py",
    "tests/faults/test_long_call.py",
    "tests/test_operators_day.py",
    "tests/media/live/",
    "tests/console/test_calls.py",
    "tests/faults/test_bad_input.py",
    "tests/faults/test_silence.py",
    "tests/config/test_database_away.py",
    "tests/config/test_workers.py",
    "tests/console/test_player.py",
    "tests/console/test_every_page.py",
    "tests/faults/test_fuzz.py",
    "tests/faults/test_reconnect.py",
    "tests/acs_emulator/service/test_sound.py",
    "tests/config/test_serve.py",
    "tests/console/test_player_live.py",
    "tests/test_demo.py",
    "tests/media/admin/test_live.py",
)
# Share installations that take long to start: files or folders by the first of them.
SHARING = (
    ("tests/calls/doors/",),
    ("tests/media/live/",),
    ("tests/console/test_calls.py", "tests/console/test_ringing.py"),
    ("tests/config/test_serve.py", "tests/config/test_doors.py", "tests/config/test_access_log.py"),
)
ORDER = {file: place for place, file in enumerate((*HUNGRY, "tests/calls/doors/", *LONG))}


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """All tests of a file in one process, since they share what stands behind its fixtures; so do the hungry, and
    files that share theirs."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "hungry" if file in HUNGRY else _unit(file)

    def remove_node(self, node: object) -> str | None:
        """A test that ended its process has failed, and is not tried again; the rest of its file is."""
        for unit in self.assigned_work[node].values():
            for nodeid, done in unit.items():
                if not done:
                    unit[nodeid] = True
                    super().remove_node(node)
                    return str(nodeid)
        super().remove_node(node)
        return None


def place_of(nodeid: str) -> int:
    """Where to sort it."""
    return ORDER.get(_unit(nodeid.partition("::")[0]), len(ORDER))


def _unit(file: str) -> str:
    return next((sharing[0] for sharing in SHARING if file.startswith(sharing)), file)
