#include "cli/options.h"

#include "base/bytes.h"

#include <string.h>

struct option {
    const char *name;
    size_t offset;
    bool takes_value;
};

#define OPTION_TEXT(name_, member) \
    { \
        (name_), offsetof(struct options, member), true \
    }
#define OPTION_FLAG(name_, member) \
    { \
        (name_), offsetof(struct options, member), false \
    }

static const struct option table[] = {
    OPTION_TEXT("--db", database),
    OPTION_TEXT("--config", config),
    OPTION_TEXT("--pin-file", pin_file),
    OPTION_TEXT("--output", output),
    OPTION_TEXT("--cipher", cipher),
    OPTION_TEXT("--form", form),
    OPTION_TEXT("--header-protection", header_protection),
    OPTION_TEXT("--at", at),
    OPTION_FLAG("--json", json),
    OPTION_FLAG("--sign", sign),
    OPTION_FLAG("--encrypt", encrypt),
    OPTION_FLAG("--legacy-display", legacy_display),
    OPTION_FLAG("--help", help),
    OPTION_FLAG("--version", version),
};

/* `text` names the option, alone or up to "=". */
static bool names(const char *text, const char *name)
{
    size_t len = strlen(name);
    return strncmp(text, name, len) == 0 && (text[len] == '\0' || text[len] == '=');
}

static const struct option *find(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (names(text, table[i].name)) {
            return &table[i];
        }
    }
    return NULL;
}

/* `*at` stands on the option and is moved on to its value where that is the next argument. */
static struct error *take_value(int argc, char **argv, int *at, const char **ret_value)
{
    const char *equals = strchr(argv[*at], '=');
    if (equals) {
        *ret_value = equals + 1;
        return NULL;
    }
    if (*at + 1 >= argc) {
        return error_new(ERR_PARAMS, "%s needs a value", argv[*at]);
    }
    *ret_value = argv[++*at];
    return NULL;
}

static struct error *take_option(int argc, char **argv, int *at, struct options *options)
{
    const struct option *option = find(argv[*at]);
    if (!option) {
        return error_new(ERR_PARAMS, "%s is no option of sealpost", argv[*at]);
    }
    char *member = (char *)options + option->offset;
    if (!option->takes_value && strchr(argv[*at], '=')) {
        return error_new(ERR_PARAMS, "%s takes no value", option->name);
    }
    if (!option->takes_value) {
        *(bool *)(void *)member = true;
        return NULL;
    }
    const char *value = NULL;
    TRY(take_value(argc, argv, at, &value));
    *(const char **)(void *)member = value;
    return NULL;
}

struct error *options_read(int argc, char **argv, struct options *ret_options)
{
    struct options options = { 0 };
    bool only_arguments = false;
    for (int i = 1; i < argc; i++) {
        if (!only_arguments && strcmp(argv[i], "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && strncmp(argv[i], "--", 2) == 0) {
            TRY(take_option(argc, argv, &i, &options));
        } else if (options.argument_count == OPTIONS_ARGUMENTS) {
            return error_new(ERR_PARAMS, "there are too many arguments");
        } else {
            options.arguments[options.argument_count++] = argv[i];
        }
    }
    *ret_options = options;
    return NULL;
}
