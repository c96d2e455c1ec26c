"""Face checks (人脸签到): pictures within bounds, one face each, compared one to one."""
