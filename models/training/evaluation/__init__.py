"""What a trained model is worth, measured: `python -m training.evaluate` (from `models/`)."""
