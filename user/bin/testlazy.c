/* Shows lazy allocation: sbrk promises memory, the first touch of a page brings it. */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bin.h"
#include "demo.h"

static const char help[] HELP_TEXT =
    "testlazy\n"
    "Shows lazy allocation, step by step. sbrk moves the break and takes no memory;\n"
    "the first touch of each page, by the program or by the kernel for it, takes one\n"
    "frame, all zeroes. Status 0: it happened so.\n";

#define PAGES	100

static struct demo_counts counts, moved;
static char *heap;			/* PAGES pages, from a page's start on */

/* TOUCHED pages were touched, of which FRESH had no frame yet, unless heap=eager gave it. */
static void
took(long touched, long fresh, const char *what)
{
	demo_counted(&counts, &moved);
	if (demo_heap_eager())
		demo_shows(moved.pp == 0, "no frame more: heap=eager took them at sbrk");
	else
		demo_shows(moved.pp == fresh, "%ld page%s touched %s: %ld frame%s more", touched,
		    touched == 1 ? "" : "s", what, fresh, fresh == 1 ? "" : "s");
}

static void
grow(void)
{
	char *brk = sbrk(0);

	demo_step("sbrk(%ld): %d pages more", PAGES * PAGE, PAGES);
	sbrk(-(intptr_t)brk & (PAGE - 1));	/* the rest of the page that the break is in */
	demo_count(&counts);
	heap = sbrk(PAGES * PAGE);
	if (heap == (char *)-1)
		err(1, "sbrk");
	demo_say("the break was %p and is %p", (void *)heap, sbrk(0));
	demo_counted(&counts, &moved);
	demo_shows(moved.vp == PAGES, "%d pages exist", PAGES);
	if (demo_heap_eager())
		demo_shows(moved.pp == PAGES, "all have frames: heap=eager");
	else
		demo_shows(moved.pp == 0, "none has a frame: sbrk only noted the new break");
}

static void
touch(void)
{
	long sum = 0;

	demo_step("Read one byte of page 50, which nobody has written");
	sum = heap[50 * PAGE + 7];
	took(1, 1, "by a read");
	demo_shows(sum == 0, "the byte is %ld: a new frame is all zeroes", sum);

	demo_step("Write one byte to each of pages 0 to 9");
	for (int i = 0; i < 10; i++)
		heap[i * PAGE] = 1;
	took(10, 10, "by writes");

	demo_step("Write to the same pages again");
	for (int i = 0; i < 10; i++)
		heap[i * PAGE + 1] = 2;
	demo_counted(&counts, &moved);
	demo_shows(moved.pp == 0, "they have their frames: nothing happens");
}

/* The kernel stores into a page that was never touched. */
static void
kernel_touch(void)
{
	int fd[2];

	demo_step("read() from a pipe into page 60: the kernel is the first to touch it");
	demo_pipe(fd);
	if (write(fd[1], "lazy", 4) != 4 || read(fd[0], heap + 60 * PAGE, 4) != 4)
		err(1, "pipe");
	close(fd[0]);
	close(fd[1]);
	took(1, 1, "by the kernel");
	demo_shows(memcmp(heap + 60 * PAGE, "lazy", 5) == 0, "it holds \"%s\"", heap + 60 * PAGE);
}

static void
touch_all(void)
{
	long sum = 0;

	demo_step("Read one byte of every page");
	for (int i = 0; i < PAGES; i++)
		sum += heap[i * PAGE + PAGE - 1];
	took(PAGES, PAGES - 12, "now, 12 of them before");
	demo_shows(sum == 0, "all bytes that nobody wrote are 0");
}

static void
beyond(void)
{
	pid_t pid;
	int status;

	demo_step("A child writes to the page behind the break");
	pid = demo_fork();
	if (pid == 0) {
		*(volatile char *)(heap + PAGES * PAGE) = 1;
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	demo_shows(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	    "it is killed (SIGSEGV): lazy is not boundless, the break still counts");
}

static void
give_back(void)
{
	demo_step("sbrk(-%ld): all of it goes back", PAGES * PAGE);
	demo_count(&counts);
	sbrk(-PAGES * PAGE);
	demo_counted(&counts, &moved);
	demo_shows(moved.vp == -PAGES && moved.pp == -PAGES,
	    "pages and frames are gone at once, not when the program ends");
}

/* More than there is RAM for, on most machines. */
static void
overcommit(void)
{
	const intptr_t gib = 1 << 30;

	demo_step("sbrk(%ld), then one byte at its start, its middle and its end", (long)gib);
	demo_count(&counts);
	heap = sbrk(gib);
	if (heap == (char *)-1) {
		demo_shows(demo_heap_eager(), "refused: heap=eager would need all frames now");
		return;
	}
	heap[0] = heap[gib / 2] = heap[gib - 1] = 1;
	demo_counted(&counts, &moved);
	if (!demo_heap_eager())
		demo_shows(moved.vp == gib / PAGE && moved.pp == 3, "%ld pages exist, 3 of them "
								    "have frames", moved.vp);
	sbrk(-gib);
}

int
main(int argc, char **argv)
{
	help_option(argc, argv, help);
	if (argc > 1)
		usage(help, 2);
	demo_begin("testlazy: memory that appears when it is touched");
	grow();
	touch();
	kernel_touch();
	touch_all();
	beyond();
	give_back();
	overcommit();
	return finish(demo_end());
}
