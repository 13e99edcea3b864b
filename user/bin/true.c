/* Succeeds. */
#include "bin.h"

static const char help[] HELP_TEXT = "true\n"
				     "Succeeds.\n";

int
main(int argc, char **argv)
{
	help_option(argc, argv, help);
	return 0;
}
