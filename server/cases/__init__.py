"""Case files (矫正档案): reception, stages, group and plan, transfer, release, sealed files."""
