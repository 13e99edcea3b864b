/* Temporary files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int
mkstemp(char *template)
{
	size_t len = strlen(template);
	struct timespec ts = { 0 };
	unsigned long n;

	if (len < 6 || strcmp(template + len - 6, "XXXXXX") != 0) {
		errno = EINVAL;
		return -1;
	}
	clock_gettime(CLOCK_MONOTONIC, &ts);
	n = (unsigned long)ts.tv_nsec + (unsigned long)getpid() * 7919;
	for (int tries = 0; tries < 100; tries++, n++) {
		unsigned long rest = n;
		int fd;

		for (size_t i = len - 6; i < len; i++, rest /= 36)
			template[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36];
		fd = open(template, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}
