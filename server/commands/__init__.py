"""Commands to devices: entered and approved by people, fetched and reported on by gateways."""
