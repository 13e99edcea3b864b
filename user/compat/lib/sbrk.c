/* The break, and memory in general. */
#include "family.h"

char *
__xv6_sbrk(long n, int how)
{
	long old = how == SBRK_EAGER ? __sys_sbrkx(n, SBRK_EAGER) : __sys_sbrk(n);

	return old < 0 && old > -4096 ? (char *)-1 : (char *)old;
}

WEAK char *
sbrk(int n)
{
	return __xv6_sbrk(n, &__xv6_eager != NULL ? SBRK_EAGER : SBRK_LAZY);
}

WEAK int
numvp(void)
{
	return minus_one(__sys_numvp());
}

WEAK int
numpp(void)
{
	return minus_one(__sys_numpp());
}

WEAK int
getptsize(void)
{
	return minus_one(__sys_getptsize());
}

WEAK int
getNumFreePages(void)
{
	return minus_one(__sys_getnumfreepages());
}

static void *
address(long r)
{
	return r < 0 ? NULL : (void *)r;
}

WEAK void *
mapshared(void)
{
	return address(__sys_mapshared());
}

WEAK void *
getshared(void)
{
	return address(__sys_getshared());
}

WEAK int
unmapshared(void)
{
	return minus_one(__sys_unmapshared());
}

WEAK wide_t
map_shared_pages(int src_pid, int dst_pid, wide_t src_va, wide_t size)
{
	uint64_t at;

	return __sys_map_shared_pages(src_pid, dst_pid, src_va, size, &at) < 0 ? 0 : at;
}

WEAK int
unmap_shared_pages(wide_t addr, wide_t size)
{
	return minus_one(__sys_unmap_shared_pages(addr, size));
}
