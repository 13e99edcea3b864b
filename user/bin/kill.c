/* Ends processes. */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "kill [-9] PID...\n"
    "Ends the processes. There is one signal, which cannot be caught: -9, -KILL and\n"
    "-TERM are the same as nothing.\n";

/* A signal that ends a process, as habit has them. */
static bool
is_signal(const char *word)
{
	static const char *const words[] = { "-9", "-15", "-KILL", "-TERM" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

int
main(int argc, char **argv)
{
	int status = 0, first;
	long pid;

	help_option(argc, argv, help);
	first = argc > 1 && is_signal(argv[1]) ? 2 : 1;
	if (first >= argc)
		usage(help, 1);
	for (int i = first; i < argc; i++) {
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
