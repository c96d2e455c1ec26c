"""The gateways' journals, sealed by holder and legal basis, verifiable after their destruction."""
