/* From a trap to a system call, and the table of all calls. */
#include "abi/syscall.h"

#include "kern/thread.h"
#include "lib/atomic.h"
#include "sys/sys.h"

const struct sys_tracer *sys_tracer READ_MOSTLY;

static const struct {
	long (*fn)(const sysarg_t *args);
	uint8_t words;			/* of arguments */
} calls[] = {
	[SYS_fork] = { sys_fork, 0 },
	[SYS_exit] = { sys_exit, 1 },
	[SYS_wait] = { sys_wait, 1 },
	[SYS_pipe] = { sys_pipe, 1 },
	[SYS_read] = { sys_read, 3 },
	[SYS_kill] = { sys_kill, 1 },
	[SYS_exec] = { sys_exec, 2 },
	[SYS_fstat] = { sys_fstat, 2 },
	[SYS_chdir] = { sys_chdir, 1 },
	[SYS_dup] = { sys_dup, 1 },
	[SYS_getpid] = { sys_getpid, 0 },
	[SYS_sbrk] = { sys_sbrk, 1 },
	[SYS_sleep] = { sys_sleep, 1 },
	[SYS_uptime] = { sys_uptime, 0 },
	[SYS_open] = { sys_open, 2 },
	[SYS_write] = { sys_write, 3 },
	[SYS_mknod] = { sys_mknod, 3 },
	[SYS_unlink] = { sys_unlink, 1 },
	[SYS_link] = { sys_link, 2 },
	[SYS_mkdir] = { sys_mkdir, 1 },
	[SYS_close] = { sys_close, 1 },
	[SYS_symlink] = { sys_symlink, 2 },
	[SYS_mmap] = { sys_mmap, 5 + ARG64_WORDS },
	[SYS_munmap] = { sys_munmap, 2 },
	[SYS_execve] = { sys_execve, 3 },
	[SYS_waitpid] = { sys_waitpid, 3 },
	[SYS_lseek] = { sys_lseek, 3 + ARG64_WORDS },
	[SYS_dup2] = { sys_dup2, 2 },
	[SYS_getppid] = { sys_getppid, 0 },
	[SYS_rename] = { sys_rename, 2 },
	[SYS_ftruncate] = { sys_ftruncate, 1 + ARG64_WORDS },
	[SYS_rmdir] = { sys_rmdir, 1 },
	[SYS_getcwd] = { sys_getcwd, 2 },
	[SYS_access] = { sys_access, 2 },
	[SYS_fsync] = { sys_fsync, 1 },
	[SYS_sync] = { sys_sync, 0 },
	[SYS_clock_gettime] = { sys_clock_gettime, 2 },
	[SYS_nanosleep] = { sys_nanosleep, ARG64_WORDS },
	[SYS_isatty] = { sys_isatty, 1 },
	[SYS_ttyctl] = { sys_ttyctl, 3 },
	[SYS_readlink] = { sys_readlink, 3 },
	[SYS_stat] = { sys_stat, 2 },
	[SYS_lstat] = { sys_lstat, 2 },
	[SYS_mprotect] = { sys_mprotect, 3 },
	[SYS_msync] = { sys_msync, 3 },
	[SYS_sbrkx] = { sys_sbrkx, 2 },
	[SYS_numvp] = { sys_numvp, 0 },
	[SYS_numpp] = { sys_numpp, 0 },
	[SYS_getptsize] = { sys_getptsize, 0 },
	[SYS_getnumfreepages] = { sys_getnumfreepages, 0 },
	[SYS_vmgrow] = { sys_vmgrow, 2 },
	[SYS_mapshared] = { sys_mapshared, 0 },
	[SYS_getshared] = { sys_getshared, 0 },
	[SYS_unmapshared] = { sys_unmapshared, 0 },
	[SYS_map_shared_pages] = { sys_map_shared_pages, 3 + 2 * ARG64_WORDS },
	[SYS_unmap_shared_pages] = { sys_unmap_shared_pages, 2 * ARG64_WORDS },
	[SYS_kinfo] = { sys_kinfo, 4 + ARG64_WORDS },
	[SYS_halt] = { sys_halt, 1 },
};

/* Not inline: the way of all other calls saves no registers for it. */
static __attribute__((noinline)) long
unusual(const struct sys_tracer *tracer, unsigned long what, const sysarg_t *args)
{
	unsigned long number = what & ~(unsigned long)SYS_ERRNO;
	long result = calls[number].fn(args);

	if (tracer != NULL && tracer->call != NULL)
		tracer->call(proc_current(), (unsigned)number, args, result);
	return what & SYS_ERRNO || result >= 0 || result <= -4096 ? result : -1;
}

long
trap_syscall(struct trapframe *tf)
{
	unsigned long what = md_tf_syscall(tf), number = what & ~(unsigned long)SYS_ERRNO;
	const struct sys_tracer *tracer = atomic_load_relaxed(&sys_tracer);
	sysarg_t room[SYS_WORDS_MAX];
	const sysarg_t *args;

	cpu_this()->syscalls++;
	md_intr_restore(true);
	if (number >= ARRAY_LEN(calls) || calls[number].fn == NULL)
		return what & SYS_ERRNO ? -ENOSYS : -1;
	args = md_tf_args(tf, calls[number].words, room);
	if (args == NULL)
		return what & SYS_ERRNO ? -EFAULT : -1;
	if (unlikely(tracer != NULL || !(what & SYS_ERRNO)))
		return unusual(tracer, what, args);
	return calls[number].fn(args);
}
