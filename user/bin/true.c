/* Succeeds. */
#include "bin.h"

int
main(int argc, char **argv)
{
	help_option(argc, argv, "true\nSucceeds.\n");
	return 0;
}
