/* Renames. */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "mv FILE... DEST\n"
    "Renames a file or folder, or moves files into a folder, DEST.\n";

int
main(int argc, char **argv)
{
	char buf[PATH_MAX];
	const char *dest;
	int status = 0;

	help_option(argc, argv, help);
	if (argc < 3 || argv[1][0] == '-')
		usage(help, 1);
	dest = argv[argc - 1];
	if (argc > 3 && !is_dir(dest))
		errx(1, "%s: not a folder", dest);
	for (int i = 1; i < argc - 1; i++) {
		const char *to = into_dir(buf, dest, argv[i]);

		if (!to || rename(argv[i], to) < 0) {
			warn("%s to %s", argv[i], to ? to : dest);
			status = 1;
		}
	}
	return status;
}
