/* What the programs share. */
#include "bin.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
help_option(int argc, char **argv, const char *help)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: %s", help);
		exit(finish(0));
	}
}

void
usage(const char *help, int status)
{
	fprintf(stderr, "usage: %.*s\n", (int)strcspn(help, "\n"), help);
	exit(status);
}

bool
parse_number(const char *s, long min, long max, long *n)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*n = strtol(s, &end, 10);
	return !*end && !errno && *n >= min && *n <= max;
}

int
write_all(int fd, const void *buf, size_t n)
{
	const char *p = buf;

	while (n) {
		ssize_t w = write(fd, p, n);

		if (w <= 0) {
			if (w == 0)
				errno = ENOSPC;
			return -1;
		}
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

/* Silent when nobody reads any more: `seq 1000 | head` is in order. */
static void
warn_write(void)
{
	if (errno != EPIPE)
		warn("write error");
}

int
copy_fd(int in, int out, const char *name)
{
	static char buf[4096];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write_all(out, buf, (size_t)n) < 0) {
			warn_write();
			return -1;
		}
	if (n < 0)
		warn("%s", name);
	return n < 0 ? -1 : 0;
}

bool
join_path(char *buf, const char *dir, const char *name)
{
	size_t len = strlen(dir);
	const char *slash = len && dir[len - 1] == '/' ? "" : "/";

	if (snprintf(buf, PATH_MAX, "%s%s%s", dir, slash, name) < PATH_MAX)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

const char *
base_name(const char *path)
{
	const char *base = path;

	for (; *path; path++)
		if (*path == '/' && path[1] && path[1] != '/')
			base = path + 1;
	return base;
}

bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *
into_dir(char *buf, const char *dest, const char *src)
{
	if (!is_dir(dest))
		return dest;
	return join_path(buf, dest, base_name(src)) ? buf : NULL;
}

int
finish(int status)
{
	if (fflush(stdout) < 0 || ferror(stdout)) {
		warn_write();
		return 1;
	}
	return status;
}
