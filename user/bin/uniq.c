/* Leaves out repeated lines. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "uniq [-cd] [FILE]\n"
    "Prints each line once that comes several times in a row, as after sort.\n"
    "  -c  with the number of times before it   -d  only lines that come more than once\n";

static bool counts, doubles;

static void
show(const char *line, long times)
{
	if (times == 0 || (doubles && times == 1))
		return;
	if (counts)
		printf("%7ld ", times);
	fputs(line, stdout);
}

/* Two lines with their room; the last of a file may have no newline. */
static void
filter(FILE *f)
{
	char *line[2] = { NULL, NULL };
	size_t room[2] = { 0, 0 };
	long times = 0;
	int now = 0;

	while (getline(&line[now], &room[now], f) > 0) {
		if (times > 0 && strcmp(line[0], line[1]) == 0) {
			times++;
			continue;
		}
		show(line[1 - now], times);
		times = 1;
		now = 1 - now;
	}
	show(line[1 - now], times);
	free(line[0]);
	free(line[1]);
}

int
main(int argc, char **argv)
{
	FILE *f = stdin;
	int c;

	help_option(argc, argv, help);
	while ((c = getopt(argc, argv, "cd")) >= 0) {
		if (c == 'c')
			counts = true;
		else if (c == 'd')
			doubles = true;
		else
			usage(help, 1);
	}
	if (argc - optind > 1)
		usage(help, 1);
	if (optind < argc && !(f = fopen(argv[optind], "r")))
		err(1, "%s", argv[optind]);
	filter(f);
	if (ferror(f))
		warn("%s", optind < argc ? argv[optind] : "standard input");
	return finish(ferror(f) != 0);
}
