"""The video player: VLC in a process of its own, its pictures in shared memory, its controls in Qt."""
