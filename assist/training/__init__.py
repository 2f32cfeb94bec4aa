"""What an admin runs with the extra ``train``: the only place that loads torch."""
