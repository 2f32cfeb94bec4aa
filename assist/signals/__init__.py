"""What an agent should know before answering: churn risk, mood, urgency, topics that stay with humans."""
