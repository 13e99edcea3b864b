/* same A B: status 0 when the two files (`-`: standard input) hold the same. */
#include <stdio.h>
#include <string.h>

static FILE *
open_file(const char *name)
{
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");

	if (f == NULL)
		perror(name);
	return f;
}

int
main(int argc, char **argv)
{
	FILE *a, *b;
	int c, d;

	if (argc != 3 || (a = open_file(argv[1])) == NULL || (b = open_file(argv[2])) == NULL)
		return 2;
	do {
		c = getc(a);
		d = getc(b);
	} while (c == d && c != EOF);
	return c != d;
}
