"""Our own silence: gateways that are not heard, and what gateways and servers say of themselves."""
