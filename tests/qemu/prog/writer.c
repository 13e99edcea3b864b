/*
 * writer: makes files w0, w1, ... below /tmp, each with a pattern that its name
 * determines, and says "synced N" once file N is surely on the disk. Between them it
 * renames, appends and removes, so that a cut finds every kind of work.
 * writer check N: reads the files 0 to N again; status 1 and a word when one is wrong.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK	1024

static int
blocks_of(int n)
{
	return 1 + n * 37 % 300;
}

static void
fill(char *buf, int n, int block)
{
	for (int i = 0; i < BLOCK; i++)
		buf[i] = (char)(n * 31 + block * 7 + i);
}

static int
write_file(int n)
{
	char name[32], temp[32], buf[BLOCK];
	int fd;

	snprintf(name, sizeof(name), "/tmp/w%d", n);
	snprintf(temp, sizeof(temp), "/tmp/t%d", n);
	fd = open(n % 2 ? temp : name, O_CREAT | O_TRUNC | O_RDWR, 0644);
	if (fd < 0)
		return -1;
	for (int b = 0; b < blocks_of(n); b++) {
		fill(buf, n, b);
		if (write(fd, buf, BLOCK) != BLOCK)
			return -1;
	}
	if (n % 2 && rename(temp, name) < 0)
		return -1;
	if (n % 3 ? fsync(fd) < 0 : (sync(), 0))
		return -1;
	close(fd);
	return 0;
}

/* Work that nobody waits for: it may or may not be there after a cut. */
static void
unsynced_noise(int n)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "/tmp/noise%d", n % 8);
	fd = open(name, O_CREAT | O_RDWR | O_APPEND, 0644);
	if (fd < 0)
		return;
	write(fd, name, sizeof(name));
	if (n % 5 == 0)
		unlink(name);		/* open until the next line */
	close(fd);
	mkdir("/tmp/dir", 0755);
	rmdir("/tmp/dir");
}

static int
check_file(int n)
{
	char name[32], buf[BLOCK], want[BLOCK];
	int fd;

	snprintf(name, sizeof(name), "/tmp/w%d", n);
	fd = open(name, O_RDONLY);
	if (fd < 0) {
		printf("%s is missing\n", name);
		return 1;
	}
	for (int b = 0; b < blocks_of(n); b++) {
		fill(want, n, b);
		if (read(fd, buf, BLOCK) != BLOCK || memcmp(buf, want, BLOCK) != 0) {
			int i = 0;

			while (i < BLOCK && buf[i] == want[i])
				i++;
			printf("%s: block %d is wrong from byte %d on:", name, b, i);
			for (int k = i; k < BLOCK && k < i + 8; k++)
				printf(" %02x", (unsigned char)buf[k]);
			printf(", not %02x\n", (unsigned char)want[i]);
			return 1;
		}
	}
	close(fd);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc > 2) {
		for (int n = 0; n <= atoi(argv[2]); n++)
			if (check_file(n) != 0)
				return 1;
		return 0;
	}
	for (int n = 0; n < 400; n++) {
		if (write_file(n) < 0) {
			perror("writer");
			return 1;
		}
		printf("synced %d\n", n);
		fflush(stdout);
		unsynced_noise(n);
	}
	return 0;
}
