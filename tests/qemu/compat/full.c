/* A disk that fills up, by blocks and by inodes. */
#include "style.h"

static char block[8 * 512];

static char *
numbered(int n)
{
	static char name[] = "n0000";

	for (int i = 4; i > 0; i--, n /= 10)
		name[i] = '0' + n % 10;
	return name;
}

/* Files of some hundred KB until there is no room. Returns how many bytes went in. */
static long
fill(int *files)
{
	long total = 0;

	for (*files = 0; *files < 1000; ++*files) {
		int fd = open(numbered(*files), O_CREATE | O_RDWR), n, had = 0;

		if (fd < 0)
			break;
		for (int i = 0; i < 200; i++) {
			n = write(fd, block, sizeof(block));
			if (n > 0)
				had += n;
			if (n < (int)sizeof(block))
				break;
		}
		close(fd);
		total += had;
		if (had == 0)
			break;
	}
	return total;
}

static void
blocks(void)
{
	struct stat st;
	long first = 0;
	int files;

	for (int round = 0; round < 3; round++) {
		long total = fill(&files);

		CHECK(total > 1000000);
		CHECK(round == 0 || total >= first - 64 * 1024);
		if (round == 0)
			first = total;
		CHECK(stat("README", &st) == 0);
		for (int i = 0; i <= files; i++)
			unlink(numbered(i));
	}
}

/* Names until there are no inodes; then one goes and one comes. */
static void
inodes(void)
{
	int n, fd;

	for (n = 0; n < 9999; n++) {
		fd = open(numbered(n), O_CREATE | O_RDWR);
		if (fd < 0)
			break;
		close(fd);
	}
	CHECK(n > 100 && n < 9999);
	CHECK(mkdir("folder") == -1);
	CHECK(unlink(numbered(0)) == 0);
	CHECK(mkdir("folder") == 0);
	CHECK(open(numbered(0), O_CREATE | O_RDWR) == -1);
	CHECK(unlink("folder") == 0);
	for (int i = 1; i < n; i++)
		CHECK(unlink(numbered(i)) == 0);
}

int
main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	blocks();
	inodes();
	OUT("full: ok\n");
	EXIT(0);
}
