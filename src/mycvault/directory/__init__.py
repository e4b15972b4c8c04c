"""The employer's side: employers, and the records they keep of their employees."""
