/* What only this family has, or has with other arguments. */
#include "family.h"

WEAK int
exit(int status)
{
	__sys_exit(status);
}

WEAK int
wait(int *status)
{
	return minus_one(__sys_wait(status));
}

WEAK int
exec(const char *path, char **argv)
{
	return minus_one(__sys_exec(path, argv));
}

WEAK int
pause(int ticks)
{
	return minus_one(__sys_sleep(ticks));
}

WEAK char *
sbrklazy(int n)
{
	return __xv6_sbrk(n, SBRK_LAZY);
}

WEAK char *
sys_sbrk(int n, int how)
{
	return __xv6_sbrk(n, how);
}

WEAK void *
mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	long at = __sys_mmap(addr, len, prot, flags, fd, off);

	return at < 0 ? (void *)-1 : (void *)at;
}

WEAK int
munmap(void *addr, size_t len)
{
	return minus_one(__sys_munmap(addr, len));
}
