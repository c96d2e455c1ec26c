"""JT/T 808 (2011, 2013, 2019); see docs/protocols/jt808.md."""
