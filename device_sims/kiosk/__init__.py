"""A kiosk that people check in at (人脸签到), and those who try to pass it as somebody else."""
