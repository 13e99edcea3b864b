/* Ends processes. */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "kill PID...\n"
    "Ends the processes.\n";

int
main(int argc, char **argv)
{
	int status = 0;
	long pid;

	help_option(argc, argv, help);
	if (argc < 2)
		usage(help, 1);
	for (int i = 1; i < argc; i++) {
		if (!parse_number(argv[i], 1, INT_MAX, &pid)) {
			warnx("%s: not a process number", argv[i]);
			status = 1;
		} else if (kill((pid_t)pid, SIGKILL) < 0) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
