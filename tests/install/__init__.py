"""HexaBrand as people install it: real machines, real services, real proxies."""
