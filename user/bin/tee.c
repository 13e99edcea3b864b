/* Copies its input to files and on. */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "tee [-a] FILE...\n"
    "Copies standard input to standard output and into files. With -a behind what\n"
    "they hold.\n";

int
main(int argc, char **argv)
{
	int *fds = calloc((size_t)argc + 1, sizeof(*fds)), status = 0, n = 0;
	int flags = O_WRONLY | O_CREAT | O_TRUNC, c, i;
	static char buf[4096];
	ssize_t got;

	help_option(argc, argv, help);
	if (!fds)
		err(1, "files");
	while ((c = getopt(argc, argv, "a")) >= 0) {
		if (c != 'a')
			usage(help, 1);
		flags = O_WRONLY | O_CREAT | O_APPEND;
	}
	fds[n++] = 1;
	for (i = optind; i < argc; i++) {
		fds[n] = open(argv[i], flags, 0666);
		if (fds[n] >= 0) {
			n++;
		} else {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	while ((got = read(0, buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i++)
			if (fds[i] >= 0 && write_all(fds[i], buf, (size_t)got) < 0) {
				warn("write error");
				fds[i] = -1;
				status = 1;
			}
	free(fds);
	return got < 0 ? 1 : status;
}
