/* The last lines of files. */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "tail [-n N | -N] [FILE]...\n"
    "Prints the last N (10) lines of the files, or of standard input.\n";

/* Keeps the last N lines in a ring. */
static int
tail(FILE *f, const char *name, size_t n)
{
	char **ring = calloc(n + 1, sizeof(*ring));
	size_t *len = calloc(n + 1, sizeof(*len)), *room = calloc(n + 1, sizeof(*room));
	size_t lines = 0;
	ssize_t got;

	if (!ring || !len || !room)
		err(1, "%s", name);
	while (n && (got = getline(&ring[lines % n], &room[lines % n], f)) > 0) {
		len[lines % n] = (size_t)got;
		lines++;
	}
	if (ferror(f))
		warn("%s", name);
	for (size_t i = lines > n ? lines - n : 0; i < lines; i++)
		fwrite(ring[i % n], 1, len[i % n], stdout);
	for (size_t i = 0; i < n; i++)
		free(ring[i]);
	free(ring);
	free(len);
	free(room);
	return ferror(f);
}

int
main(int argc, char **argv)
{
	int c, status = 0;
	bool headings;
	long n = 10;

	help_option(argc, argv, help);
	if (argc > 1 && argv[1][0] == '-' && parse_number(argv[1] + 1, 0, 1000000, &n))
		optind = 2;
	while ((c = getopt(argc, argv, "n:")) >= 0)
		if (c != 'n' || !parse_number(optarg, 0, 1000000, &n))
			usage(help, 1);
	if (optind == argc)
		return finish(tail(stdin, "standard input", (size_t)n));
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
		status |= tail(f, argv[c], (size_t)n);
		fclose(f);
	}
	return finish(status);
}
