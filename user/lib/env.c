/* The environment. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * environ, once we have changed it, with room for `room` pointers. Strings
 * that setenv made are never freed: somebody may hold getenv's result.
 */
static char **own;
static size_t room;

static char **
find(const char *name, size_t len)
{
	for (char **e = environ; e && *e; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
			return e;
	return NULL;
}

char *
getenv(const char *name)
{
	size_t len = strlen(name);
	char **e = find(name, len);

	return e ? *e + len + 1 : NULL;
}

static int
bad_name(const char *name)
{
	if (name && *name && !strchr(name, '='))
		return 0;
	errno = EINVAL;
	return 1;
}

/* Adds STRING, "NAME=VALUE", at the end. */
static int
append(char *string)
{
	size_t n = 0;

	while (environ && environ[n])
		n++;
	if (environ != own || n + 2 > room) {
		char **bigger = malloc((n + 16) * sizeof(*bigger));

		if (!bigger)
			return -1;
		memcpy(bigger, environ, n * sizeof(*bigger));
		free(own);
		environ = own = bigger;
		room = n + 16;
	}
	environ[n] = string;
	environ[n + 1] = NULL;
	return 0;
}

int
setenv(const char *name, const char *value, int overwrite)
{
	size_t len, vlen = strlen(value);
	char **e, *string;

	if (bad_name(name))
		return -1;
	len = strlen(name);
	e = find(name, len);
	if (e && !overwrite)
		return 0;
	string = malloc(len + vlen + 2);
	if (!string)
		return -1;
	memcpy(string, name, len);
	string[len] = '=';
	memcpy(string + len + 1, value, vlen + 1);
	if (e) {
		*e = string;
	} else if (append(string) < 0) {
		free(string);
		return -1;
	}
	return 0;
}

int
unsetenv(const char *name)
{
	char **e;

	if (bad_name(name))
		return -1;
	while ((e = find(name, strlen(name))))
		do
			e[0] = e[1];
		while (*++e);
	return 0;
}
