/* Finds names below a folder. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "find DIR NAME | find DIR -name PATTERN\n"
    "Prints the path of everything below DIR that is called NAME. In a PATTERN *\n"
    "stands for any text, ? for any character. Links are not followed.\n";

struct folder {			/* still to be read */
	struct folder *next;
	char path[];
};

static struct folder *to_read;
static const char *wanted;
static bool pattern;			/* wanted is one */
static int status;

static void
add_folder(const char *path)
{
	size_t n = strlen(path) + 1;
	struct folder *f = malloc(sizeof(*f) + n);

	if (!f) {
		warn("%s", path);
		status = 1;
		return;
	}
	memcpy(f->path, path, n);
	f->next = to_read;
	to_read = f;
}

static bool
matches(const char *name)
{
	if (pattern)
		return fnmatch(wanted, name, 0) == 0;
	return strncmp(name, wanted, NAME_MAX) == 0;
}

static void
visit(const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	if (!join_path(path, folder, name)) {
		warn("%s/%s", folder, name);
		status = 1;
		return;
	}
	if (matches(name))
		puts(path);
	if (lstat(path, &st) < 0) {
		if (errno != ENOENT) {		/* removed meanwhile: fine */
			warn("%s", path);
			status = 1;
		}
		return;
	}
	if (S_ISDIR(st.st_mode))
		add_folder(path);
}

static void
read_folder(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);

	if (!d) {
		warn("%s", path);
		status = 1;
		return;
	}
	while ((errno = 0, e = readdir(d)))
		visit(path, e->d_name);
	if (errno) {
		warn("%s", path);
		status = 1;
	}
	closedir(d);
}

int
main(int argc, char **argv)
{
	help_option(argc, argv, help);
	pattern = argc == 4 && strcmp(argv[2], "-name") == 0;
	if (argc != 3 && !pattern)
		usage(help, 1);
	wanted = argv[argc - 1];
	add_folder(argv[1]);
	while (to_read) {
		struct folder *f = to_read;

		to_read = f->next;
		read_folder(f->path);
		free(f);
	}
	return finish(status);
}
