/* Fails. */
#include "bin.h"

static const char help[] HELP_TEXT = "false\n"
				     "Fails.\n";

int
main(int argc, char **argv)
{
	help_option(argc, argv, help);
	return 1;
}
