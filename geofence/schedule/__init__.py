"""When a fence or a rule holds: wall-clock rules to instants, evaluated over arrays."""
