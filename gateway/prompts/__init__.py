"""What a person can ask an agent for with one choice, and what every agent is told at first."""
