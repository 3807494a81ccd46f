"""What the program does, without Qt: it runs and is tested in a bare Python."""
