// System calls without the library.
#include "kernel/types.h"
#include "kernel/fcntl.h"
#include "kernel/syscall.h"
#include "user/user.h"

static long
call(long n, long a, long b, long c)
{
#ifdef __riscv
	register long a0 asm("a0") = a, a1 asm("a1") = b, a2 asm("a2") = c, a7 asm("a7") = n;

	asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
	return a0;
#else
	long r;

	asm volatile("pushl %4; pushl %3; pushl %2; pushl $0; int $64; addl $16, %%esp"
		     : "=a"(r)
		     : "a"(n), "r"(a), "r"(b), "r"(c)
		     : "memory");
	return r;
#endif
}

int
main(void)
{
	int fd, p[2], st;
	long brk;

	call(SYS_write, 1, (long)"written\n", 8);
	printf("%d\n", call(SYS_getpid, 0, 0, 0) == getpid());
	fd = call(SYS_open, (long)"rawfile", O_CREATE | O_RDWR, 0);
	printf("%d %d\n", fd > 2, (int)call(SYS_write, fd, (long)"abc", 3));
	printf("%d %d\n", (int)call(SYS_close, fd, 0, 0), (int)call(SYS_close, fd, 0, 0));
	printf("%d %d\n", (int)call(SYS_open, (long)"nosuch", 0, 0),
	    (int)call(SYS_unlink, (long)"nosuch", 0, 0));
	printf("%d %d\n", (int)call(SYS_mkdir, 0x80000000, 0, 0), (int)call(99, 0, 0, 0));
	printf("%d %d\n", (int)call(SYS_unlink, (long)"rawfile", 0, 0),
	    (int)call(SYS_pipe, (long)p, 0, 0));
	brk = call(SYS_sbrk, 4096, 0, 0);
	*(char *)brk = 1;
	printf("%d\n", (char *)brk + 4096 == sbrk(0));
	if (call(SYS_fork, 0, 0, 0) == 0)
		call(SYS_exit, 747, 0, 0);
	printf("%d %d\n", call(SYS_wait, (long)&st, 0, 0) > 0, st);
	printf("%d %d\n", (int)call(SYS_sleep, 0, 0, 0), (int)call(SYS_kill, 999999, 0, 0));
	exit(0);
}
