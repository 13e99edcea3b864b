/* Makes files that are not there. */
#include <err.h>
#include <fcntl.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "touch FILE...\n"
    "Creates the files that do not exist.\n";

int
main(int argc, char **argv)
{
	int status = 0;

	help_option(argc, argv, help);
	if (getopt(argc, argv, "") >= 0 || optind == argc)
		usage(help, 1);
	for (int i = optind; i < argc; i++) {
		int fd = is_dir(argv[i]) ? -2 : open(argv[i], O_WRONLY | O_CREAT, 0666);

		if (fd == -1) {
			warn("%s", argv[i]);
			status = 1;
		}
		if (fd >= 0)
			close(fd);
	}
	return status;
}
