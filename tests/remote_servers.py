"""
A server of blobs in a process of its own, on loopback: `python remote_servers.py s3`, or `sftp FOLDER USER PASSWORD`.

It says its port in one line of JSON, and ends with its standard input. Its process may be stopped and killed: nothing of it
lives in the tests' own.
"""

import asyncio
import json
import sys


def serve_s3(port: str = "0") -> None:
    """The S3 protocol, by moto."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", int(port), verbose=False)
    server.start()
    say(server.get_host_and_port()[1])
    sys.stdin.read()
    server.stop()


def serve_sftp(folder: str, user: str, password: str, port: str = "0") -> None:
    """SFTP over SSH, by asyncssh; *folder* is all that there is to be seen."""
    import asyncssh

    class Door(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, given: str) -> bool:
            return (username, given) == (user, password)

    async def serve() -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        server = await asyncssh.create_server(
            Door,
            "127.0.0.1",
            int(port),
            server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=folder),
        )
        say(server.get_port(), key.export_public_key("openssh").decode())
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        server.close()

    asyncio.run(serve())


def say(port: int, key: str = "") -> None:
    sys.stdout.write(json.dumps({"port": port, "key": key}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    {"s3": serve_s3, "sftp": serve_sftp}[sys.argv[1]](*sys.argv[2:])
