/* Several processes that write files and read them back. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "stressfs [PROCESSES [KIB]]\n"
    "Writes files in several processes at once, and reads them back. Each of the\n"
    "PROCESSES (4) has a file of KIB (256) kilobytes, in a folder of their own that\n"
    "is removed at the end. Status 0: all was right.\n";

#define CHUNK	1024
#define ROUNDS	4

/* Chunk I of the file of process WHO in round ROUND. */
static void
fill(char *p, long who, long round, long i)
{
	unsigned x = (unsigned)(who * 7919 + round * 104729 + i * 31 + 1);

	for (int k = 0; k < CHUNK; k++) {
		x = x * 1103515245 + 12345;
		p[k] = (char)(x >> 16);
	}
}

static void
write_chunks(const char *name, long who, long round, long kib)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	char buf[CHUNK];

	if (fd < 0)
		err(1, "%s", name);
	for (long i = 0; i < kib; i++) {
		fill(buf, who, round, i);
		if (write_all(fd, buf, CHUNK) < 0)
			err(1, "%s", name);
	}
	close(fd);
}

static void
compare_chunks(const char *name, long who, long round, long kib)
{
	int fd = open(name, O_RDONLY);
	char got[CHUNK], want[CHUNK];

	if (fd < 0)
		err(1, "%s", name);
	for (long i = 0; i < kib; i++) {
		fill(want, who, round, i);
		if (read(fd, got, CHUNK) != CHUNK || memcmp(got, want, CHUNK) != 0)
			errx(1, "%s: kilobyte %ld is not what was written", name, i);
	}
	if (read(fd, got, 1) != 0)
		errx(1, "%s: longer than what was written", name);
	close(fd);
}

static _Noreturn void
work(long who, long kib)
{
	char name[16];

	snprintf(name, sizeof(name), "file%ld", who);
	for (long round = 0; round < ROUNDS; round++) {
		write_chunks(name, who, round, kib);
		compare_chunks(name, who, round, kib);
		if (unlink(name) < 0)
			err(1, "%s", name);
	}
	_exit(0);
}

/* Whether all did well. */
static bool
run(long n, long kib)
{
	bool good = true;
	int status;

	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			work(i, kib);
		if (pid < 0) {
			warn("process %ld", i);
			good = false;
			break;
		}
	}
	while (wait(&status) > 0)
		if (status != 0)
			good = false;
	return good;
}

int
main(int argc, char **argv)
{
	long n = 4, kib = 256;
	char folder[32], file[48];
	bool good;

	help_option(argc, argv, help);
	if (argc > 3 || (argc > 1 && !parse_number(argv[1], 1, 200, &n)) ||
	    (argc > 2 && !parse_number(argv[2], 1, 65803, &kib)))
		usage(help, 1);
	snprintf(folder, sizeof(folder), "/tmp/stress%d", (int)getpid());
	mkdir("/tmp", 0777);
	if (mkdir(folder, 0777) < 0 || chdir(folder) < 0)
		err(1, "%s", folder);
	good = run(n, kib);
	for (long i = 0; i < n; i++) {	/* of those that failed */
		snprintf(file, sizeof(file), "file%ld", i);
		unlink(file);
	}
	if (chdir("/") < 0 || rmdir(folder) < 0)
		err(1, "%s", folder);
	printf("%ld processes wrote %d times %ld KiB and read them back: %s\n", n, ROUNDS, kib,
	    good ? "all right" : "FAILED");
	return finish(!good);
}
