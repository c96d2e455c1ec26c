"""使用电子定位装置: positioning orders from application to end, and the wristbands under them."""
