"""Weightless ONNX graphs from configurations: the topology of a network, every parameter under its checkpoint's name."""
