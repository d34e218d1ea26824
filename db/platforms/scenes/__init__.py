"""The platform `scenes`: ideas become scenes, scenes grow by segments of video."""
