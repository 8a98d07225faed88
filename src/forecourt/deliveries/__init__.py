"""What is told to others: from the log to each target, once or at least once, never before its time, never lost."""
