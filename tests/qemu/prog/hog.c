/* hog MB [keep]: touches that much memory, a byte a page; says how far it came. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	long mb = argc > 1 ? atol(argv[1]) : 1;
	volatile char *p = mb <= LONG_MAX >> 20 ? sbrk(mb * 1024 * 1024) : (void *)-1;

	if (p == (void *)-1) {
		puts("sbrk failed");
		return 3;
	}
	for (long i = 0; i < mb * 256; i++)
		p[i * 4096] = 1;
	puts("touched");
	return 0;
}
