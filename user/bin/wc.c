/* Counts lines, words and bytes. */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "wc [-lwc] [FILE]...\n"
    "Counts the lines, words and bytes of files or standard input.\n"
    "  -l -w -c  only lines, words, bytes\n";

struct counts {
	unsigned long lines, words, bytes;
};

static bool lines, words, bytes;

static int
count(int fd, const char *name, struct counts *n)
{
	static char buf[4096];
	bool in_word = false;
	ssize_t got;

	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		n->bytes += (unsigned long)got;
		for (ssize_t i = 0; i < got; i++) {
			bool blank = isspace((unsigned char)buf[i]);

			n->lines += buf[i] == '\n';
			n->words += in_word < !blank;
			in_word = !blank;
		}
	}
	if (got < 0)
		warn("%s", name);
	return got < 0;
}

static void
show(const struct counts *n, const char *name)
{
	const char *blank = "";

	if (lines)
		printf("%lu", n->lines), blank = " ";
	if (words)
		printf("%s%lu", blank, n->words), blank = " ";
	if (bytes)
		printf("%s%lu", blank, n->bytes);
	printf("%s%s\n", *name ? " " : "", name);
}

static int
count_file(const char *name, struct counts *total)
{
	struct counts n = { 0 };
	int fd = open(name, O_RDONLY), status;

	if (fd < 0) {
		warn("%s", name);
		return 1;
	}
	status = count(fd, name, &n);
	close(fd);
	show(&n, name);
	total->lines += n.lines;
	total->words += n.words;
	total->bytes += n.bytes;
	return status;
}

int
main(int argc, char **argv)
{
	struct counts total = { 0 };
	int c, status = 0;

	help_option(argc, argv, help);
	while ((c = getopt(argc, argv, "lwc")) >= 0) {
		switch (c) {
		case 'l':
			lines = true;
			break;
		case 'w':
			words = true;
			break;
		case 'c':
			bytes = true;
			break;
		default:
			usage(help, 1);
		}
	}
	if (!lines && !words && !bytes)
		lines = words = bytes = true;
	if (optind == argc) {
		status = count(0, "standard input", &total);
		show(&total, "");
		return finish(status);
	}
	for (c = optind; c < argc; c++)
		status |= count_file(argv[c], &total);
	if (argc - optind > 1)
		show(&total, "total");
	return finish(status);
}
