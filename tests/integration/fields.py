"""The header fields of a message as another parser than the host's sees them, and of a result of the host's."""
import email
import email.policy

STRUCTURAL = ("content-", "mime-version")


def fields_of(text):
    """The fields of a message that are not about its body, in order, by another parser than the host's."""
    message = email.message_from_bytes(text, policy=email.policy.default)
    return [(name, str(value)) for name, value in message.items()
            if not name.lower().startswith(STRUCTURAL)]


def pairs(fields):
    return [(field["name"], field["value"]) for field in fields]


def protections(opened):
    return {field["name"]: field["protection"] for field in opened["headers"]["shown"]}
