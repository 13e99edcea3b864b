/* Prints the current folder. */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "pwd\n"
    "Prints the path of the current folder.\n";

int
main(int argc, char **argv)
{
	char *cwd;

	help_option(argc, argv, help);
	if (argc > 1)
		usage(help, 1);
	cwd = getcwd(NULL, 0);
	if (!cwd)
		err(1, "current folder");
	puts(cwd);
	return finish(0);
}
