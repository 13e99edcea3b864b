/*
 * System calls. Each is a function from its argument words to a result: 0 or
 * more, or the negative of an error number; it changes nothing when it fails.
 */
#ifndef SYS_SYS_H
#define SYS_SYS_H

#include "md/trap.h"
#include "proc/proc.h"

#define SYS_WORDS_MAX	8

typedef unsigned long sysarg_t;

/*
 * A 64-bit argument takes one word, or two with the low one first
 * (abi/syscall.h). ARG64_WORDS says how far the next argument is.
 */
#define ARG64_WORDS	(8 / sizeof(sysarg_t))

static inline int64_t
arg64(const sysarg_t *a)
{
	uint64_t v = a[0];

	for (unsigned i = 1; i < ARG64_WORDS; i++)
		v |= (uint64_t)a[i] << (i * 8 * sizeof(sysarg_t) % 64);
	return (int64_t)v;
}

/* A path of the user's; short enough for the stack. */
struct path {
	char text[QUIRE_PATH_MAX];
};
/* -EFAULT, -ENAMETOOLONG, -ENOENT: empty. */
err_t	path_get(sysarg_t va, struct path *p) MUST_CHECK;

/* The caller's open file FD; NULL: -EBADF. */
static inline struct file *
sys_file(sysarg_t fd)
{
	return fdtable_get(&proc_current()->fds, (int)fd);
}

/* Whoever traces calls and faults; NULL: nobody does. */
struct sys_tracer {
	void	(*call)(struct proc *p, unsigned number, const sysarg_t *args, long result);
	void	(*fault)(struct proc *p, vaddr_t va, enum access acc, enum fault_why why);
};
extern const struct sys_tracer *sys_tracer;	/* @ */

/* sys_file.c */
long	sys_pipe(const sysarg_t *a), sys_read(const sysarg_t *a), sys_write(const sysarg_t *a);
long	sys_fstat(const sysarg_t *a), sys_dup(const sysarg_t *a), sys_dup2(const sysarg_t *a);
long	sys_close(const sysarg_t *a), sys_lseek(const sysarg_t *a);
long	sys_ftruncate(const sysarg_t *a);
long	sys_fsync(const sysarg_t *a), sys_isatty(const sysarg_t *a), sys_ttyctl(const sysarg_t *a);
/* sys_path.c */
long	sys_open(const sysarg_t *a), sys_mknod(const sysarg_t *a), sys_unlink(const sysarg_t *a);
long	sys_link(const sysarg_t *a), sys_mkdir(const sysarg_t *a), sys_chdir(const sysarg_t *a);
long	sys_symlink(const sysarg_t *a), sys_rename(const sysarg_t *a), sys_rmdir(const sysarg_t *a);
long	sys_getcwd(const sysarg_t *a), sys_access(const sysarg_t *a);
long	sys_readlink(const sysarg_t *a);
long	sys_stat(const sysarg_t *a), sys_lstat(const sysarg_t *a), sys_sync(const sysarg_t *a);
/* sys_mem.c */
long	sys_sbrk(const sysarg_t *a), sys_sbrkx(const sysarg_t *a), sys_mmap(const sysarg_t *a);
long	sys_munmap(const sysarg_t *a), sys_mprotect(const sysarg_t *a);
long	sys_numvp(const sysarg_t *a);
long	sys_numpp(const sysarg_t *a), sys_getptsize(const sysarg_t *a);
long	sys_getnumfreepages(const sysarg_t *a), sys_msync(const sysarg_t *a);
long	sys_vmgrow(const sysarg_t *a), sys_mapshared(const sysarg_t *a);
long	sys_getshared(const sysarg_t *a), sys_unmapshared(const sysarg_t *a);
long	sys_map_shared_pages(const sysarg_t *a), sys_unmap_shared_pages(const sysarg_t *a);
/* sys_time.c */
long	sys_sleep(const sysarg_t *a), sys_uptime(const sysarg_t *a);
long	sys_clock_gettime(const sysarg_t *a), sys_nanosleep(const sysarg_t *a);
/* sys_proc.c */
long	sys_fork(const sysarg_t *a), sys_exit(const sysarg_t *a), sys_wait(const sysarg_t *a);
long	sys_waitpid(const sysarg_t *a), sys_kill(const sysarg_t *a), sys_exec(const sysarg_t *a);
long	sys_execve(const sysarg_t *a), sys_getpid(const sysarg_t *a);
long	sys_getppid(const sysarg_t *a);
long	sys_halt(const sysarg_t *a);
/* info.c */
long	sys_kinfo(const sysarg_t *a);

#endif
