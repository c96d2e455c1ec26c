"""个人信息保护影响评估: the register of impact assessments (PIPL Arts. 55, 56)."""
