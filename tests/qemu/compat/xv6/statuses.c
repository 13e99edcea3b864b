// Raw exit statuses, and -1 for who was killed.
#include "kernel/types.h"
#include "user/user.h"

int
main(void)
{
	int want[] = { 0, 1, 747, -1, 0x12345678 }, st, pid;

	for (int i = 0; i < 5; i++) {
		if ((pid = fork()) == 0)
			exit(want[i]);
		if (wait(&st) != pid)
			printf("wait: another pid\n");
		printf("%d %d\n", i, st == want[i]);
	}
	if ((pid = fork()) == 0)
		*(volatile int *)0 = 1;
	wait(&st);
	printf("fault %d\n", st);
	if ((pid = fork()) == 0)
		for (;;)
			sleep(1);
	printf("kill %d\n", kill(pid));
	wait(&st);
	printf("killed %d\n", st);
	printf("none %d\n", wait(0));
	if (fork() == 0)
		exit(5);
	printf("bad %d\n", wait((int *)0xfffffffff0));
	printf("still there %d\n", wait(0) > 0);
	exit(0);
}
