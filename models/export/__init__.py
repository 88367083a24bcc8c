"""Weightless ONNX graphs from configurations: topology, with every parameter under its checkpoint's name."""
