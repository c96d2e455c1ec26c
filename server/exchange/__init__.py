"""Import and export (导入导出): tables that offices fill in, and lists that leave the system."""
