"""How several processes share the tests: file by file, and at the end what needs the machine for itself."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

REAL_TIME = ("tests/e2e/", "tests/ui/player/", "tests/ui/scene/")
"""They play videos in real time, or break servers while consoles work."""
ALONE = (
    *REAL_TIME,
    "tests/integration/test_hosts.py",
    "tests/integration/test_keyring.py",
    "tests/unit/runtime/test_heartbeat.py",
)
"""Those, and what measures how long a failover or a stall takes."""

_LAST = "alone"


def alone(nodeid: str) -> bool:
    """Whether no other test may run beside this one."""
    return nodeid.startswith(ALONE)


def real_time(nodeid: str) -> bool:
    """Whether the machine has a say in how the test ends."""
    return nodeid.startswith(REAL_TIME)


class AloneLast(LoadFileScheduling):
    """Files go to whichever process is free, in the order of collection.

    When only tests that run alone are left, all processes but one end, and after that the one has them.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _LAST if alone(nodeid) else super()._split_scope(nodeid)

    @property
    def _held(self) -> bool:
        return len(self.nodes) > 1 and next(iter(self.workqueue), None) == _LAST

    def _assign_work_unit(self, node: WorkerController) -> None:
        if not self._held:
            super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        if not self._held:
            super()._reschedule(node)
        elif any(other is not node and not other.shutting_down for other in self.nodes):
            node.shutdown()

    def remove_node(self, node: WorkerController) -> str | None:
        """A process has ended: the one that is left may have been waiting for that."""
        crashed = super().remove_node(node)
        for left in self.nodes:
            self._reschedule(left)
        return crashed
