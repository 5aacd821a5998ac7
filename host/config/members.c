#include "config/members.h"

#include "base/limits.h"
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

#define EXTENSION_SCHEME "chrome-extension://"
#define EXTENSION_ID_LENGTH 32
#define LONGEST_KEEP_UNLOCKED ((int64_t)24 * 60 * 60) /* seconds */
#define SHORTEST_KEY 512 /* bits; what can be told to be weak, no recommendation */
#define LONGEST_KEY 16384

enum kind {
    KIND_UNSIGNED,
    KIND_SIZE,
    KIND_BOOL,
    KIND_REVOCATION,
    KIND_HEADERS,
    KIND_ORIGINS,
    KIND_PATH
};

struct member {
    const char *name;
    size_t offset; /* in struct config */
    int64_t min; /* of numbers */
    int64_t max;
    enum kind kind;
    bool user_only;
};

#define POLICY(field) offsetof(struct config, policy.field)

static const struct member members[] = {
    [CONFIG_MIN_RSA_BITS] = { "minRsaBits", POLICY(min_rsa_bits), SHORTEST_KEY, LONGEST_KEY,
                              KIND_UNSIGNED, false },
    [CONFIG_MIN_DSA_BITS] = { "minDsaBits", POLICY(min_dsa_bits), SHORTEST_KEY, LONGEST_KEY,
                              KIND_UNSIGNED, false },
    [CONFIG_ALLOW_SHA1] = { "allowSha1", POLICY(allow_sha1), 0, 0, KIND_BOOL, false },
    [CONFIG_REVOCATION] = { "revocation", POLICY(revocation), 0, 0, KIND_REVOCATION, false },
    [CONFIG_NETWORK] = { "network", POLICY(network), 0, 0, KIND_BOOL, false },
    [CONFIG_COLLECT] = { "collect", POLICY(collect), 0, 0, KIND_BOOL, false },
    [CONFIG_MOZILLA_ROOTS] = { "mozillaRoots", POLICY(mozilla_roots), 0, 0, KIND_BOOL, false },
    [CONFIG_MAX_MESSAGE] = { "maxMessage", POLICY(max_message), 1, LIMIT_MESSAGE, KIND_SIZE,
                             false },
    [CONFIG_HEADER_PROTECTION] = { "headerProtection", POLICY(headers), 0, 0, KIND_HEADERS, false },
    [CONFIG_KEEP_UNLOCKED] = { "keepUnlocked", POLICY(keep_unlocked), 0, LONGEST_KEEP_UNLOCKED,
                               KIND_UNSIGNED, false },
    [CONFIG_ALLOWED_ORIGINS] = { "allowedOrigins", 0, 0, 0, KIND_ORIGINS, false },
    [CONFIG_PINENTRY] = { "pinentry", offsetof(struct config, pinentry), 0, 0, KIND_PATH, false },
    [CONFIG_DATABASE] = { "database", offsetof(struct config, database), 0, 0, KIND_PATH, true },
};

_Static_assert(ARRAY_SIZE(members) == CONFIG_MEMBER_COUNT, "every member has its line");

const char *config_member_name(enum config_member member)
{
    return members[member].name;
}

static void *field_of(struct config *config, const struct member *member)
{
    return (uint8_t *)config + member->offset;
}

/* Setters: NULL in `ret_why` where the value is right, else what is wrong with it. */

static void set_number(struct config *config, const struct member *member,
                       struct json_object *value, const char **ret_why)
{
    if (!json_object_is_type(value, json_type_int)) {
        *ret_why = "is not a whole number";
        return;
    }
    int64_t number = json_object_get_int64(value);
    if (number < member->min || number > member->max) {
        *ret_why = "is out of range";
        return;
    }
    if (member->kind == KIND_SIZE) {
        size_t *field = field_of(config, member);
        *field = (size_t)number;
    } else {
        unsigned *field = field_of(config, member);
        *field = (unsigned)number;
    }
}

