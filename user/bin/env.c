/* Shows or changes the environment. */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "env [-i] [NAME=VALUE]... [COMMAND [ARG]...]\n"
    "Runs COMMAND with the variables in its environment. With -i only these are in\n"
    "it; without COMMAND it is printed.\n";

int
main(int argc, char **argv)
{
	static char *nothing[] = { NULL };
	int i = 1, status;

	help_option(argc, argv, help);
	if (i < argc && strcmp(argv[i], "-i") == 0) {
		environ = nothing;
		i++;
	}
	if (i < argc && argv[i][0] == '-')
		usage(help, 1);
	for (char *equals; i < argc && (equals = strchr(argv[i], '=')); i++) {
		*equals = '\0';
		if (setenv(argv[i], equals + 1, 1) < 0)
			err(125, "%s", argv[i]);
	}
	if (i < argc) {
		execvp(argv[i], argv + i);
		status = errno == ENOENT ? 127 : 126;
		warn("%s", argv[i]);
		return status;
	}
	for (char **e = environ; *e; e++)
		puts(*e);
	return finish(0);
}
