// Limits that the suites go by.
#include "kernel/param.h"
#include "kernel/types.h"
#include "kernel/fcntl.h"
#include "user/user.h"

int
main(int argc, char *argv[])
{
	static char *many[40], path[200], big[4200];
	int n, st;

	if (argc > 1)
		exit(argc);
	for (n = 0; n < 31; n++)
		many[n] = "a";
	if (fork() == 0) {
		exec(argv[0], many);
		exit(-2);
	}
	wait(&st);
	printf("31 words: %d\n", st);
	many[31] = "a";
	printf("32 words: %d\n", exec(argv[0], many));
	many[1] = big;
	many[2] = 0;
	memset(big, 'x', 4095);
	printf("too much text: %d\n", exec(argv[0], many));
	big[3900] = 0;
	if (fork() == 0) {
		exec(argv[0], many);
		exit(-2);
	}
	wait(&st);
	printf("less text: %d\n", st);

	memset(path, '/', 127);
	path[126] = 'z';
	n = open(path, O_CREATE | O_RDWR);
	printf("127 bytes: %d\n", n >= 0);
	path[126] = '/';
	path[127] = 'z';
	printf("128 bytes: %d\n", open(path, O_CREATE | O_RDWR));
	unlink("/z");
	for (n = 0; dup(0) >= 0; n++)
		;
	printf("%d\n", n > NOFILE);
	exit(0);
}
