/* Sorts lines. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "sort [-nru] [FILE]...\n"
    "Prints the lines of the files, or of standard input, in order.\n"
    "  -n  by the number they begin with  -r  backwards  -u  equal ones once\n";

static char **lines;
static size_t nlines, room;
static bool numeric, reverse, unique;

static int
compare(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int r = 0;

	if (numeric) {
		long long m = atoll(x), n = atoll(y);

		r = m < n ? -1 : m > n;
	}
	if (!r && !(numeric && unique))
		r = strcmp(x, y);
	return reverse ? -r : r;
}

static int
read_lines(FILE *f, const char *name)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (nlines == room) {
			room = room ? room * 2 : 256;
			lines = realloc(lines, room * sizeof(*lines));
			if (!lines)
				err(2, "%s", name);
		}
		lines[nlines] = strdup(line);
		if (!lines[nlines++])
			err(2, "%s", name);
	}
	free(line);
	if (ferror(f))
		warn("%s", name);
	return ferror(f) ? 2 : 0;
}

static void
options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "nru")) >= 0) {
		switch (c) {
		case 'n':
			numeric = true;
			break;
		case 'r':
			reverse = true;
			break;
		case 'u':
			unique = true;
			break;
		default:
			usage(help, 2);
		}
	}
}

int
main(int argc, char **argv)
{
	int status = 0;

	help_option(argc, argv, help);
	options(argc, argv);
	if (optind == argc)
		status = read_lines(stdin, "standard input");
	for (; optind < argc; optind++) {
		FILE *f = fopen(argv[optind], "r");

		if (!f) {
			warn("%s", argv[optind]);
			status = 2;
			continue;
		}
		status |= read_lines(f, argv[optind]);
		fclose(f);
	}
	qsort(lines, nlines, sizeof(*lines), compare);
	for (size_t i = 0; i < nlines; i++)
		if (!unique || i == 0 || compare(&lines[i - 1], &lines[i]) != 0)
			puts(lines[i]);
	return finish(status);
}
