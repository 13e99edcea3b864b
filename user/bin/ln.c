/* Makes links. */
#include <err.h>
#include <limits.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "ln [-s] TARGET NAME\n"
    "Gives the file TARGET a second name, or makes a symbolic link. That (-s) only\n"
    "holds the text TARGET. When NAME is a folder the link is made in it.\n";

int
main(int argc, char **argv)
{
	bool symbolic = false;
	char buf[PATH_MAX];
	const char *name;
	int c;

	help_option(argc, argv, help);
	while ((c = getopt(argc, argv, "s")) >= 0) {
		if (c != 's')
			usage(help, 1);
		symbolic = true;
	}
	if (argc - optind != 2)
		usage(help, 1);
	name = into_dir(buf, argv[optind + 1], argv[optind]);
	if (!name || (symbolic ? symlink : link)(argv[optind], name) < 0)
		err(1, "%s", name ? name : argv[optind + 1]);
	return 0;
}
