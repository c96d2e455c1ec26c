"""The month of an office's alert desk: figures, frozen and printed once the month is over."""
