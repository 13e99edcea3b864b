/* The first lines of files. */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "head [-n N | -N] [FILE]...\n"
    "Prints the first N (10) lines of the files, or of standard input.\n";

static int
head(FILE *f, const char *name, long lines)
{
	int c;

	while (lines > 0 && (c = getc(f)) != EOF) {
		putchar(c);
		lines -= c == '\n';
	}
	if (ferror(f))
		warn("%s", name);
	return ferror(f);
}

int
main(int argc, char **argv)
{
	int c, status = 0;
	bool headings;
	long n = 10;

	help_option(argc, argv, help);
	if (argc > 1 && argv[1][0] == '-' && parse_number(argv[1] + 1, 0, LONG_MAX, &n))
		optind = 2;
	while ((c = getopt(argc, argv, "n:")) >= 0)
		if (c != 'n' || !parse_number(optarg, 0, LONG_MAX, &n))
			usage(help, 1);
	if (optind == argc) {
		status = head(stdin, "standard input", n);
		fflush(stdin);		/* the rest is for whoever shares it with us */
		return finish(status);
	}
	headings = argc - optind > 1;
	for (c = optind; c < argc; c++) {
		FILE *f = fopen(argv[c], "r");

		if (!f) {
			warn("%s", argv[c]);
			status = 1;
			continue;
		}
		if (headings)
			printf("%s==> %s <==\n", c > optind ? "\n" : "", argv[c]);
		status |= head(f, argv[c], n);
		fclose(f);
	}
	return finish(status);
}
