/* Switches the machine off. */
#include <quire.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "halt [STATUS]\n"
    "Writes everything to the disk and switches the machine off. The emulator exits\n"
    "with STATUS.\n";

int
main(int argc, char **argv)
{
	long status = 0;

	help_option(argc, argv, help);
	if (argc > 2 || (argc == 2 && !parse_number(argv[1], 0, 255, &status)))
		usage(help, 1);
	sync();
	halt((int)status);
}
