/*
 * What a program sees of a disk with bad blocks. PATH is a file of PAGES pages, of whose page BAD a
 * block cannot be read, or not be written.
 *
 *	baddisk read PATH	everything but that page is there
 *	baddisk write PATH	every page anew; who is told of the one that is lost
 *	baddisk close PATH	the same, but closed before the disk has failed
 *	baddisk msync PATH	the same through a mapping
 *	baddisk map PATH BAD	touch that page
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE	4096
#define PAGES	40
#define SIZE	(PAGES * PAGE)

static char buf[SIZE];

static void
say(const char *what, long r)
{
	printf("%s: %s\n", what, r < 0 ? strerror(errno) : "good");
}

static int
read_all(int fd)
{
	long n = 0, got, rest;

	while ((got = read(fd, buf, 1000)) > 0)
		n += got;
	printf("%ld bytes, then ", n);
	say("read", got);
	lseek(fd, n + PAGE, SEEK_SET);
	rest = read(fd, buf, SIZE);
	printf("%ld bytes behind it\n", rest);
	lseek(fd, n, SEEK_SET);
	say("half a page", write(fd, buf, PAGE / 2));
	return 0;
}

static int
write_all(int fd, const char *path)
{
	int other = open(path, O_RDONLY), late;

	memset(buf, 'n', SIZE);
	if (write(fd, buf, SIZE) != SIZE)
		return 1;
	say("fsync", fsync(fd));
	say("fsync again", fsync(fd));
	say("the other's", fsync(other));
	say("the other's again", fsync(other));
	late = open(path, O_RDWR);
	say("a new one's", fsync(late));
	if (write(late, buf, PAGE) != PAGE)
		return 1;
	say("a new one's, of good blocks", fsync(late));
	say("close", close(late));
	return 0;
}

static int
close_early(int fd, const char *path)
{
	memset(buf, 'n', SIZE);
	if (write(fd, buf, SIZE) != SIZE)
		return 1;
	say("close", close(fd));
	nanosleep(&(struct timespec){ 2, 0 }, NULL);
	fd = open(path, O_RDONLY);
	say("fsync later", fsync(fd));
	say("fsync again", fsync(fd));
	return 0;
}

static int
sync_mapping(int fd)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	memset(p, 'n', SIZE);
	say("msync", msync(p, SIZE, MS_SYNC));
	say("msync again", msync(p, SIZE, MS_SYNC));
	say("fsync", fsync(fd));
	return 0;
}

static int
touch(int fd, int bad)
{
	volatile char *p = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);

	for (int i = 0; i < PAGES; i++)
		if (i != bad && p[i * PAGE] != 'o')
			return 1;
	puts("all others");
	fflush(stdout);
	return p[bad * PAGE];
}

int
main(int argc, char **argv)
{
	int fd = argc > 2 ? open(argv[2], O_RDWR) : -1;

	if (fd < 0)
		return 2;
	if (strcmp(argv[1], "read") == 0)
		return read_all(fd);
	if (strcmp(argv[1], "write") == 0)
		return write_all(fd, argv[2]);
	if (strcmp(argv[1], "close") == 0)
		return close_early(fd, argv[2]);
	if (strcmp(argv[1], "msync") == 0)
		return sync_mapping(fd);
	return touch(fd, atoi(argv[3]));
}
