"""What an account's own past says of the next reply: which wording its agents use in such a situation."""
