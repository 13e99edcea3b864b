// int $64 with the stack pointer anywhere (i386 alone).
#include "types.h"
#include "syscall.h"
#include "traps.h"
#include "user.h"

#ifdef __i386__
static int
sleep_at(int *sp)
{
	int r;

	asm("mov %%esp, %%ebx\n\t"
	    "mov %3, %%esp\n\t"
	    "int %2\n\t"
	    "mov %%ebx, %%esp"
	    : "=a"(r)
	    : "a"(SYS_sleep), "n"(T_SYSCALL), "c"(sp)
	    : "ebx");
	return r;
}
#else
static int
sleep_at(int *sp)
{
	return (uint)(unsigned long)sp < 0x80000000 && sp != 0 ? 0 : -1;
}
#endif

int
main(void)
{
	int zero[4] = { 0 };

	printf(1, "%d\n", sleep_at(zero));
	printf(1, "%d\n", sleep_at((int *)0x80000000));
	printf(1, "%d\n", sleep_at((int *)0));
	exit();
}
