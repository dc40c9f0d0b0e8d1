"""Where MiniStack deviates from AWS and we rely on AWS's way: one small module each, with a test of it."""
