/*
 * One-line complaints on stderr, as in BSD's <err.h>:
 * "PROGRAM: MESSAGE: strerror(errno)\n"; the x forms leave the last part out.
 */
#ifndef _ERR_H
#define _ERR_H

#include <stdarg.h>

const char *getprogname(void);		/* the last part of argv[0] */

void	warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same, then exit(STATUS). */
_Noreturn void err(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void errx(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
