/*
 * Frames counted by taking them all: a child does, until it is killed, and keeps count in a
 * shared page. Nobody else may come to harm, we least of all, who are woken now and then and
 * need our own text for it. With memory taken eagerly the child is refused, and every count
 * is the same.
 */
#include "style.h"

static char block[4096];

static void
take_frames(volatile int *count, int tell)
{
	for (char *a; (a = sbrk(PGSIZE)) != (char *)-1; ++*count) {
		a[*count % PGSIZE] = 1;
		if (*count % 32 == 0)
			CHECK(write(tell, (int *)count, sizeof(int)) == sizeof(int));
	}
}

static int
frames(void)
{
	volatile int *count = mapshared();
	int p[2], told, calls = 0, n, status;

	CHECK(count != 0 && pipe(p) == 0);
	*count = 0;
	if (fork() == 0) {
		close(p[0]);
		take_frames(count, p[1]);
		EXIT(0);
	}
	close(p[1]);
	while (read(p[0], &told, sizeof(told)) == sizeof(told))
		CHECK(told == 32 * calls++);
	close(p[0]);
	WAIT(&status);
	n = *count;
	CHECK(calls >= n / 32 && calls <= n / 32 + 1 && unmapshared() == 0);
	return n;
}

/* Leaves the kernel's objects and caches in another state. */
static void
work(void)
{
	char name[] = "w0";
	int status;

	for (int i = 0; i < 60; i++) {
		int fd;

		name[1] = '0' + i;
		fd = open(name, O_CREATE | O_RDWR);
		for (int k = 0; k < 20; k++)
			CHECK(write(fd, block, sizeof(block)) == sizeof(block));
		close(fd);
	}
	for (int i = 0; i < 60; i++) {
		name[1] = '0' + i;
		CHECK(unlink(name) == 0);
	}
	for (int i = 0; i < 100; i++) {
		int pid = fork();

		if (pid == 0)
			EXIT(0);
		CHECK(WAIT(&status) == pid);
	}
}

int
main(void)
{
	int first = 0, n;

	for (int i = 0; i < 5; i++) {
		n = frames();
		CHECK(n > 5000);
		if (i == 0)
			first = n;
#ifdef QUIRE_SBRK_EAGER
		CHECK(n == first);
#endif
		work();
	}
	OUT("bystander: ok %d\n", first);
	EXIT(0);
}
