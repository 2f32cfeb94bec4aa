"""The parts that every window of Kibitz is made of. They know the theme and no product state."""
