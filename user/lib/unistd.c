/* The system calls under their POSIX names. */
#include <abi/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw.h"

/* ---- processes ---- */

pid_t
fork(void)
{
	return (pid_t)__result(__sys_fork());
}

pid_t
getpid(void)
{
	return __sys_getpid();
}

pid_t
getppid(void)
{
	return (pid_t)__sys_getppid();
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
	return (pid_t)__result(__sys_waitpid(pid, status, options));
}

pid_t
wait(int *status)
{
	return waitpid(-1, status, 0);
}

int
kill(pid_t pid, int sig)
{
	struct kinfo_proc p;
	long n;

	if (pid <= 0 || (sig != SIGKILL && sig != 0)) {
		errno = EINVAL;
		return -1;
	}
	if (sig)
		return (int)__result(__sys_kill(pid));
	n = kinfo(KINFO_PROC, 0, (uint64_t)pid, &p, sizeof(p));
	if (n < 0)
		return -1;
	if (n == 0 || p.pid != pid) {
		errno = ESRCH;
		return -1;
	}
	return 0;
}

int
execve(const char *path, char *const argv[], char *const envp[])
{
	return (int)__result(__sys_execve(path, argv, envp));
}

void *
sbrk(intptr_t n)
{
	return (void *)__result(__sys_sbrk(n));
}

/* ---- descriptors ---- */

int
open(const char *path, int flags, ...)
{
	return (int)__result(__sys_open(path, flags));
}

int
creat(const char *path, mode_t mode)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

ssize_t
read(int fd, void *buf, size_t n)
{
	return __result(__sys_read(fd, buf, n));
}

ssize_t
write(int fd, const void *buf, size_t n)
{
	return __result(__sys_write(fd, buf, n));
}

/* Goes to OFF for one transfer and back: Quire has no call that does it at once. */
static ssize_t
at_offset(int fd, void *buf, size_t n, off_t off, ssize_t (*transfer)(int, void *, size_t))
{
	off_t old = lseek(fd, 0, SEEK_CUR);
	ssize_t r;

	if (old < 0 || lseek(fd, off, SEEK_SET) < 0)
		return -1;
	r = transfer(fd, buf, n);
	if (lseek(fd, old, SEEK_SET) < 0)
		return -1;
	return r;
}

static ssize_t
write_from(int fd, void *buf, size_t n)
{
	return write(fd, buf, n);
}

ssize_t
pread(int fd, void *buf, size_t n, off_t off)
{
	return at_offset(fd, buf, n, off, read);
}

ssize_t
pwrite(int fd, const void *buf, size_t n, off_t off)
{
	return at_offset(fd, (void *)buf, n, off, write_from);
}

int
close(int fd)
{
	return (int)__result(__sys_close(fd));
}

int
dup(int fd)
{
	return (int)__result(__sys_dup(fd));
}

int
dup2(int fd, int to)
{
	return (int)__result(__sys_dup2(fd, to));
}

int
pipe(int fd[2])
{
	return (int)__result(__sys_pipe(fd));
}

off_t
lseek(int fd, off_t off, int whence)
{
	int64_t where = -1;

	if (__result(__sys_lseek(fd, off, whence, &where)) < 0)
		return -1;
	return where;
}

int
ftruncate(int fd, off_t size)
{
	return (int)__result(__sys_ftruncate(fd, size));
}

int
truncate(const char *path, off_t size)
{
	int fd = open(path, O_WRONLY), r;

	if (fd < 0)
		return -1;
	r = ftruncate(fd, size);
	close(fd);
	return r;
}

int
fsync(int fd)
{
	return (int)__result(__sys_fsync(fd));
}

int
fdatasync(int fd)
{
	return fsync(fd);
}

void
sync(void)
{
	__sys_sync();
}

int
isatty(int fd)
{
	return __result(__sys_isatty(fd)) == 0;
}

/* ---- names ---- */

int
access(const char *path, int mode)
{
	return (int)__result(__sys_access(path, mode));
}

int
chdir(const char *path)
{
	return (int)__result(__sys_chdir(path));
}

char *
getcwd(char *buf, size_t n)
{
	char *own = NULL;

	if (!buf) {
		n = n ? n : PATH_MAX * 8;
		buf = own = malloc(n);
		if (!buf)
			return NULL;
	}
	if (__result(__sys_getcwd(buf, n)) < 0) {
		free(own);
		return NULL;
	}
	return buf;
}

int
link(const char *from, const char *to)
{
	return (int)__result(__sys_link(from, to));
}

