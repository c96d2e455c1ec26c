"""What re-evaluation needs of the past: on disk, in blocks that one device's stretch is read of."""
