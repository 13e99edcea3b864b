/*
 * Frames counted as the older suites do it: a child takes one after the other and tells us,
 * until it is killed. Nobody else may come to harm, we least of all. With memory taken
 * eagerly the child is refused, and every count is the same.
 */
#include "style.h"

static char block[4096];

static int
frames(void)
{
	int p[2], n = 0, status;
	char c;

	CHECK(pipe(p) == 0);
	if (fork() == 0) {
		close(p[0]);
		for (;;) {
			char *a = sbrk(PGSIZE);

			if (a == (char *)-1)
				break;
			a[PGSIZE - 1] = 1;
			if (write(p[1], "x", 1) != 1)
				break;
		}
		EXIT(0);
	}
	close(p[1]);
	while (read(p[0], &c, 1) == 1)
		n++;
	close(p[0]);
	WAIT(&status);
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
