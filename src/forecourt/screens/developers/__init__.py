"""What those see who integrate: keys, calls, webhooks, the outbox, events, ADF."""
