"""How fast and how small Muster is: each figure beside a baseline that was measured in the same run."""
