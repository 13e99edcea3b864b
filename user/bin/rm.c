/* Removes files, links and, with -r, folders with what is in them. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "rm [-rf] FILE...\n"
    "Removes files, links and empty folders.\n"
    "  -r  folders with everything below them\n"
    "  -f  says nothing about files that are not there\n";

static bool recursive, force;

/* The folders that the process went down through: of any depth, which paths have not. */
static struct {
	char (*name)[NAME_MAX + 1];
	size_t depth, room;
} down;

static int
go_down(const char *name)
{
	if (down.depth == down.room) {
		size_t room = down.room ? 2 * down.room : 64;
		void *p = realloc(down.name, room * sizeof(down.name[0]));

		if (!p)
			return -1;
		down.name = p;
		down.room = room;
	}
	if (chdir(name) < 0)
		return -1;
	strcpy(down.name[down.depth++], name);
	return 0;
}

/* Removes NAME, unless it is a folder: then NEXT gets the name. Gone already is fine. */
static int
remove_entry(const char *name, char next[NAME_MAX + 1])
{
	struct stat st;

	if (lstat(name, &st) < 0)
		return errno == ENOENT ? 0 : -1;
	if (S_ISDIR(st.st_mode)) {
		snprintf(next, NAME_MAX + 1, "%s", name);
		return 0;
	}
	return unlink(name) < 0 && errno != ENOENT ? -1 : 0;
}

/* Removes what is in the current folder, but for folders, of which NEXT names one, or is "". */
static int
remove_entries(char next[NAME_MAX + 1])
{
	DIR *d = opendir(".");
	struct dirent *e;
	int r = 0;

	next[0] = '\0';
	if (!d)
		return -1;
	while (r == 0 && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = remove_entry(e->d_name, next);
	closedir(d);
	return r;
}

/* Empties folder PATH from within. */
static _Noreturn void
empty_folder(const char *path)
{
	char next[NAME_MAX + 1];

	if (chdir(path) < 0)
		err(1, "%s", path);
	for (;;) {
		if (remove_entries(next) < 0 || (next[0] && go_down(next) < 0))
			err(1, "below %s", path);
		if (next[0])
			continue;
		if (down.depth == 0)
			_exit(0);
		if (chdir("..") < 0 || rmdir(down.name[--down.depth]) < 0)
			err(1, "below %s", path);
	}
}

/* In a process of its own, so that ours stays in its folder. */
static int
run_empty_folder(const char *path)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		empty_folder(path);
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		warn("%s", path);
		return 1;
	}
	return status != 0;
}

/* What is only ever removed by mistake. */
static bool
is_precious(const char *path)
{
	const char *base = base_name(path);
	struct stat st, root;

	if (strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
		return true;
	return lstat(path, &st) == 0 && stat("/", &root) == 0 && st.st_ino == root.st_ino;
}

static int
remove_path(const char *path)
{
	struct stat st;

	if (is_precious(path)) {
		warnx("%s: not removed, for safety", path);
		return 1;
	}
	if (lstat(path, &st) < 0) {
		if (force && (errno == ENOENT || errno == ENOTDIR))
			return 0;
		warn("%s", path);
		return 1;
	}
	if (recursive && S_ISDIR(st.st_mode) && run_empty_folder(path))
		return 1;
	if (unlink(path) < 0) {
		warn("%s", path);
		return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	int c, status = 0;

	help_option(argc, argv, help);
	while ((c = getopt(argc, argv, "rRf")) >= 0) {
		if (c == 'r' || c == 'R')
			recursive = true;
		else if (c == 'f')
			force = true;
		else
			usage(help, 1);
	}
	if (optind == argc && !force)
		usage(help, 1);
	for (; optind < argc; optind++)
		status |= remove_path(argv[optind]);
	return status;
}
