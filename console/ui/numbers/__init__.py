"""The screen of numbers: how the work went."""
