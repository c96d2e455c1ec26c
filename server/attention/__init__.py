"""What reached whom at the alert desk: shown, opened, acted, and in what time."""
