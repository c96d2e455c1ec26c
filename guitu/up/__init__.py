"""`guitu up`: the whole system as one supervised process tree."""
