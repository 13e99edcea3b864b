/* Removes files, links and, with -r, folders with what is in them. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "rm [-rf] FILE...\n"
    "Removes files, links and empty folders.\n"
    "  -r  folders with everything below them\n"
    "  -f  says nothing about files that are not there\n";

static bool recursive, force;

static int	remove_path(const char *path);

/* Empties folder PATH. */
static int
empty_folder(const char *path)
{
	char child[PATH_MAX];
	struct dirent *e;
	int status = 0;
	DIR *d = opendir(path);

	if (!d) {
		warn("%s", path);
		return 1;
	}
	while ((e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (!join_path(child, path, e->d_name)) {
			warn("%s/%s", path, e->d_name);
			status = 1;
			continue;
		}
		status |= remove_path(child);
	}
	closedir(d);
	return status;
}

static int
remove_path(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (force && (errno == ENOENT || errno == ENOTDIR))
			return 0;
		warn("%s", path);
		return 1;
	}
	if (recursive && S_ISDIR(st.st_mode) && empty_folder(path))
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
