"""The thin command line, and the parts that `guitu up` starts and watches."""
