"""The supervised person's own account, and what the person reads there (矫正对象本人)."""