int
symlink(const char *target, const char *path)
{
	return (int)__result(__sys_symlink(target, path));
}

ssize_t
readlink(const char *restrict path, char *restrict buf, size_t n)
{
	return __result(__sys_readlink(path, buf, n));
}

int
unlink(const char *path)
{
	return (int)__result(__sys_unlink(path));
}

int
rmdir(const char *path)
{
	return (int)__result(__sys_rmdir(path));
}

int
remove(const char *path)
{
	return unlink(path);
}

int
rename(const char *from, const char *to)
{
	return (int)__result(__sys_rename(from, to));
}

int
mkdir(const char *path, mode_t mode)
{
	(void)mode;
	return (int)__result(__sys_mkdir(path));
}

int
mknod_dev(const char *path, int major, int minor)
{
	return (int)__result(__sys_mknod(path, major, minor));
}

int
mknod(const char *path, mode_t mode, dev_t dev)
{
	if ((mode & S_IFMT) != S_IFCHR) {
		errno = EINVAL;
		return -1;
	}
	return mknod_dev(path, (int)major(dev), (int)minor(dev));
}

static const mode_t mode_of_type[] = {
	[T_DIR] = S_IFDIR,
	[T_FILE] = S_IFREG,
	[T_DEVICE] = S_IFCHR,
	[T_SYMLINK] = S_IFLNK,
	[T_PIPE] = S_IFIFO,
};

/* The result R of a call that filled in K, which becomes POSIX's ST. */
static int
stat_result(long r, const struct kstat *k, struct stat *st)
{
	if (__result(r) < 0)
		return -1;
	*st = (struct stat){
		.st_dev = k->dev,
		.st_ino = k->ino,
		.st_mode = k->mode | (k->type <= T_PIPE ? mode_of_type[k->type] : 0),
		.st_nlink = k->nlink,
		.st_uid = k->uid,
		.st_gid = k->gid,
		.st_rdev = makedev(k->major, k->minor),
		.st_size = (off_t)k->size,
		.st_blksize = PAGE_SIZE,
		.st_blocks = (blkcnt_t)k->blocks,
		.st_atim = { k->mtime, (long)k->mtime_ns },
		.st_mtim = { k->mtime, (long)k->mtime_ns },
		.st_ctim = { k->ctime, (long)k->ctime_ns },
	};
	return 0;
}

int
stat(const char *restrict path, struct stat *restrict st)
{
	struct kstat k;

	return stat_result(__sys_stat(path, &k), &k, st);
}

int
lstat(const char *restrict path, struct stat *restrict st)
{
	struct kstat k;

	return stat_result(__sys_lstat(path, &k), &k, st);
}

int
fstat(int fd, struct stat *st)
{
	struct kstat k;

	return stat_result(__sys_fstat(fd, &k), &k, st);
}

/* ---- memory ---- */

void *
mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	return (void *)__result(__sys_mmap(addr, len, prot, flags, fd, off));
}

int
munmap(void *addr, size_t len)
{
	return (int)__result(__sys_munmap(addr, len));
}

int
mprotect(void *addr, size_t len, int prot)
{
	return (int)__result(__sys_mprotect(addr, len, prot));
}

int
msync(void *addr, size_t len, int flags)
{
	return (int)__result(__sys_msync(addr, len, flags));
}

/* ---- the machine ---- */

int
getpagesize(void)
{
	return PAGE_SIZE;
}

uid_t
getuid(void)
{
	return 0;
}

uid_t
geteuid(void)
{
	return 0;
}

gid_t
getgid(void)
{
	return 0;
}

gid_t
getegid(void)
{
	return 0;
}

long
sysconf(int name)
{
	struct kinfo_stat s;
	struct kinfo_mem m;

	switch (name) {
	case _SC_PAGESIZE:
		return PAGE_SIZE;
	case _SC_OPEN_MAX:
		return OPEN_MAX;
	case _SC_ARG_MAX:
		return ARG_MAX;
	case _SC_NPROCESSORS_ONLN:
		return kinfo(KINFO_STAT, 0, 0, &s, sizeof(s)) > 0 ? (long)s.cpus : -1;
	case _SC_PHYS_PAGES:
		return kinfo(KINFO_MEM, 0, 0, &m, sizeof(m)) > 0 ? (long)m.total : -1;
	case _SC_AVPHYS_PAGES:
		return kinfo(KINFO_MEM, 0, 0, &m, sizeof(m)) > 0 ? (long)m.free : -1;
	}
	errno = EINVAL;
	return -1;
}
