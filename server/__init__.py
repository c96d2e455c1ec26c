"""Case files, alert desk, scoring service, live feed and console."""
