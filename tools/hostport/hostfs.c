/* See hostfs.h. */
#define _DEFAULT_SOURCE
#include "hostfs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
complain(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return false;
}

bool
hostfs_stat(const char *path, struct hostfs_stat *st)
{
	struct stat s;

	if (lstat(path, &s) < 0)
		return complain(path);
	st->kind = S_ISREG(s.st_mode) ? HOST_FILE : S_ISDIR(s.st_mode) ? HOST_DIR
	    : S_ISLNK(s.st_mode) ? HOST_LINK : HOST_OTHER;
	st->executable = s.st_mode & S_IXUSR;
	st->dev = (uint64_t)s.st_dev;
	st->ino = (uint64_t)s.st_ino;
	st->nlink = (uint64_t)s.st_nlink;
	return true;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **
hostfs_list(const char *path, size_t *n)
{
	DIR *d = opendir(path);
	char **names = NULL;
	struct dirent *de;
	size_t room = 0;

	*n = 0;
	if (d == NULL) {
		complain(path);
		return NULL;
	}
	while ((de = readdir(d)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		if (*n >= room) {
			room = room * 2 + 16;
			names = realloc(names, room * sizeof(*names));
		}
		if (names == NULL || (names[*n] = strdup(de->d_name)) == NULL) {
			complain(path);
			exit(1);
		}
		++*n;
	}
	closedir(d);
	if (names == NULL)
		return calloc(1, sizeof(*names));
	qsort(names, *n, sizeof(*names), compare);
	return names;
}

char *
hostfs_readlink(const char *path)
{
	char buf[1024];
	ssize_t n = readlink(path, buf, sizeof(buf) - 1);

	if (n < 0) {
		complain(path);
		return NULL;
	}
	buf[n] = '\0';
	return strdup(buf);
}

bool
hostfs_mkdir(const char *path)
{
	return mkdir(path, 0777) == 0 || errno == EEXIST || complain(path);
}

bool
hostfs_symlink(const char *target, const char *path)
{
	return symlink(target, path) == 0 || complain(path);
}

bool
hostfs_set_mode(const char *path, unsigned mode)
{
	return chmod(path, mode) == 0 || complain(path);
}
