"""Tests of media on real sockets, this machine only."""