static void set_bool(struct config *config, const struct member *member, struct json_object *value,
                     const char **ret_why)
{
    if (!json_object_is_type(value, json_type_boolean)) {
        *ret_why = "is not true or false";
        return;
    }
    bool *field = field_of(config, member);
    *field = json_object_get_boolean(value);
}

/* Which of `count` words the value is; `count` where it is none. */
static size_t find_word(struct json_object *value, const char *const *words, size_t count)
{
    size_t i = 0;
    bool text = json_object_is_type(value, json_type_string);
    while (i < count &&
           !(text && bytes_equal(json_string_bytes(value), bytes_of_string(words[i])))) {
        i++;
    }
    return i;
}

static void set_revocation(struct config *config, struct json_object *value, const char **ret_why)
{
    static const char *const modes[] = {
        [REVOCATION_OFF] = "off",
        [REVOCATION_SOFT] = "soft",
        [REVOCATION_HARD] = "hard",
    };
    size_t found = find_word(value, modes, ARRAY_SIZE(modes));
    if (found == ARRAY_SIZE(modes)) {
        *ret_why = "is not \"off\", \"soft\" or \"hard\"";
        return;
    }
    config->policy.revocation = (enum revocation_mode)found;
}

static void set_headers(struct config *config, struct json_object *value, const char **ret_why)
{
    const char *const kinds[] = {
        policy_headers_text(HEADERS_NONE),
        policy_headers_text(HEADERS_SIGNED),
        policy_headers_text(HEADERS_CONFIDENTIAL),
    };
    size_t found = find_word(value, kinds, ARRAY_SIZE(kinds));
    if (found == ARRAY_SIZE(kinds)) {
        *ret_why = "is not \"none\", \"signed\" or \"confidential\"";
        return;
    }
    config->policy.headers = (enum policy_headers)found;
}

static struct error *set_path(struct config *config, const struct member *member,
                              struct json_object *value, const char **ret_why)
{
    struct bytes path = BYTES_NONE;
    if (json_object_is_type(value, json_type_string)) {
        path = json_string_bytes(value);
    }
    if (path.len == 0 || path.data[0] != '/' || path.len > LIMIT_REMOTE_TEXT) {
        *ret_why = "is not an absolute path";
        return NULL;
    }
    char *copy = NULL;
    TRY(bytes_to_string(path, &copy));
    char **field = field_of(config, member);
    free(*field);
    *field = copy;
    return NULL;
}

static bool all_between(struct bytes text, uint8_t first, uint8_t last)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < first || text.data[i] > last) {
            return false;
        }
    }
    return true;
}

/* "chrome-extension://" ID "/", or an add-on id of Firefox and Thunderbird: "name@domain", "@name"
 * or "{uuid}". No patterns: a list of callers names each. */
static bool is_origin(struct bytes origin)
{
    struct bytes scheme = BYTES_LITERAL(EXTENSION_SCHEME);
    if (bytes_starts_with(origin, scheme)) {
        struct bytes id = bytes_slice(origin, scheme.len, EXTENSION_ID_LENGTH);
        return origin.len == scheme.len + EXTENSION_ID_LENGTH + 1 && all_between(id, 'a', 'p') &&
               origin.data[origin.len - 1] == '/';
    }
    bool named = bytes_find(origin, BYTES_LITERAL("@")) != SIZE_MAX;
    bool braced = origin.len > 2 && origin.data[0] == '{' && origin.data[origin.len - 1] == '}';
    return (named || braced) && origin.len <= LIMIT_ORIGIN && all_between(origin, '!', '~') &&
           bytes_find(origin, BYTES_LITERAL("*")) == SIZE_MAX;
}

void members_clear_origins(struct config *config)
{
    for (size_t i = 0; i < config->allowed_origin_count; i++) {
        free(config->allowed_origins[i]);
    }
    free(config->allowed_origins);
    config->allowed_origins = NULL;
    config->allowed_origin_count = 0;
}

