/*
 * What memory costs: frames that each step takes from the system, and pages that faults cleared
 * and copied for it. For the table in docs/memory.md; compare fork=copy and heap=eager.
 */
#include <quire.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PG	4096
#define PAGES	1000

static long frames;
static struct kinfo_stat stat;

static void
start(void)
{
	kinfo(KINFO_STAT, 0, 0, &stat, sizeof(stat));
	frames = getNumFreePages();
}

static void
report(const char *step)
{
	long now = getNumFreePages();
	struct kinfo_stat k;

	kinfo(KINFO_STAT, 0, 0, &k, sizeof(k));
	dprintf(1, "%-42s %6ld %6ld %6ld\n", step, frames - now,
	    (long)(k.faults_zero - stat.faults_zero), (long)(k.faults_copy - stat.faults_copy));
	start();
}

static void
touch(char *p, int n, int every, char value)
{
	for (int i = 0; i < n; i += every)
		p[i * PG] = value;
}

/* The child's part; a byte from the pipe says go. */
static void
child(char *p, int from)
{
	char c;

	read(from, &c, 1);
	start();
	for (int i = 0; i < PAGES; i++)
		c = *(volatile char *)(p + i * PG);
	report("the child reads all of them");
	touch(p, 100, 10, 'c');
	report("the child writes to 10 pages");
	_exit(0);
}

int
main(void)
{
	char *p;
	int fd[2];

	if (pipe(fd) < 0)
		return 1;
	dprintf(1, "%-42s %6s %6s %6s\n", "", "frames", "zeroed", "copied");
	start();
	p = sbrk(PAGES * PG);
	report("sbrk of 1000 pages");
	touch(p, PAGES, 10, 'p');
	report("a write to every tenth of them");
	touch(p, PAGES, 1, 'p');
	report("a write to each");
	if (fork() == 0)
		child(p, fd[0]);
	report("fork");
	write(fd[1], "", 1);
	wait(NULL);
	start();
	touch(p, 100, 10, 'q');
	report("the parent writes to those 10, alone again");
	return 0;
}
