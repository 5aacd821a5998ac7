"""Where a newer NSS than the system's lies: Thunderbird and Firefox bring their own."""
import os
import re

PLACES = ("/usr/lib/thunderbird", "/usr/lib/firefox-esr", "/usr/lib64/thunderbird", "/usr/lib64/firefox",
          "/usr/lib/firefox")


def folder():
    """A folder to put before the library path, or None."""
    for place in (os.environ.get("SEALPOST_NEWER_NSS"), *PLACES):
        if place and os.path.isfile(os.path.join(place, "libnss3.so")) and \
                os.path.isfile(os.path.join(place, "libsoftokn3.so")):
            return place
    return None


def number(version):
    """"3.125.1 Beta" as (3, 125)."""
    return tuple(int(part) for part in re.match(r"(\d+)\.(\d+)", version).groups())


def capabilities(told):
    """The capabilities of host.hello as group:name."""
    found = set()
    for group, value in told.items():
        if isinstance(value, dict):
            found |= capabilities(value)
        elif isinstance(value, list):
            found |= {f"{group}:{name}" for name in value}
    return found
