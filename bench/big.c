/* A program of 200 KiB that uses little of itself, as most do. */
#ifdef XV6
#include "kernel/types.h"
#include "user/user.h"
#else
#include <stdlib.h>
#endif

static volatile char data[100 << 10] = { 1 };
static const volatile char rodata[100 << 10] = { 1 };

int
main(void)
{
	exit(data[0] != rodata[0]);
}
