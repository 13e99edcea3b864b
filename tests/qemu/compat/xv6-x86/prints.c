// Every conversion of printf.
#include "types.h"
#include "stat.h"
#include "user.h"

int
main(int argc, char *argv[])
{
	char name[14] = "array";
	char *null = 0;

	printf(1, "plain\n");
	printf(1, "%d %d %d %d\n", 0, -1, 2147483647, -2147483647 - 1);
	printf(1, "%x %x %x\n", 0, 0xdeadbeef, -1);
	printf(1, "%p %p\n", (void *)0x1000, (void *)0);
	printf(1, "[%s] [%s] [%s] [%s]\n", "text", name, null, "");
	printf(1, "%c%c%c\n", 'x', 'y', name[0]);
	printf(1, "100%%\n");
	printf(1, "%q %u %l\n");
	printf(1, "%d %d %d %d %d %d %d %d %d %d %d %d\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
	printf(1, "%s %d\n", argv[0] + (argv[0][0] == '/'), argc);
	printf(1, "at the end: %");
	printf(1, "\n");
	exit();
}
