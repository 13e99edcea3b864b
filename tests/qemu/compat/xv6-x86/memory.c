// mmap(n) and mmap(n, startaddr), and the counts.
#include "types.h"
#include "user.h"
#include "memlayout.h"

int mmap(int n);

int
main(void)
{
	int vp = numvp(), pp = numpp(), a, b;
	char *shared;

	a = mmap(2 * PGSIZE);
	printf(1, "%d %d %d\n", a != 0, numvp() - vp, numpp() - pp);
	*(char *)a = 1;
	printf(1, "%d %d\n", numvp() - vp, numpp() - pp);
	b = mmap(PGSIZE, a + 16 * PGSIZE);
	printf(1, "%d %d\n", b - a == 16 * PGSIZE, numvp() - vp);
	printf(1, "%d %d %d %d\n", mmap(0), mmap(-PGSIZE), mmap(100), mmap(PGSIZE, b));
	printf(1, "%d\n", sbrk(0) == (char *)a + 2 * PGSIZE);
	shared = mapshared();
	if (fork() == 0) {
		*shared = 42;
		exit();
	}
	wait();
	printf(1, "%d %d ", *shared, getshared() == shared);
	printf(1, "%d\n", unmapshared());
	printf(1, "%d %d\n", getptsize() > 0, getNumFreePages() > 1000);
	exit();
}
