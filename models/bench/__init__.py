"""What the app's benchmark is held against on a machine with a CUDA card."""
