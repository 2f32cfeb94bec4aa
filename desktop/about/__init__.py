"""What Kibitz is, in one small window."""
