/* What the file system knows about files. */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "stat [-L] FILE...\n"
    "Shows everything about files. Of a link, about itself; -L: about its target.\n";

static const char *
kind(mode_t mode)
{
	return S_ISDIR(mode) ? "folder" : S_ISLNK(mode) ? "symbolic link" :
	    S_ISCHR(mode) ? "device" : S_ISFIFO(mode) ? "pipe" : "file";
}

static void
show_time(const char *what, const struct timespec *ts)
{
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime(&ts->tv_sec));
	printf("%8s: %s.%09ld\n", what, text, ts->tv_nsec);
}

static void
show(const char *path, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = S_ISLNK(st->st_mode) ? readlink(path, target, sizeof(target)) : -1;

	printf("    file: %s", path);
	if (n >= 0)
		printf(" -> %.*s", (int)n, target);
	printf("\n    type: %s", kind(st->st_mode));
	if (S_ISCHR(st->st_mode))
		printf(" %u, %u", major(st->st_rdev), minor(st->st_rdev));
	printf("\n    size: %lld bytes in %lld blocks of 512\n", (long long)st->st_size,
	    (long long)st->st_blocks);
	printf("   inode: %u  links: %u  mode: %04o\n", st->st_ino, st->st_nlink,
	    st->st_mode & 07777);
	show_time("modified", &st->st_mtim);
	show_time("changed", &st->st_ctim);
}

int
main(int argc, char **argv)
{
	bool follow = false;
	int c, status = 0;

	help_option(argc, argv, help);
	while ((c = getopt(argc, argv, "L")) >= 0) {
		if (c != 'L')
			usage(help, 1);
		follow = true;
	}
	if (optind == argc)
		usage(help, 1);
	for (; optind < argc; optind++) {
		struct stat st;

		if ((follow ? stat : lstat)(argv[optind], &st) < 0) {
			warn("%s", argv[optind]);
			status = 1;
		} else {
			show(argv[optind], &st);
		}
	}
	return finish(status);
}
