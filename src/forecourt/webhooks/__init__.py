"""Other systems told of what happens: endpoints, what they are sent, how it went."""
