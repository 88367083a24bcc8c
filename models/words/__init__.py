"""What a person may say for what a model knows: makes `meanings.json`, the table beside a model's vocabulary."""
