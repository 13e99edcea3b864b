// Every conversion of printf and fprintf.
#include "kernel/types.h"
#include "kernel/stat.h"
#include "user/user.h"

int
main(int argc, char *argv[])
{
	char name[14] = "array";
	uint64 big = 0x123456789abcdefL;
	short s = -3;
	char *null = 0;
	int one = 1;

	printf("plain\n");
	printf("%d %d %d %d\n", 0, -1, 2147483647, -2147483647 - 1);
	printf("%u %u\n", 0, -1);
	printf("%x %x %x\n", 0, 0xdeadbeef, -1);
	printf("%ld %ld %lld\n", (uint64)1 << 40, -((uint64)1 << 40), (uint64)5);
	printf("%lu %llu %lu\n", big, big, (uint64)-1);
	printf("%lx %llx\n", big, big);
	printf("%l %l\n", big, (uint64)7);
	printf("%p %p\n", (void *)0x1000, (void *)0);
	printf("[%s] [%s] [%s] [%s]\n", "text", name, null, "");
	printf("%c%c%c\n", 'x', 'y', name[0]);
	printf("100%%\n");
	printf("%q %5 %-\n");
	printf("%d%s%d\n", s, "-", one == 1);
	printf("%d %d %d %d %d %d %d %d %d %d %d %d\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
	printf("%d %l %d %lx %d\n", 1, big, 2, big, 3);
	fprintf(1, "%s: fd %d\n", argv[0] + (argv[0][0] == '/'), 1);
	(printf)("%d %s %x\n", -7, "pointer to it", 255);
	printf("at the end: %");
	printf("\n");
	exit(argc - 1);
}
