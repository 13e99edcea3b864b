/* Fails. */
#include "bin.h"

int
main(int argc, char **argv)
{
	help_option(argc, argv, "false\nFails.\n");
	return 1;
}
