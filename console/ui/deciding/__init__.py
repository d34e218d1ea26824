"""What every screen decides with: the bar, the reason panel, claims, the sending and its undo."""
