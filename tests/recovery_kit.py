"""The way of a forgotten password: a link, a code, a new password."""

import kit

NEW = "quartz-meadow-tunnel-81"
UNKNOWN = "nobody@example.org"


def asked(house, identifier=kit.EMAIL, **how):
    """Ask for a link; give the token of the newest letter that carries one."""
    house.vault.recovery.request(identifier, **how)
    return house.sent("recovery")[-1].context["link"]


def coded(house, token):
    """Ask for the code, once the pause after the last one is over; give it."""
    house.clock.advance(kit.MINUTE)
    house.vault.recovery.send_code(token)
    return house.code()


def recovered(house, token, password=NEW):
    return house.vault.recovery.complete(token, password=password, code=coded(house, token))
