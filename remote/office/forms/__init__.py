"""Forms: what people at the office ask of the Pi, which alone changes the herd."""
