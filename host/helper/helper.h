/* The second process of the program: shows PIN and consent dialogs through pinentry (libassuan) for
 * the host; network work comes with issue D. No NSS, no mail, no keys. */
#ifndef SEALPOST_HELPER_HELPER_H
#define SEALPOST_HELPER_HELPER_H

#include "base/error.h"

/* Forks the helper; the parent gets its end of the socketpair (CLOEXEC). The child never returns:
 * it serves until the socket closes, then kills what dialog is open and ends. Call before any
 * thread exists and before NSS starts. ERR_INTERNAL. */
struct error *helper_start(int *ret_fd) MUST_USE;

#endif
