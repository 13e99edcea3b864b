/* Facts about copy-on-write. */
#include <fcntl.h>
#include <time.h>

#include "probe.h"

#define MANY	4000L

static char *memory;

/* A child that waits until the pipe's other end is closed. */
static pid_t
waiting_child(int *end, void (*first)(void))
{
	int fd[2], ready[2];
	char c;
	pid_t pid;

	if (pipe(fd) < 0 || pipe(ready) < 0)
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		close(fd[1]);
		if (first)
			first();
		write(ready[1], "x", 1);
		read(fd[0], &c, 1);
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		errx(1, "the child is gone");
	close(ready[0]);
	close(fd[0]);
	*end = fd[1];
	return pid;
}

static void
end_child(pid_t pid, int end)
{
	close(end);
	waitpid(pid, NULL, 0);
}

static void
fork_takes(void)
{
	long before;
	pid_t pid;
	int end;

	memory = heap_pages(MANY);
	touch_pages(memory, MANY, 1);
	before = getNumFreePages();
	pid = waiting_child(&end, NULL);
	printf("fork: took %ld frames for %ld pages\n", before - getNumFreePages(), MANY);
	end_child(pid, end);
	/* The first one may have changed how the parent's own page table is kept. */
	before = getNumFreePages();
	pid = waiting_child(&end, NULL);
	end_child(pid, end);
	printf("fork: %ld frames are missing\n", before - getNumFreePages());
}

static void
writes(void)
{
	long before;
	pid_t pid;
	int end;

	memory = heap_pages(MANY);
	touch_pages(memory, MANY, 1);
	pid = waiting_child(&end, NULL);
	memory[0] = 2;			/* whatever comes once, comes now */
	before = getNumFreePages();
	touch_pages(memory + 64 * PAGE, 640, 2);
	printf("write: 640 pages took %ld frames\n", before - getNumFreePages());
	end_child(pid, end);
}

static void
write_all_pages(void)
{
	touch_pages(memory, MANY, 3);
}

static void
last(void)
{
	long before;
	pid_t pid;
	int end;

	memory = heap_pages(MANY);
	touch_pages(memory, MANY, 1);
	pid = waiting_child(&end, write_all_pages);
	before = getNumFreePages();
	touch_pages(memory, MANY, 2);
	printf("last: %ld pages took %ld frames\n", MANY, before - getNumFreePages());
	end_child(pid, end);
}

static void
child_of_private(void)
{
	long bad = 0;

	for (long i = 0; i < 100; i++)
		bad += memory[i * PAGE] != 1;
	touch_pages(memory, 50, 9);
	for (long i = 0; i < 100; i++)
		bad += memory[i * PAGE] != (i < 50 ? 9 : 1);
	printf("private: the child sees %ld wrong\n", bad);
}

static void
private(void)
{
	long bad = 0;

	memory = heap_pages(100);
	touch_pages(memory, 100, 1);
	for (int i = 0; i < 3; i++)
		in_child(child_of_private);
	for (long i = 0; i < 100; i++)
		bad += memory[i * PAGE] != 1;
	printf("private: the parent sees %ld wrong\n", bad);
}

static void
child_of_kernel(void)
{
	int fd = open("/README", O_RDONLY);

	if (fd < 0 || read(fd, memory, 5000) <= 0)
		err(1, "/README");
	printf("kernel: the child's page %s\n", memory[0] != 'p' ? "changed" : "is as it was");
}

/* The kernel writes for the child. */
static void
kernel(void)
{
	memory = heap_pages(2);
	memset(memory, 'p', 2 * PAGE);
	in_child(child_of_kernel);
	printf("kernel: the parent's page %s\n", memory[0] != 'p' ? "changed" : "is as it was");
}

static void
touch_a_little(void)
{
	touch_pages(memory, 10, 4);
}

static void
full(void)
{
	long n = getNumFreePages() / 10 * 7;

	memory = heap_pages(n);
	touch_pages(memory, n, 1);
	printf("full: 7 of 10 frames are taken, fork gives %d\n", in_child(touch_a_little));
}

static void
family(void)
{
	touch_pages(memory, 100, 5);
	in_child(touch_a_little);
}

static void
many(void)
{
	long before;

	memory = heap_pages(500);
	touch_pages(memory, 500, 1);
	in_child(family);
	before = getNumFreePages();
	for (int i = 0; i < 50; i++)
		in_child(family);
	printf("many: %ld frames are missing\n", before - getNumFreePages());
}

/* ---- what it costs; `./quire run --icount` makes a nanosecond of an instruction ---- */

static long
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)(now.tv_sec % 1000 * 1000000000 + now.tv_nsec);
}

/* Nanoseconds that writing to pages [from, to) takes, for each. */
static long
write_cost(long from, long to)
{
	long start = clock_ns();

	for (long i = from; i < to; i++)
		memory[i * PAGE] = 9;
	return (clock_ns() - start) / (to - from);
}

static void
cost_of(long pages)
{
	long *result = mapshared(), start, forked;
	int go[2];
	pid_t pid;
	char c;

	memory = heap_pages(pages);
	touch_pages(memory, pages, 1);
	if (result == NULL || pipe(go) < 0)
		err(1, "pipe");
	start = clock_ns();
	pid = fork();
	if (pid == 0) {
		read(go[0], &c, 1);
		result[0] = write_cost(0, 1);
		result[1] = write_cost(1, 33);
		_exit(0);
	}
	forked = clock_ns() - start;
	write(go[1], "x", 1);
	waitpid(pid, NULL, 0);
	printf("cost: %6ld pages  fork %8ld  first write %6ld  a write %6ld  the last one's %6ld\n",
	    pages, forked, result[0], result[1], write_cost(0, 33));
	unmapshared();
}

static void
cost(void)
{
	static const long pages[] = { 100, 1000, 4000, 16000 };

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		fflush(stdout);
		if (fork() == 0) {
			cost_of(pages[i]);
			_exit(0);
		}
		wait(NULL);
	}
}

static const struct check checks[] = {
	{ "fork", fork_takes }, { "write", writes }, { "last", last }, { "private", private },
	{ "kernel", kernel }, { "full", full }, { "many", many }, { "cost", cost },
};
PROBE_MAIN(checks)
