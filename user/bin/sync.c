/* Writes everything to the disk. */
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "sync\n"
    "Writes everything that was changed to the disk. Returns when it is there.\n";

int
main(int argc, char **argv)
{
	help_option(argc, argv, help);
	if (argc > 1)
		usage(help, 1);
	sync();
	return 0;
}
