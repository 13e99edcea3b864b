/* What only this family has, or has with other arguments. */
#include "family.h"

#undef mmap

WEAK int
exit(void)
{
	__sys_exit(0);
}

WEAK int
wait(void)
{
	return minus_one(__sys_wait(NULL));
}

WEAK int
exec(char *path, char **argv)
{
	return minus_one(__sys_exec(path, argv));
}

WEAK int
mmap(int n)
{
	return __xv6_mmap_at(n, 0);
}

int
__xv6_mmap_at(int n, int startaddr)
{
	long at = __sys_vmgrow(n, (void *)(uintptr_t)(uint)startaddr);

	return at < 0 ? 0 : (int)at;
}
