/* Removes empty folders. */
#include <err.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "rmdir FOLDER...\n"
    "Removes empty folders.\n";

int
main(int argc, char **argv)
{
	int status = 0;

	help_option(argc, argv, help);
	if (argc < 2)
		usage(help, 1);
	for (int i = 1; i < argc; i++)
		if (rmdir(argv[i]) < 0) {
			warn("%s", argv[i]);
			status = 1;
		}
	return status;
}
