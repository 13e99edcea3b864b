/* Writes everything to the disk. */
#include <unistd.h>

#include "bin.h"

static const char help[] =
    "sync\n"
    "Returns when everything that was changed is on the disk.\n";

int
main(int argc, char **argv)
{
	help_option(argc, argv, help);
	sync();
	return 0;
}
