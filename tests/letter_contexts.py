"""Every letter there is, and what it is told."""

URL = "https://safe.example.org/a#c2VjcmV0"
CONTEXTS = {
    "invitation": {
        "employer_name": "Boulangerie Zoé",
        "given_name": "Anaïs",
        "link": URL,
        "expires_on": "15 mai 2026",
        "identifier": "anais@example.org",
    },
    "activation-code": {"code": "048213", "minutes": "10", "employer_name": "Boulangerie Zoé"},
    "sign-in-code": {"code": "048213", "minutes": "10"},
    "activated": {
        "given_name": "Anaïs",
        "employer_name": "Boulangerie Zoé",
        "sign_in_url": "https://safe.example.org/",
    },
    "confirm-code": {"code": "048213", "minutes": "10"},
    "delivery-receipt": {
        "given_name": "Anaïs",
        "employer_name": "Boulangerie Zoé",
        "receipt": "Accusé du 5 mai 2026 : bien noté.",
    },
    "refusal-link": {
        "employer_name": "Boulangerie Zoé",
        "given_name": "Anaïs",
        "link": URL,
        "expires_on": "15 mai 2026",
    },
    "document-withdrawn": {
        "given_name": "Anaïs",
        "employer_name": "Boulangerie Zoé",
        "kind": "Bulletin de paie",
    },
    "closing": {
        "given_name": "Anaïs",
        "employer_name": "Boulangerie Zoé",
        "closes_on": "15 mai 2026",
        "retrieval_until": "15 mai 2027",
        "sign_in_url": "https://safe.example.org/",
    },
    "account-erased": {
        "given_name": "Anaïs",
        "certificate": "Certificat n° 1.",
        "kept": "3",
        "effective_on": "15 mai 2026",
    },
    "security-alert": {
        "given_name": "Anaïs",
        "heading": "Nouvel appareil",
        "fact": "Une connexion a eu lieu",
        "when": "15 mai 2026, 14:05",
        "device": "Navigateur",
        "link": URL,
        "expires_on": "18 mai 2026",
    },
    "recovery": {"given_name": "Anaïs", "link": URL, "expires_at": "15 mai 2026, 14:05"},
    "recovery-code": {"code": "123456", "minutes": "10"},
    "identifier-reminder": {
        "given_name": "Anaïs",
        "identifier": "anais@example.org",
        "sign_in_url": "https://safe.example.org/",
    },
    "invitation-reminder": {
        "employer_name": "Boulangerie Zoé",
        "given_name": "Anaïs",
        "link": URL,
        "expires_on": "15 mai 2026",
        "identifier": "anais@example.org",
    },
    "confirm-address": {"given_name": "Anaïs", "link": URL, "expires_on": "15 mai 2026"},
    "new-document": {
        "given_name": "Anaïs",
        "employer_name": "Boulangerie Zoé",
        "kind": "Bulletin de paie",
        "sign_in_url": "https://safe.example.org/",
    },
}
