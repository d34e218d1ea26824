"""Documents side by side, and merged: views that know an annotated schema, not what it describes."""
