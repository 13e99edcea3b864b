/* Shows mmap: memory and files, shared and private. */
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bin.h"
#include "demo.h"

static const char help[] HELP_TEXT =
    "testmmap\n"
    "Shows mmap, step by step. Counters before and after mapping and touching memory\n"
    "and a file, shared and private; what a store through a mapping means for the\n"
    "file, for read, and for a child. Status 0: it happened so.\n";

#define FILE_PAGES	3
#define FILE_SIZE	(2 * PAGE + 100)	/* so the last page is mostly past the end */

static struct demo_counts counts, moved;
static char path[PATH_MAX];

static char *
map(size_t pages, int flags, int fd)
{
	char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

/* ---- memory ---- */

static void
anonymous(void)
{
	char *p;
	int sum = 0;

	demo_step("mmap 10 pages, private and anonymous");
	demo_count(&counts);
	p = map(10, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	demo_say("they are at %p", (void *)p);
	demo_counted(&counts, &moved);
	demo_shows(moved.vp == 10 && moved.pp == 0, "10 pages exist, without a frame");

	demo_step("Write to page 2, read page 7");
	p[2 * PAGE] = 1;
	sum = p[7 * PAGE];
	demo_counted(&counts, &moved);
	demo_shows(moved.pp == 2 && sum == 0, "one frame each, all zeroes; page tables as needed");

	demo_step("munmap pages 3 to 6, in the middle");
	if (munmap(p + 3 * PAGE, 4 * PAGE) < 0)
		err(1, "munmap");
	demo_counted(&counts, &moved);
	demo_shows(moved.vp == -4 && moved.pp == 0, "4 pages less; they had no frames");

	demo_step("munmap all 10, the hole included");
	if (munmap(p, 10 * PAGE) < 0)
		err(1, "munmap");
	demo_counted(&counts, &moved);
	demo_shows(moved.vp == -6 && moved.pp == -2, "the other 6 pages and both frames are gone");
}

/* ---- a file ---- */

static int
make_file(void)
{
	static char page[PAGE];
	int fd = open(demo_path(path, "testmmap"), O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (fd < 0)
		err(1, "%s", path);
	memset(page, 'f', sizeof(page));
	for (long n = FILE_SIZE; n > 0; n -= PAGE)
		if (write_all(fd, page, (size_t)(n < PAGE ? n : PAGE)) < 0)
			err(1, "%s", path);
	return fd;
}

static char
read_at(int fd, off_t at)
{
	char c;

	if (pread(fd, &c, 1, at) != 1)
		err(1, "%s", path);
	return c;
}

static char *
shared_file(int fd)
{
	char *p;

	demo_step("mmap a file of %ld bytes, %d pages, shared", FILE_SIZE, FILE_PAGES);
	demo_count(&counts);
	p = map(FILE_PAGES, MAP_SHARED, fd);
	demo_counted(&counts, &moved);
	demo_shows(moved.vp == FILE_PAGES && moved.pp == FILE_PAGES,
	    "all frames are there: the file was just written and is cached");
	demo_say("Only the cache had them before, so they counted as free; now they do not.");

	demo_step("Store 'M' through the mapping, in page 1");
	p[PAGE] = 'M';
	demo_shows(read_at(fd, PAGE) == 'M', "read() finds '%c': one page, not a copy",
	    read_at(fd, PAGE));

	demo_step("write() 'W' to the file behind it");
	if (pwrite(fd, "W", 1, PAGE + 1) != 1)
		err(1, "%s", path);
	demo_shows(p[PAGE + 1] == 'W', "the mapping shows '%c'", p[PAGE + 1]);
	return p;
}

static void
private_file(int fd)
{
	char *p;

	demo_step("mmap it once more, private, and store 'P' in page 0");
	demo_count(&counts);
	p = map(FILE_PAGES, MAP_PRIVATE, fd);
	p[0] = 'P';
	demo_counted(&counts, &moved);
	demo_shows(moved.vp == FILE_PAGES && moved.pp == FILE_PAGES,
	    "page 0 is a copy of its own now, the others are the file's");
	demo_shows(p[0] == 'P' && read_at(fd, 0) == 'f', "here '%c', in the file '%c'", p[0],
	    read_at(fd, 0));
	if (munmap(p, FILE_PAGES * PAGE) < 0)
		err(1, "munmap");
}

static void
past_the_end(int fd, char *p)
{
	demo_step("Read and store behind the end of the file, in its last page");
	demo_shows(p[FILE_SIZE] == 0, "a byte there reads 0");
	p[FILE_SIZE] = 'X';
	demo_shows(lseek(fd, 0, SEEK_END) == FILE_SIZE, "stored or not: the file has %ld bytes",
	    (long)lseek(fd, 0, SEEK_END));
}

static bool
child_stores(char what, void *arg)
{
	char *p = arg;

	(void)what;
	p[2] = 'C';
	return true;
}

static void
inherited(int fd, char *p)
{
	struct puppet child;

	demo_step("Fork; the child stores 'C' in page 0 of the shared mapping");
	puppet_start(&child, child_stores, p);
	if (!puppet_order(&child, 's') || !puppet_end(&child))
		errx(1, "the child failed");
	demo_shows(p[2] == 'C' && read_at(fd, 2) == 'C',
	    "the parent reads '%c' there, and so does read()", p[2]);
}

static void
outlive(int fd, char *p)
{
	demo_step("Close and unlink the file");
	close(fd);
	if (unlink(path) < 0)
		err(1, "%s", path);
	demo_shows(p[0] == 'f' && p[PAGE] == 'M', "the mapping has it still: '%c', '%c'", p[0],
	    p[PAGE]);

	demo_step("munmap it");
	demo_count(&counts);
	if (munmap(p, FILE_PAGES * PAGE) < 0)
		err(1, "munmap");
	demo_counted(&counts, &moved);
	demo_shows(moved.vp == -FILE_PAGES && moved.pp == -FILE_PAGES,
	    "that was the last use: the file and its frames are gone");
}

int
main(int argc, char **argv)
{
	char *p;
	int fd;

	help_option(argc, argv, help);
	if (argc > 1)
		usage(help, 2);
	demo_begin("testmmap: memory and files in the address space");
	anonymous();
	fd = make_file();
	p = shared_file(fd);
	private_file(fd);
	past_the_end(fd, p);
	inherited(fd, p);
	outlive(fd, p);
	return finish(demo_end());
}
