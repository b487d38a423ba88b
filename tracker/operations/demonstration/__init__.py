"""The two campaigns of the demo, told through the services as a team would record them."""
