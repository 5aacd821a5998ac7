"""Who may include whom: the table of host/ARCHITECTURE.md, read from the #include lines."""
import os
import re
import subprocess

from tree import line_of

NAME = "layering"

# what each layer may include of other layers: a layer's name, or one header of it
MAY_USE = {
    "base": [],
    "policy": ["base"],
    "wire": ["base"],
    "mime": ["base"],
    "nss": ["base"],
    # a PIN is asked for where a key is handed out
    "store": ["base", "nss", "remote", "policy/words.h", "policy/policy.h", "policy/facts.h"],
    "certs": ["base", "nss", "store", "policy/words.h", "policy/policy.h", "policy/facts.h"],
    "cms": ["base", "nss", "store", "certs", "policy/words.h", "policy/policy.h", "policy/facts.h"],
    "remote": ["base"],
    "helper": ["base", "remote/messages.h"],
    "config": ["base", "policy", "wire/json.h"],
    "mail": ["base", "mime", "cms", "certs", "store", "policy", "remote"],
    "rpc": ["base", "wire"],
    # consent is asked for by the operation that needs it
    "ops": ["base", "rpc", "wire/json.h", "mail", "cms", "certs", "store", "config", "policy",
            "remote"],
    "cli": ["base", "ops", "rpc", "wire", "store", "config"],
}
# libraries, by the layers whose .c files (and, for json-c and GMime, headers) may include them
LIBRARIES = {
    "nss": ["nss", "cms", "certs", "store"],
    "json-c": ["wire", "rpc", "ops", "config"],
    "gmime": ["mime"],
    "modpbase64": ["wire", "rpc", "ops", "mime"],
    "assuan": ["helper"],
    "idn2": ["certs"],
    "zlib": ["cms"],
    "minizip": ["mail"],
}
NSS_HEADERS = ["nss/nss_scope.h"]  # the headers of ours that may include NSS's
LOG_USERS = ["rpc", "ops"]  # and main.c: lower layers return errors
LIBC = set("""assert ctype dirent dlfcn endian errno fcntl fnmatch ftw inttypes iconv langinfo libgen limits
locale math netdb poll pthread pwd sched semaphore setjmp signal spawn stdalign stdarg stdatomic stdbool
stddef stdint stdio stdlib stdnoreturn string strings syslog termios threads time unistd wchar wctype
grp getopt malloc""".split())
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def nss_folders():
    flags = subprocess.run(["pkg-config", "--cflags-only-I", "nss", "nspr"], capture_output=True,
                           text=True, check=True).stdout.split()
    return [flag[2:] for flag in flags]


FOLDERS = nss_folders()


def library_of(header):
    if header.startswith("json-c/") or header == "json.h":
        return "json-c"
    if header.startswith(("gmime/", "glib", "gio/", "gobject/")):
        return "gmime"
    if header.startswith("minizip/"):
        return "minizip"
    if header == "modp_b64.h":
        return "modpbase64"
    if header in ("assuan.h", "idn2.h", "zlib.h"):
        return header[:-2]
    if any(os.path.exists(os.path.join(folder, header)) for folder in FOLDERS):
        return "nss"
    if header[:-2] in LIBC or header.startswith(("sys/", "linux/", "arpa/", "netinet/", "net/")):
        return "libc"
    return "unknown"


def system_fault(layer, path, header):
    library = library_of(header)
    if library == "libc":
        return None
    if library == "unknown":
        return "<%s> is of no library that tests/lint/check_layering.py knows" % header
    if layer not in LIBRARIES[library]:
        return "<%s>: layer %s may not use %s" % (header, layer, library)
    if library == "nss" and path.endswith(".h") and path not in ["host/" + h for h in NSS_HEADERS]:
        return "<%s>: a header may not include NSS's" % header
    return None


def project_fault(layer, path, header):
    other = header.split("/")[0]
    own = path[len("host/"):].rsplit(".", 1)[0] + ".h"
    if other not in MAY_USE:
        return '"%s" names no layer' % header
    if header == "base/log.h" and layer not in LOG_USERS + ["base"]:
        return '"%s": only main, rpc and ops write to the log' % header
    if layer == "ops" and re.fullmatch(r"ops/op_\w+\.h", header) and header != own and \
            not path.startswith("host/ops/ops_table"):
        return '"%s": an operation may not use another' % header
    if other == layer or other in MAY_USE[layer] or header in MAY_USE[layer]:
        return None
    return '"%s": layer %s may not use %s' % (header, layer, other)


def include_fault(layer, path, kind, header):
    if kind == "<":
        return system_fault(layer, path, header)
    return project_fault(layer, path, header)


def own_header_fault(tree, path, includes):
    own = path[len("host/"):-2] + ".h"
    if path.endswith(".c") and tree.exists("host/" + own) and (not includes or includes[0][2] != own):
        return '"%s" is not the first include' % own
    return None


def check(tree):
    faults = []
    for path in tree.files(r"host/[^/]+/.*\.[ch]"):
        layer = path.split("/")[1]
        text = tree.text(path)
        includes = [(line_of(text, m.start(1)), m[1], m[2]) for m in INCLUDE.finditer(text)]
        if layer not in MAY_USE:
            faults.append("%s: %s is no layer" % (path, layer))
            continue
        for line, kind, header in includes:
            fault = include_fault(layer, path, kind, header)
            if fault:
                faults.append("%s:%d: %s" % (path, line, fault))
        fault = own_header_fault(tree, path, includes)
        if fault:
            faults.append("%s: %s" % (path, fault))
    return faults


PLANTS = [
    ("a layer that uses one above it", "host/base/plant.c", '#include "wire/json.h"\n'),
    ("NSS in mail", "host/mail/plant.c", "#include <cert.h>\n"),
    ("NSS in a header", "host/certs/plant.h", "#include <cert.h>\n"),
    ("json-c in mail", "host/mail/plant.c", "#include <json-c/json.h>\n"),
    ("GMime in cms", "host/cms/plant.c", "#include <gmime/gmime.h>\n"),
    ("frames in ops", "host/ops/plant.c", '#include "wire/frame.h"\n'),
    ("an operation that uses another", "host/ops/op_plant.c", '#include "ops/op_other.h"\n'),
    ("verdicts in cms", "host/cms/plant.c", '#include "policy/verdict.h"\n'),
    ("the log in store", "host/store/plant.c", '# include "base/log.h"\n'),
    ("an unknown library", "host/base/plant.c", "#include <openssl/cms.h>\n"),
    ("a folder that is no layer", "host/utils/plant.c", "\n"),
    ("own header not first", "host/base/bytes.c", '#include "base/limits.h"\n#include "base/bytes.h"\n'),
]
