"""Composition: the only package that knows both roles, the barn's Pi and the office."""
