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
/* A call that does not return tells it itself. */
void	sys_report(unsigned number, const sysarg_t *args, long result);

/* X(name, words of arguments) for each call, by the file that has it. */
#define SYS_CALLS(X)                                                                    \
	/* sys_file.c */                                                                \
	X(pipe, 1) X(read, 3) X(fstat, 2) X(dup, 1) X(write, 3) X(close, 1)             \
	X(lseek, 3 + ARG64_WORDS) X(dup2, 2) X(ftruncate, 1 + ARG64_WORDS)              \
	X(fsync, 1) X(isatty, 1) X(ttyctl, 3)                                           \
	/* sys_path.c */                                                                \
	X(chdir, 1) X(open, 2) X(mknod, 3) X(unlink, 1) X(link, 2) X(mkdir, 1)          \
	X(symlink, 2) X(rename, 2) X(rmdir, 1) X(getcwd, 2) X(access, 2) X(sync, 0)     \
	X(readlink, 3) X(stat, 2) X(lstat, 2)                                           \
	/* sys_mem.c */                                                                 \
	X(sbrk, 1) X(mmap, 5 + ARG64_WORDS) X(munmap, 2) X(mprotect, 3) X(msync, 3)     \
	X(sbrkx, 2) X(numvp, 0) X(numpp, 0) X(getptsize, 0) X(getnumfreepages, 0)       \
	X(vmgrow, 2) X(mapshared, 0) X(getshared, 0) X(unmapshared, 0)                  \
	X(map_shared_pages, 3 + 2 * ARG64_WORDS)                                        \
	X(unmap_shared_pages, 2 * ARG64_WORDS)                                          \
	/* sys_time.c */                                                                \
	X(sleep, 1) X(uptime, 0) X(clock_gettime, 2) X(nanosleep, ARG64_WORDS)          \
	/* sys_proc.c */                                                                \
	X(fork, 0) X(exit, 1) X(wait, 1) X(kill, 1) X(exec, 2) X(getpid, 0)             \
	X(execve, 3) X(waitpid, 3) X(getppid, 0) X(halt, 1)                             \
	/* info.c */                                                                    \
	X(kinfo, 4 + ARG64_WORDS)

#define SYS_PROTOTYPE(name, words) long sys_##name(const sysarg_t *a);
SYS_CALLS(SYS_PROTOTYPE)

#endif
