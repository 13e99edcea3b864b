/* File names that match a pattern. */
#include <dirent.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

/* The rest of PATTERN below the folder that PATH names ("" : the current one). */
static void	glob_below(struct args *found, const char *path, const char *pattern);

/* The pattern [p, p + n) without the backslashes that protect characters. */
static char *
unescape(const char *p, size_t n)
{
	struct str s;

	str_init(&s, &temp);
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\' && i + 1 < n)
			i++;
		str_add(&s, p[i]);
	}
	return s.s;
}

static bool
is_magic(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\')
			i++;
		else if (strchr("*?[", p[i]))
			return true;
	}
	return false;
}

static char *
concat(const char *a, const char *b)
{
	struct str s;

	str_init(&s, &temp);
	str_cat(&s, a, strlen(a));
	str_cat(&s, b, strlen(b));
	return s.s;
}

/* PATH is there and REST, with its slashes, is what the pattern wants below it. */
static void
descend(struct args *found, const char *path, const char *rest)
{
	size_t slashes = strspn(rest, "/");
	struct stat st;

	if (!*rest) {
		if (lstat(path, &st) == 0)
			args_add(found, (char *)path);
		return;
	}
	path = concat(path, arena_strdup(&temp, rest, slashes));
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (rest[slashes])
			glob_below(found, path, rest + slashes);
		else
			args_add(found, (char *)path);
	}
}

static void
glob_below(struct args *found, const char *path, const char *pattern)
{
	size_t n = strcspn(pattern, "/");
	const char *rest = pattern + n;
	struct dirent *e;
	char *part;
	DIR *d;

	if (!is_magic(pattern, n)) {
		descend(found, concat(path, unescape(pattern, n)), rest);
		return;
	}
	d = opendir(*path ? path : ".");
	if (!d)
		return;
	part = arena_strdup(&temp, pattern, n);
	while ((e = readdir(d)))
		if (fnmatch(part, e->d_name, FNM_PERIOD) == 0)
			descend(found, concat(path, e->d_name), rest);
	closedir(d);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool
glob_add(struct args *a, const char *pattern)
{
	struct args found = { 0 };

	glob_below(&found, "", pattern);
	if (!found.n)
		return false;
	qsort(found.v, (size_t)found.n, sizeof(*found.v), compare);
	for (int i = 0; i < found.n; i++)
		args_add(a, found.v[i]);
	return true;
}
