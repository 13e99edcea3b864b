/* Waits. */
#include <limits.h>
#include <quire.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "sleep N\n"
    "Waits for N ticks of the clock, of which a second has ten.\n";

int
main(int argc, char **argv)
{
	long ticks;

	help_option(argc, argv, help);
	if (argc != 2 || !parse_number(argv[1], 1, INT_MAX, &ticks))
		usage(help, 1);
	return sleep_ticks((int)ticks) < 0;
}
