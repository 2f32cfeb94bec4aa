"""Pure ranking stages: fuse, judge, diversify."""
