/* Facts about large files. */
#include <fcntl.h>
#include <sys/stat.h>

#include "probe.h"

#define BLOCK	1024
#define MANY	20000L			/* blocks of a file */
#define NAME	"/tmp/large"

static uint32_t block[64 * BLOCK / sizeof(uint32_t)];

static void
fill(uint32_t first)
{
	for (size_t i = 0; i < sizeof(block) / sizeof(block[0]); i++)
		block[i] = first + (uint32_t)i;
}

static void
write_file(void)
{
	int fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);

	for (long at = 0; at < MANY; at += 64) {
		fill((uint32_t)at);
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			err(1, "block %ld", at);
	}
	close(fd);
}

static void
contents(void)
{
	int fd;
	long good = 0;

	write_file();
	fd = open(NAME, O_RDONLY);
	for (long at = 0; at < MANY; at += 64) {
		static uint32_t want[64 * BLOCK / sizeof(uint32_t)];

		fill((uint32_t)at);
		memcpy(want, block, sizeof(want));
		if (read(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
			good += memcmp(want, block, sizeof(want)) == 0;
	}
	printf("contents: %ld of %ld pieces are right\n", good, (MANY + 63) / 64);
}

/* Twelve times a tenth of the disk. */
static void
again(void)
{
	for (int i = 0; i < 12; i++) {
		write_file();
		if (unlink(NAME) < 0)
			err(1, NAME);
	}
	printf("again: 12 large files, one after the other\n");
}

static void
sparse(void)
{
	int fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);
	struct stat st;
	char c = 1;

	pwrite(fd, "x", 1, 60000L * BLOCK);
	pread(fd, &c, 1, 30000L * BLOCK);
	fstat(fd, &st);
	printf("sparse: %s, a byte inside is %d\n",
	    st.st_blocks < 16 ? "few blocks" : "many blocks", c);
	ftruncate(fd, 10);
	fstat(fd, &st);
	printf("sparse: cut to %ld bytes, %s\n", (long)st.st_size,
	    st.st_blocks < 4 ? "few blocks" : "many blocks");
}

static const struct check checks[] = {
	{ "contents", contents }, { "again", again }, { "sparse", sparse },
};
PROBE_MAIN(checks)
