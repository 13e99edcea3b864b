// A printf leaves in one piece, also from processes that write at the same time;
// what was printed before a fork or an exit without warning is not printed twice or lost.
#include "kernel/types.h"
#include "kernel/fcntl.h"
#include "user/user.h"

char line[1000];
char got[200000];

int
main(void)
{
	int p[2], n, total = 0, bad = 0, fd;

	pipe(p);
	for (int k = 0; k < 4; k++)
		if (fork() == 0) {
			memset(line, 'a' + k, 900);
			for (int i = 0; i < 50; i++)
				fprintf(p[1], "%d %s %d\n", k, line, k);
			exit(0);
		}
	close(p[1]);
	while ((n = read(p[0], got + total, 4096)) > 0)
		total += n;
	for (int i = 0; i < total; i++)
		if (i % 905 == 904 ? got[i] != '\n' :
				     i % 905 > 2 && i % 905 < 902 && got[i] != got[i - 1])
			bad++;
	printf("%d %d\n", total, bad);
	while (wait(0) > 0)
		;
	fd = open("out", O_CREATE | O_RDWR);
	fprintf(fd, "before ");
	if (fork() == 0) {
		fprintf(fd, "child ");
		kill(getpid());
	}
	wait(0);
	fprintf(fd, "parent\n");
	close(fd);
	fd = open("out", 0);
	n = read(fd, got, 100);
	write(1, got, n);
	unlink("out");
	exit(0);
}
