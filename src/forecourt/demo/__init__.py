"""The demo: two dealership groups of nobody's, their stock, and about two hundred enquiries."""

from forecourt.demo.seed import Seeded, WorldRefused, seed

__all__ = ["Seeded", "WorldRefused", "seed"]
