"""执行地变更: a person's file goes to another county (Art. 27; measures Arts. 30, 31)."""
