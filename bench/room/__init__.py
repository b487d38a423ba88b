"""What the scripts share: measuring, telling, databases, the server under test, and worlds to serve."""
