"""What tests stand on: real servers on this machine, a page reader, a browser. See tests/conftest.py."""
