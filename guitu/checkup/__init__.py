"""Whether a program would start and work here, asked before it is started; and a drill."""
