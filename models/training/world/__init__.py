"""The picture world: an endless, captioned, deterministic source of small pictures. Begin at `scene.py`."""
