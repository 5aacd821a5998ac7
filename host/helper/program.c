#include "helper/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"
#define PATIENCE_MS 200 /* for each of: ending by itself, ending on SIGTERM */
#define STEP_MS 5
#define MS_IN_NS 1000000L
#define EXIT_NOT_EXECUTED 127

static const char *const program_names[] = {
    "pinentry",       "pinentry-gnome3", "pinentry-qt",
    "pinentry-gtk-2", "pinentry-curses", "pinentry-tty",
};

/* What a dialog needs to find the screen, the language and its settings. */
static const char *const environment_names[] = {
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "GPG_TTY",
    "TERM",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "HOME",
    "PATH",
    "USER",
    "LOGNAME",
    "XDG_RUNTIME_DIR",
    "XDG_CURRENT_DESKTOP",
    "XDG_SESSION_TYPE",
    "XDG_SESSION_DESKTOP",
    "XDG_CONFIG_HOME",
    "XDG_DATA_DIRS",
    "DESKTOP_SESSION",
    "GDK_BACKEND",
    "GDK_SCALE",
    "GTK_THEME",
    "QT_QPA_PLATFORM",
    "QT_QPA_PLATFORMTHEME",
    "QT_SCALE_FACTOR",
    "PINENTRY_USER_DATA",
};

static bool is_program(const char *path)
{
    struct stat status = { 0 };
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* "directory/name" if that is a program, else NULL. Relative directories of the PATH are passed
 * over: what lies where the browser happens to stand is nobody's pinentry. */
static struct error *program_in(struct bytes directory, const char *name, char **ret_path)
{
    *ret_path = NULL;
    if (directory.len == 0 || directory.data[0] != '/') {
        return NULL;
    }
    CLEANUP(buffer_free) struct buffer *path = NULL;
    TRY(buffer_new(0, &path));
    TRY(buffer_append(path, directory));
    TRY(buffer_printf(path, "/%s", name));
    CLEANUP(string_free) char *text = NULL;
    TRY(bytes_to_string(buffer_view(path), &text));
    if (is_program(text)) {
        *ret_path = TAKE_PTR(text);
    }
    return NULL;
}

/* The first program of that name on the PATH, or NULL. */
static struct error *program_on_path(const char *name, char **ret_path)
{
    const char *directories = secure_getenv("PATH");
    const char *at = directories ? directories : DEFAULT_PATH;
    for (;;) {
        size_t len = strcspn(at, ":");
        TRY(program_in((struct bytes){ (const uint8_t *)at, len }, name, ret_path));
        if (*ret_path || at[len] == '\0') {
            return NULL;
        }
        at += len + 1;
    }
}

struct error *program_find(size_t number, char **ret_path)
{
    size_t found = 0;
    *ret_path = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(program_names); i++) {
        CLEANUP(string_free) char *path = NULL;
        TRY(program_on_path(program_names[i], &path));
        if (path && found++ == number) {
            *ret_path = TAKE_PTR(path);
            return NULL;
        }
    }
    return NULL;
}

bool program_needs_terminal(const char *path)
{
    CLEANUP(string_free) char *real = realpath(path, NULL);
    const char *slash = real ? strrchr(real, '/') : NULL;
    return slash && (strcmp(slash, "/pinentry-tty") == 0 || strcmp(slash, "/pinentry-curses") == 0);
}

/* Copies the environment's entry `name` ("NAME=value" as it stands) to `list`. */
static size_t keep_entry(const char *name, char **list, size_t count)
{
    size_t len = strlen(name);
    for (char **entry = environ; *entry; entry++) {
        if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=') {
            list[count] = *entry;
            return count + 1;
        }
    }
    return count;
}

/* The child's side of fork: becomes the program. Allocates nothing. */
static _Noreturn void become(const char *path, int fd, pid_t parent)
{
    char *environment[ARRAY_SIZE(environment_names) + 1] = { NULL };
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(environment_names); i++) {
        count = keep_entry(environment_names[i], environment, count);
    }
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(EXIT_NOT_EXECUTED);
    }
    sigset_t none;
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
    (void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
    if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0) {
        _exit(EXIT_NOT_EXECUTED);
    }
    char name[] = "pinentry";
    char *arguments[] = { name, NULL };
    (void)execve(path, arguments, environment);
    _exit(EXIT_NOT_EXECUTED);
}

struct error *program_start(const char *path, pid_t *ret_pid, int *ret_fd)
{
    int ends[2] = { -1, -1 };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return error_new_errno(errno, "socketpair");
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        become(path, ends[1], parent);
    }
    int failed = errno;
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return error_new_errno(failed, "fork");
    }
    (void)setpgid(pid, pid); /* both sides do it: neither can come too late */
    *ret_pid = pid;
    *ret_fd = ends[0];
    return NULL;
}

/* Whether the program has ended; it is not collected, so that its number stays its own. */
static bool ended_within(pid_t pid, unsigned milliseconds)
{
    for (unsigned waited = 0;; waited += STEP_MS) {
        siginfo_t info = { 0 };
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
            info.si_pid == pid) {
            return true;
        }
        if (waited >= milliseconds) {
            return false;
        }
        (void)nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * MS_IN_NS }, NULL);
    }
}

void program_stop(pid_t pid, bool patient)
{
    if (!patient || !ended_within(pid, PATIENCE_MS)) {
        (void)kill(-pid, SIGTERM);
        (void)ended_within(pid, PATIENCE_MS);
    }
    (void)kill(-pid, SIGKILL); /* also what a wrapper script has left behind */
    (void)waitpid(pid, NULL, 0);
}
