/* The date. */
#include <stdio.h>
#include <time.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "date [+FORMAT]\n"
    "Prints the date and time (UTC). FORMAT is as in strftime.\n";

int
main(int argc, char **argv)
{
	time_t now = time(NULL);
	char text[256];
	const char *format = "%a %b %e %H:%M:%S UTC %Y";

	help_option(argc, argv, help);
	if (argc > 2 || (argc == 2 && argv[1][0] != '+'))
		usage(help, 1);
	if (argc == 2)
		format = argv[1] + 1;
	if (!strftime(text, sizeof(text), format, gmtime(&now)))
		text[0] = '\0';
	puts(text);
	return finish(0);
}
