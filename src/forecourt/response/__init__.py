"""How soon customers are answered: the clock, the dealership's hours and targets."""
