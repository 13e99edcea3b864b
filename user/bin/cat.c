/* Files one behind the other on standard output. */
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "cat [FILE]...\n"
    "Writes files, or standard input (also for -), to standard output.\n";

int
main(int argc, char **argv)
{
	int status = 0;

	help_option(argc, argv, help);
	if (argc < 2)
		return copy_fd(0, 1, "standard input") < 0;
	for (int i = 1; i < argc; i++) {
		bool in = strcmp(argv[i], "-") == 0;
		int fd = in ? 0 : open(argv[i], O_RDONLY);

		if (fd < 0) {
			warn("%s", argv[i]);
			status = 1;
			continue;
		}
		if (copy_fd(fd, 1, argv[i]) < 0)
			status = 1;
		if (!in)
			close(fd);
	}
	return status;
}
