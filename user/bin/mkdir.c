/* Makes folders. */
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "mkdir [-p] FOLDER...\n"
    "Makes folders. With -p also those above them, and no complaint when one is\n"
    "there.\n";

static int
make_with_parents(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/' || p[-1] == '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0777) < 0 && errno != EEXIST)
			return -1;
		*p = '/';
	}
	if (mkdir(path, 0777) == 0 || (errno == EEXIST && is_dir(path)))
		return 0;
	return -1;
}

int
main(int argc, char **argv)
{
	bool parents = false;
	int c, status = 0;

	help_option(argc, argv, help);
	while ((c = getopt(argc, argv, "p")) >= 0) {
		if (c != 'p')
			usage(help, 1);
		parents = true;
	}
	if (optind == argc)
		usage(help, 1);
	for (; optind < argc; optind++)
		if ((parents ? make_with_parents(argv[optind]) : mkdir(argv[optind], 0777)) < 0) {
			warn("%s", argv[optind]);
			status = 1;
		}
	return status;
}
