"""What she proves herself with beside her password: an authenticator app, recovery codes."""
