/* Sets the process up, starts the helper, and then serves a browser or runs a terminal command. */
#include "base/bytes.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/caller.h"
#include "cli/cli.h"
#include "helper/helper.h"
#include "ops/ops.h"
#include "ops/prompt_notice.h"
#include "remote/remote.h"
#include "rpc/server.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_FAILED = 1, STATUS_BROKEN = 2 };

/* The browser's ends of the pipes, out of the reach of whatever is loaded later. */
struct channel {
    int input;
    int output;
};

/* A descriptor below 3 that is closed would be given to the next file that is opened, and whoever
 * writes an error message would write into that. */
static bool fill_standard_descriptors(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    }
    return fd >= 0 && close(fd) == 0;
}

static bool set_up_process(void)
{
    static const struct rlimit no_core = { 0, 0 };
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    (void)umask(S_IRWXG | S_IRWXO);
    (void)log_set_level_by_name(secure_getenv("SEALPOST_LOG"));
    /* a fixed threshold: the memory of a large request goes back to the system with it */
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is no thread yet */
    (void)mallopt(M_MMAP_THRESHOLD, (int)MIB);
    return fill_standard_descriptors() && sigaction(SIGPIPE, &ignore, NULL) == 0 &&
           setrlimit(RLIMIT_CORE, &no_core) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* Moves the browser's pipes away from 0 and 1: what a PKCS#11 module prints goes to stderr. */
static bool take_channel(struct channel *ret_channel)
{
    int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    *ret_channel = (struct channel){ input, output };
    return input >= 0 && output >= 0 && null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
           dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 && close(null) == 0;
}

/* Without a helper no dialog can be shown, and all else works. */
static struct remote *start_helper(void)
{
    int fd = -1;
    struct remote *remote = NULL;
    CLEANUP(error_free) struct error *error = helper_start(&fd);
    if (!error) {
        error = remote_new(fd, &remote);
    }
    if (error) {
        log_warn("no dialog can be shown: %s", error_get_message(error));
    }
    return remote;
}

static NO_RETURN void end_done(int number)
{
    (void)number;
    _exit(EXIT_SUCCESS);
}

static NO_RETURN void end_failed(int number)
{
    (void)number;
    _exit(STATUS_FAILED);
}

static NO_RETURN void end_broken(int number)
{
    (void)number;
    _exit(STATUS_BROKEN);
}

/* Closing NSS waits for cards; the browser does not wait longer than a second. */
static void limit_the_end(int status)
{
    static void (*const ends[])(int) = { end_done, end_failed, end_broken };
    struct sigaction action = { .sa_handler = ends[status] };
    struct itimerval timer = { .it_value = { .tv_usec = (suseconds_t)GRACE_CLOSE_MS * 1000 } };
    (void)sigaction(SIGALRM, &action, NULL);
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

/* Its socket is closed, so that it ends with its dialogs: nothing of this program stays behind. */
static void wait_for_helper(void)
{
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
}

static struct error *replace(char **member, const char *value)
{
    if (!value) {
        return NULL;
    }
    char *copy = NULL;
    TRY(bytes_to_string(bytes_of_string(value), &copy));
    string_free(*member);
    *member = copy;
    return NULL;
}

static struct error *apply_caller(struct host *host, const struct caller *caller)
{
    host->origin = caller->origin;
    TRY(replace(&host->database, caller->database));
    return replace(&host->user_config, caller->config);
}

static int run_server(struct host *host, struct rpc_server *server)
{
    bool stuck = false;
    host->server = server;
    if (host->remote) {
        remote_set_observer(host->remote, prompt_notice_tell, server);
    }
    int status = server_run(server, &stuck);
    if (stuck) {
        /* a worker still uses what would be freed; the blobs have been wiped */
        _exit(status);
    }
    if (host->remote) {
        remote_set_observer(host->remote, NULL, NULL);
    }
    host->server = NULL;
    return status;
}

static int fail(struct error *error)
{
    log_error("%s", error_get_message(error));
    error_free(error);
    return STATUS_FAILED;
}

static int serve_browser(struct host *host, const struct caller *caller, struct channel channel)
{
    CLEANUP(server_free) struct rpc_server *server = NULL;
    const struct server_options options = {
        .input = channel.input, .output = channel.output, .methods = ops_methods(), .host = host
    };
    struct error *error = apply_caller(host, caller);
    if (!error) {
        error = server_new(&options, &server);
    }
    return error ? fail(error) : run_server(host, server);
}

int main(int argc, char **argv)
{
    struct caller caller = { 0 };
    struct channel channel = { -1, -1 };
    bool browser = caller_read(argc, argv, &caller);
    if (!set_up_process() || (browser && !take_channel(&channel))) {
        log_error("the process cannot be set up");
        return STATUS_FAILED;
    }
    struct host *host = NULL;
    struct error *error = host_new(start_helper(), &host);
    if (error) {
        return fail(error);
    }
    int status = browser ? serve_browser(host, &caller, channel) : cli_run(argc, argv, host);
    if (browser) {
        limit_the_end(status);
    }
    host_free(host);
    wait_for_helper();
    return status;
}
