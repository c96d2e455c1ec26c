"""What the monitoring centre sees at a glance: boundaries, fences, newest positions, gateways."""
