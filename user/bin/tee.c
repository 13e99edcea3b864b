/* Copies its input to files and on. */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"

static const char help[] =
    "tee [-a] FILE...\n"
    "Copies standard input to standard output and into the files (-a: behind what they hold).\n";

int
main(int argc, char **argv)
{
	int *fds = calloc((size_t)argc + 1, sizeof(*fds)), status = 0, n = 0;
	int flags = O_WRONLY | O_CREAT | O_TRUNC, i = 1;
	static char buf[4096];
	ssize_t got;

	help_option(argc, argv, help);
	if (!fds)
		err(1, "files");
	if (argc > 1 && strcmp(argv[1], "-a") == 0) {
		flags = O_WRONLY | O_CREAT | O_APPEND;
		i++;
	}
	fds[n++] = 1;
	for (; i < argc; i++) {
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
