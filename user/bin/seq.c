/* Numbers in a row. */
#include <limits.h>
#include <stdio.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "seq [FIRST [STEP]] LAST\n"
    "Prints the numbers from FIRST (1) to LAST, one per line.\n";

static bool
parse_signed(const char *s, long *n)
{
	bool ok = parse_number(s + (*s == '-'), 0, LONG_MAX, n);

	*n = *s == '-' ? -*n : *n;
	return ok;
}

int
main(int argc, char **argv)
{
	long first = 1, step = 1, last;

	help_option(argc, argv, help);
	if (argc < 2 || argc > 4 || !parse_signed(argv[argc - 1], &last) ||
	    (argc > 2 && !parse_signed(argv[1], &first)) ||
	    (argc > 3 && !parse_signed(argv[2], &step)) || step == 0)
		usage(help, 1);
	while (step > 0 ? first <= last : first >= last) {
		if (printf("%ld\n", first) < 0 ||
		    __builtin_add_overflow(first, step, &first))
			break;
	}
	return finish(0);
}
