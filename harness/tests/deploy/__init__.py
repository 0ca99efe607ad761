"""What is deployed: rendered, held against schemas, and its hooks run for real."""
