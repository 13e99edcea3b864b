// sbrk in its forms, and Quire's calls on memory.
#include "kernel/types.h"
#include "kernel/riscv.h"
#include "kernel/vm.h"
#include "kernel/fcntl.h"
#include "user/user.h"

int
main(void)
{
	int pp = numpp(), vp = numvp(), p[2], pid, n;
	char *a = sbrk(3 * PGSIZE), *b;
	uint64 at;

	printf("%d %d\n", numvp() - vp, numpp() - pp);
	sbrklazy(PGSIZE);
	printf("%d %d\n", numvp() - vp, numpp() - pp);
	sys_sbrk(2 * PGSIZE, SBRK_EAGER);
	printf("%d %d\n", numvp() - vp, numpp() - pp);
	printf("%d\n", sbrk(-6 * PGSIZE) == a + 6 * PGSIZE && sbrk(0) == a);
	a = mmap(0, 100, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*a = 1;
	printf("%d %d\n", munmap(a, PGSIZE), munmap(a + 1, PGSIZE));
	printf("%d\n", mmap(0, 0, PROT_READ, MAP_PRIVATE, -1, 0) == (void *)-1);

	a = mapshared();
	printf("%d %d %d\n", a != 0, getshared() == a, mapshared() == 0);
	if ((pid = fork()) == 0) {
		*a = 42;
		exit(0);
	}
	wait(0);
	printf("%d %d %d %d\n", *a, unmapshared(), getshared() == 0, unmapshared());

	b = sbrk(PGSIZE);
	strcpy(b + 10, "mine");
	pipe(p);
	if ((pid = fork()) == 0) {
		read(p[0], &at, sizeof(at));
		printf("%s\n", (char *)at);
		strcpy((char *)at, "yours");
		printf("%d\n", unmap_shared_pages(at, 5));
		exit(0);
	}
	at = map_shared_pages(getpid(), pid, (uint64)b + 10, 5);
	write(p[1], &at, sizeof(at));
	wait(0);
	n = at % PGSIZE;
	printf("%d %s\n", n, b + 10);
	printf("%d %d %d\n", map_shared_pages(1, pid, 0, 5) == 0, getptsize() > 0,
	    getNumFreePages() > 1000);
	exit(0);
}
