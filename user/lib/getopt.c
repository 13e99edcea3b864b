/* Options of a command line. POSIX.1-2017, getopt(); XBD 12.2. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *optarg;
int optind = 1, opterr = 1, optopt;

/* Position in a group such as -abc; 0 between arguments. */
static int at;

static int
complain(const char *options, const char *what)
{
	if (opterr && *options != ':')
		fprintf(stderr, "%s: %s -- %c\n", getprogname(), what, optopt);
	return '?';
}

static void
next_argument(void)
{
	optind++;
	at = 0;
}

int
getopt(int argc, char *const argv[], const char *options)
{
	const char *arg, *known;

	if (optind == 0)		/* start over, as BSD and glibc do */
		optind = 1, at = 0;
	optarg = NULL;
	if (optind >= argc || !argv[optind])
		return -1;
	arg = argv[optind];
	if (!at) {
		if (arg[0] != '-' || !arg[1])
			return -1;
		if (strcmp(arg, "--") == 0) {
			optind++;
			return -1;
		}
		at = 1;
	}
	optopt = (unsigned char)arg[at++];
	known = optopt == ':' ? NULL : strchr(options, optopt);
	if (!known || known[1] != ':') {
		if (!arg[at])
			next_argument();
		return known ? optopt : complain(options, "unknown option");
	}
	if (arg[at]) {
		optarg = (char *)arg + at;
	} else {
		optind++;
		if (optind >= argc) {
			at = 0;
			complain(options, "option needs an argument");
			return *options == ':' ? ':' : '?';
		}
		optarg = argv[optind];
	}
	next_argument();
	return optopt;
}
