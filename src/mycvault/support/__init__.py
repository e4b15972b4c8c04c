"""What support changes in an account, after a delay in which she can stop it."""
