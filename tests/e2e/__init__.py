"""The program as people start it: processes, signals, real keys."""
