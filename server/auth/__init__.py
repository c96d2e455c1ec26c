"""Who asks: people by password and session, gateways by token."""
