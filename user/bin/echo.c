/* Prints its arguments. */
#include <stdio.h>
#include <string.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "echo [-n] [WORD]...\n"
    "Prints the words with a blank between. With -n, without a newline behind.\n";

int
main(int argc, char **argv)
{
	bool newline = true;
	int i = 1;

	help_option(argc, argv, help);
	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		newline = false;
		i++;
	}
	for (int first = i; i < argc; i++)
		printf("%s%s", i > first ? " " : "", argv[i]);
	if (newline)
		putchar('\n');
	return finish(0);
}