struct error *members_set_origins(struct config *config, const char *const *origins, size_t count)
{
    members_clear_origins(config);
    config->allowed_origins = calloc(count ? count : 1, sizeof(*config->allowed_origins));
    if (!config->allowed_origins) {
        return error_no_memory();
    }
    for (size_t i = 0; i < count; i++) {
        TRY(bytes_to_string(bytes_of_string(origins[i]), &config->allowed_origins[i]));
        config->allowed_origin_count++;
    }
    return NULL;
}

static struct error *set_origins(struct config *config, struct json_object *value,
                                 const char **ret_why)
{
    const char *origins[LIMIT_ORIGINS] = { NULL };
    if (!json_object_is_type(value, json_type_array)) {
        *ret_why = "is not a list";
        return NULL;
    }
    size_t count = json_object_array_length(value);
    if (count > LIMIT_ORIGINS) {
        *ret_why = "is too long a list";
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct json_object *item = json_object_array_get_idx(value, i);
        if (!json_object_is_type(item, json_type_string) || !is_origin(json_string_bytes(item))) {
            *ret_why = "holds what is neither \"chrome-extension://ID/\" nor the id of an add-on";
            return NULL;
        }
        origins[i] = json_object_get_string(item);
    }
    return members_set_origins(config, origins, count);
}

static struct error *set(struct config *config, const struct member *member,
                         struct json_object *value, const char **ret_why)
{
    switch (member->kind) {
    case KIND_UNSIGNED:
    case KIND_SIZE:
        set_number(config, member, value, ret_why);
        return NULL;
    case KIND_BOOL:
        set_bool(config, member, value, ret_why);
        return NULL;
    case KIND_HEADERS:
        set_headers(config, value, ret_why);
        return NULL;
    case KIND_REVOCATION:
        set_revocation(config, value, ret_why);
        return NULL;
    case KIND_ORIGINS:
        return set_origins(config, value, ret_why);
    case KIND_PATH:
        return set_path(config, member, value, ret_why);
    }
    return NULL;
}

/* The line of the first place where the name stands in quotes: that of the member, as the scanner
 * has let no name pass twice; 0 for a name written with escapes. */
static size_t line_of(struct bytes text, const char *name)
{
    struct bytes bare = bytes_of_string(name);
    for (size_t from = 0; from < text.len;) {
        struct bytes rest = { text.data + from, text.len - from };
        size_t at = bytes_find(rest, bare);
        if (bare.len == 0 || at == SIZE_MAX) {
            return 0;
        }
        size_t start = from + at;
        size_t end = start + bare.len;
        if (start > 0 && text.data[start - 1] == '"' && end < text.len && text.data[end] == '"') {
            size_t line = 1;
            for (size_t i = 0; i < start; i++) {
                line += text.data[i] == '\n';
            }
            return line;
        }
        from = start + 1;
    }
    return 0;
}

static struct error *refuse(struct bytes text, const char *path, const char *name, const char *why)
{
    size_t line = line_of(text, name);
    if (line == 0) {
        return error_new(ERR_POLICY_FORBIDS, "%s: \"%s\" %s", path, name, why);
    }
    return error_new(ERR_POLICY_FORBIDS, "%s, line %zu: \"%s\" %s", path, line, name, why);
}

static const struct member *find_member(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        if (strcmp(members[i].name, name) == 0) {
            return &members[i];
        }
    }
    return NULL;
}

struct error *members_apply(struct bytes text, const char *path, enum config_source source,
                            struct config *config)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    TRY_WRAP(json_parse(text, &object), ERR_POLICY_FORBIDS, "%s is not valid JSON", path);
    if (!json_object_is_type(object, json_type_object)) {
        return error_new(ERR_POLICY_FORBIDS, "%s does not hold a JSON object", path);
    }
    json_object_object_foreach (object, name, value) {
        const struct member *member = find_member(name);
        if (!member) {
            return refuse(text, path, name, "is unknown");
        }
        if (member->user_only && source != CONFIG_FROM_USER) {
            return refuse(text, path, name, "belongs into the user's configuration");
        }
        const char *why = NULL;
        TRY(set(config, member, value, &why));
        if (why) {
            return refuse(text, path, name, why);
        }
        config->sources[member - members] = source;
    }
    return NULL;
}
