/* err, warn and perror. */
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One write for the whole line, so that lines of several processes don't mix. */
static void
complain(int error, const char *fmt, va_list ap)
{
	char line[256];
	int n;

	n = snprintf(line, sizeof(line), "%s: ", getprogname());
	if (n >= 0 && (size_t)n < sizeof(line))
		vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	if (error >= 0)
		fprintf(stderr, "%s: %s\n", line, strerror(error));
	else
		fprintf(stderr, "%s\n", line);
}

void
warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(errno, fmt, ap);
	va_end(ap);
}

void
warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(-1, fmt, ap);
	va_end(ap);
}

void
err(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(errno, fmt, ap);
	va_end(ap);
	exit(status);
}

void
errx(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(-1, fmt, ap);
	va_end(ap);
	exit(status);
}

void
perror(const char *s)
{
	const char *why = strerror(errno);

	if (s && *s)
		fprintf(stderr, "%s: %s\n", s, why);
	else
		fprintf(stderr, "%s\n", why);
}

void
__assert_fail(const char *expr, const char *file, int line, const char *func)
{
	fprintf(stderr, "%s:%d: %s: assertion failed: %s\n", file, line, func, expr);
	abort();
}
