/* Quire's own calls. */
#include <abi/syscall.h>
#include <quire.h>
#include <stdarg.h>

#include "raw.h"

void *
sbrkx(intptr_t n, int flags)
{
	return (void *)__result(__sys_sbrkx(n, flags));
}

/* A call whose failure is the address 0. */
static void *
address(long r)
{
	r = __result(r);
	return r == -1 ? NULL : (void *)r;
}

void *
vmgrow(long n, void *at)
{
	return address(__sys_vmgrow(n, at));
}

void *
mapshared(void)
{
	return address(__sys_mapshared());
}

void *
getshared(void)
{
	return address(__sys_getshared());
}

int
unmapshared(void)
{
	return (int)__result(__sys_unmapshared());
}

uint64_t
map_shared_pages(int src_pid, int dst_pid, uint64_t src_va, uint64_t size)
{
	uint64_t va = 0;

	if (__result(__sys_map_shared_pages(src_pid, dst_pid, src_va, size, &va)) < 0)
		return 0;
	return va;
}

int
unmap_shared_pages(uint64_t addr, uint64_t size)
{
	return (int)__result(__sys_unmap_shared_pages(addr, size));
}

long
numvp(void)
{
	return __result(__sys_numvp());
}

long
numpp(void)
{
	return __result(__sys_numpp());
}

long
getptsize(void)
{
	return __result(__sys_getptsize());
}

long
getNumFreePages(void)
{
	return __result(__sys_getnumfreepages());
}

long
kinfo(int what, long arg, uint64_t start, void *buf, size_t n)
{
	return __result(__sys_kinfo(what, arg, start, buf, n));
}

int
ttyctl(int fd, int op, long arg)
{
	return (int)__result(__sys_ttyctl(fd, op, arg));
}

int
uptime(void)
{
	return (int)__result(__sys_uptime());
}

int
sleep_ticks(int n)
{
	return (int)__result(__sys_sleep(n));
}

int
wait_raw(int *status)
{
	return (int)__result(__sys_wait(status));
}

int
exec_xv6(const char *path, char *const argv[])
{
	return (int)__result(__sys_exec(path, argv));
}

long
syscall(long number, ...)
{
	long word[7];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 7; i++)
		word[i] = va_arg(ap, long);
	va_end(ap);
	return __result(__syscall(number | SYS_ERRNO, word[0], word[1], word[2], word[3], word[4],
	    word[5], word[6]));
}

void
halt(int status)
{
	__sys_halt(status);
}
