"""The code tables (代码表) as the interface answers them."""
