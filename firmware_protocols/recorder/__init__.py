"""Recorder v1; see docs/protocols/recorder-v1.md."""
