"""核实: somebody is asked to find out about an alert, and says what was found."""
