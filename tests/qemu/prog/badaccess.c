/* badaccess read|write|exec ADDRESS, badaccess text|stack|rodata: an access that kills. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char constant[] = "constant";

static int
deeper(volatile char *above)
{
	volatile char here[512];

	memset((char *)here, 1, sizeof(here));
	return deeper(here) + above[0];
}

int
main(int argc, char **argv)
{
	volatile char *p = NULL;

	if (argc < 2)
		return 2;
	if (argc > 2)
		p = (volatile char *)(uintptr_t)strtoull(argv[2], NULL, 0);
	if (strcmp(argv[1], "read") == 0)
		return *p;
	if (strcmp(argv[1], "write") == 0)
		*p = 1;
	if (strcmp(argv[1], "exec") == 0)
		((void (*)(void))(uintptr_t)p)();
	if (strcmp(argv[1], "text") == 0)
		*(volatile char *)(uintptr_t)main = 1;
	if (strcmp(argv[1], "rodata") == 0)
		*(volatile char *)(uintptr_t)constant = 1;
	if (strcmp(argv[1], "stack") == 0)
		return deeper((volatile char *)argv[0]);
	puts("still alive");
	return 0;
}
