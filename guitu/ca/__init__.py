"""A site's own small certificate authority: who is who off loopback, without anybody else."""
