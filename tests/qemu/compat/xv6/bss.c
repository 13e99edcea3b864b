// 2000 bytes into a bss of 500: nothing of the library's lies behind it.
#include "kernel/types.h"
#include "user/user.h"

char small[500];

int
main(void)
{
	int p[2];
	char *a = malloc(10), *big = malloc(3000), *b;

	pipe(p);
	memset(big, 'x', 2000);
	write(p[1], big, 2000);
	printf("%d\n", read(p[0], small, 2000));
	for (int i = 0; i < 2000; i++)
		if (((volatile char *)small)[i] != 'x')
			printf("lost at %d\n", i);
	b = malloc(10);
	free(a);
	printf("%d %d\n", a != 0, b != 0 && b != a);
	exit(0);
}
