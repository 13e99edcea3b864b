/* System calls that the families agree on. */
#include "family.h"

#define KNOWN_FLAGS	(O_ACCMODE | O_CREAT | O_TRUNC | O_NOFOLLOW)

WEAK int
fork(void)
{
	return minus_one(__sys_fork());
}

WEAK int
pipe(int *fd)
{
	return minus_one(__sys_pipe(fd));
}

/* The length as it is, with its sign: the kernel refuses what is negative. */
WEAK int
write(int fd, const void *buf, int n)
{
	return minus_one(__sys_write(fd, buf, (size_t)n));
}

WEAK int
read(int fd, void *buf, int n)
{
	return minus_one(__sys_read(fd, buf, (size_t)n));
}

WEAK int
close(int fd)
{
	return minus_one(__sys_close(fd));
}

WEAK int
kill(int pid)
{
	return minus_one(__sys_kill(pid));
}

/* Both write bits mean "write only" there, and unknown bits nothing. */
int
__xv6_open(const char *path, int flags)
{
	if ((flags & O_ACCMODE) == O_ACCMODE)
		flags &= ~O_RDWR;
	return minus_one(__sys_open(path, (flags & KNOWN_FLAGS) | O_XV6));
}

WEAK int
open(const char *path, int flags)
{
	return __xv6_open(path, flags);
}

WEAK int
mknod(const char *path, short major, short minor)
{
	return minus_one(__sys_mknod(path, major, minor));
}

WEAK int
unlink(const char *path)
{
	return minus_one(__sys_unlink(path));
}

WEAK int
link(const char *from, const char *to)
{
	return minus_one(__sys_link(from, to));
}

WEAK int
symlink(const char *target, const char *path)
{
	return minus_one(__sys_symlink(target, path));
}

WEAK int
mkdir(const char *path)
{
	return minus_one(__sys_mkdir(path));
}

WEAK int
chdir(const char *path)
{
	return minus_one(__sys_chdir(path));
}

WEAK int
dup(int fd)
{
	return minus_one(__sys_dup(fd));
}

WEAK int
getpid(void)
{
	return minus_one(__sys_getpid());
}

WEAK int
sleep(int ticks)
{
	return minus_one(__sys_sleep(ticks));
}

WEAK int
uptime(void)
{
	return minus_one(__sys_uptime());
}
