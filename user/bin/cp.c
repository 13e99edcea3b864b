/* Copies files and, with -r, folders. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "cp [-r] FILE... DEST\n"
    "Copies a file to DEST, or files into the folder DEST. With -r, folders too; a\n"
    "symbolic link is copied as one by -r, otherwise what it leads to.\n";

static bool recursive;

static int	copy(const char *from, const char *to);

static int
copy_file(const char *from, const char *to)
{
	struct stat a, b;
	int in = open(from, O_RDONLY), out, status;

	if (in < 0) {
		warn("%s", from);
		return 1;
	}
	if (fstat(in, &a) == 0 && stat(to, &b) == 0 && a.st_ino == b.st_ino &&
	    a.st_dev == b.st_dev) {
		warnx("%s and %s are the same file", from, to);
		close(in);
		return 1;
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (out < 0) {
		warn("%s", to);
		close(in);
		return 1;
	}
	status = copy_fd(in, out, from) < 0;
	close(in);
	if (close(out) < 0) {
		warn("%s", to);
		status = 1;
	}
	return status;
}

static int
copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n >= 0) {
		target[n] = '\0';
		if (symlink(target, to) == 0)
			return 0;
	}
	warn("%s", to);
	return 1;
}

static int
copy_folder(const char *from, const char *to)
{
	char a[PATH_MAX], b[PATH_MAX];
	struct dirent *e;
	int status = 0;
	DIR *d = opendir(from);

	if (!d) {
		warn("%s", from);
		return 1;
	}
	if (mkdir(to, 0777) < 0 && !(errno == EEXIST && is_dir(to))) {
		warn("%s", to);
		closedir(d);
		return 1;
	}
	while ((e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (!join_path(a, from, e->d_name) || !join_path(b, to, e->d_name)) {
			warn("%s/%s", from, e->d_name);
			status = 1;
			continue;
		}
		status |= copy(a, b);
	}
	closedir(d);
	return status;
}

static int
copy(const char *from, const char *to)
{
	struct stat st;

	if ((recursive ? lstat : stat)(from, &st) < 0) {
		warn("%s", from);
		return 1;
	}
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to);
	if (!S_ISDIR(st.st_mode))
		return copy_file(from, to);
	if (recursive)
		return copy_folder(from, to);
	warnx("%s: a folder; -r copies it", from);
	return 1;
}

/* Is TO inside FROM, or the same? Then copying would never end. */
static bool
inside(const char *from, const char *to)
{
	size_t n = strlen(from);

	while (n > 1 && from[n - 1] == '/')
		n--;
	return strncmp(from, to, n) == 0 && (to[n] == '/' || !to[n] || (n == 1 && *from == '/'));
}

int
main(int argc, char **argv)
{
	char buf[PATH_MAX];
	const char *dest;
	int c, status = 0;

	help_option(argc, argv, help);
	while ((c = getopt(argc, argv, "rR")) >= 0) {
		if (c == '?')
			usage(help, 1);
		recursive = true;
	}
	if (argc - optind < 2)
		usage(help, 1);
	dest = argv[argc - 1];
	if (argc - optind > 2 && !is_dir(dest))
		errx(1, "%s: not a folder", dest);
	for (; optind < argc - 1; optind++) {
		const char *to = into_dir(buf, dest, argv[optind]);

		if (!to) {
			warn("%s", dest);
			status = 1;
		} else if (recursive && is_dir(argv[optind]) && inside(argv[optind], to)) {
			warnx("%s: cannot be copied into itself, %s", argv[optind], to);
			status = 1;
		} else {
			status |= copy(argv[optind], to);
		}
	}
	return status;
}
