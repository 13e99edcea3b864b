/* Shows the largest file, and where its blocks are. */
#include <abi/fs.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin.h"
#include "demo.h"

static const char help[] HELP_TEXT =
    "testbig\n"
    "Shows the largest file, step by step. It is written block by block up to the\n"
    "limit of 65,803, in direct, indirect and double indirect blocks; read again; and\n"
    "made once more as a hole. Works in /tmp. Status 0: it happened so.\n";

#define BLOCK	 FS_BLOCK_SIZE
#define CHUNK	 64			/* blocks written or read at once */
#define DIRECT	 FS_NDIRECT
#define INDIRECT (DIRECT + FS_NINDIRECT)

/* Every block of the file begins with its own number, on all of these bytes. */
static uint32_t chunk[CHUNK][BLOCK / sizeof(uint32_t)];

static void
stamp(uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		for (size_t w = 0; w < BLOCK / sizeof(uint32_t); w += BLOCK / 16)
			chunk[i][w] = first + i;
}

static bool
is_stamped(uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		for (size_t w = 0; w < BLOCK / sizeof(uint32_t); w += BLOCK / 16)
			if (chunk[i][w] != first + i)
				return false;
	return true;
}

/* Blocks [from, to), appended. */
static void
append(int fd, uint32_t from, uint32_t to)
{
	for (uint32_t at = from, n; at < to; at += n) {
		n = to - at < CHUNK ? to - at : CHUNK;
		stamp(at, n);
		if (write_all(fd, chunk, n * BLOCK) < 0)
			err(1, "block %u", (unsigned)at);
	}
}

/* How many blocks of ours the file takes on the disk. */
static long
blocks_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		err(1, "fstat");
	return (long)(st.st_blocks / (BLOCK / 512));
}

/* The file has N blocks, and its map of them takes MAP more. */
static void
takes(int fd, long n, long map)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		err(1, "fstat");
	demo_say("size %lld bytes, %ld blocks of %d on the disk", (long long)st.st_size,
	    blocks_of(fd), BLOCK);
	demo_shows(st.st_size == (off_t)n * BLOCK && blocks_of(fd) == n + map,
	    "%ld with contents and %ld with block numbers", n, map);
}

/* ---- the steps ---- */

static void
grow(int fd)
{
	/* The double indirect block, and one more for every 256 blocks behind it. */
	const long map = 1 + 1 + FS_NINDIRECT;

	demo_step("Write the first %d blocks", DIRECT);
	append(fd, 0, DIRECT);
	takes(fd, DIRECT, 0);
	demo_say("The inode itself has their numbers: direct blocks.");

	demo_step("Write up to block %d", INDIRECT);
	append(fd, DIRECT, INDIRECT);
	takes(fd, INDIRECT, 1);
	demo_say("One block holds the numbers of %d: the indirect block.", FS_NINDIRECT);

	demo_step("Write block %d", INDIRECT + 1);
	append(fd, INDIRECT, INDIRECT + 1);
	takes(fd, INDIRECT + 1, 3);
	demo_say("It needs a block of numbers, and a block with the number of that one.");

	demo_step("Write up to block %d = %d + %d + %d * %d", FS_MAXFILE, DIRECT, FS_NINDIRECT,
	    FS_NINDIRECT, FS_NINDIRECT);
	append(fd, INDIRECT + 1, FS_MAXFILE);
	takes(fd, FS_MAXFILE, map);
}

static void
limit(int fd)
{
	ssize_t n;
	int why;

	demo_step("Write one block more");
	n = write(fd, chunk, BLOCK);
	why = errno;
	demo_shows(n < 0 && why == EFBIG, "refused: %s", n < 0 ? strerror(why) : "not at all");
	n = pwrite(fd, chunk, 2 * BLOCK, (off_t)(FS_MAXFILE - 1) * BLOCK);
	demo_shows(n == BLOCK, "two blocks where one fits: %ld bytes are written", (long)n);
	stamp(FS_MAXFILE - 1, 1);
	if (pwrite(fd, chunk, BLOCK, (off_t)(FS_MAXFILE - 1) * BLOCK) != BLOCK)
		err(1, "the last block");
}

static void
read_again(int fd)
{
	uint32_t good = 0;

	demo_step("Read all of it");
	if (lseek(fd, 0, SEEK_SET) != 0)
		err(1, "lseek");
	for (uint32_t at = 0, n; at < FS_MAXFILE; at += n) {
		n = FS_MAXFILE - at < CHUNK ? FS_MAXFILE - at : CHUNK;
		memset(chunk, 0, sizeof(chunk));
		if (read(fd, chunk, n * BLOCK) != (ssize_t)(n * BLOCK))
			break;
		good += is_stamped(at, n) ? n : 0;
	}
	demo_shows(good == FS_MAXFILE, "%u blocks hold what was written to them", (unsigned)good);
	demo_shows(read(fd, chunk, 1) == 0, "then comes the end");
}

static void
hole(int fd)
{
	char c = 'x';

	demo_step("Empty it, and write one byte at the very end");
	if (ftruncate(fd, 0) < 0)
		err(1, "ftruncate");
	demo_say("empty: %ld blocks", blocks_of(fd));
	if (pwrite(fd, &c, 1, (off_t)FS_MAXFILE * BLOCK - 1) != 1)
		err(1, "pwrite");
	demo_say("size %lld bytes, %ld blocks", (long long)lseek(fd, 0, SEEK_END), blocks_of(fd));
	demo_shows(blocks_of(fd) == 3, "one with the byte, two lead there: the rest is a hole");
	demo_shows(pread(fd, &c, 1, BLOCK * 1000) == 1 && c == 0, "which reads as zeroes");
}

int
main(int argc, char **argv)
{
	char path[PATH_MAX];
	int fd;

	help_option(argc, argv, help);
	if (argc > 1)
		usage(help, 2);
	demo_begin("testbig: the largest file");
	fd = open(demo_path(path, "testbig"), O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (fd < 0)
		err(1, "%s", path);
	/* Whatever happens from here on, nothing is left of it. */
	if (unlink(path) < 0)
		err(1, "%s", path);
	grow(fd);
	limit(fd);
	read_again(fd);
	hole(fd);
	close(fd);
	return finish(demo_end());
}
