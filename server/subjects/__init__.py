"""One person's file as the officer sees it: order, devices, fences, track."""
