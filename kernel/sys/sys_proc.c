/* System calls on processes. */
#include "abi/syscall.h"
#include "abi/wait.h"

#include "fs/fs.h"
#include "kern/print.h"
#include "sys/sys.h"

long
sys_fork(const sysarg_t *a)
{
	(void)a;
	return proc_fork();
}

long
sys_exit(const sysarg_t *a)
{
	proc_exit((int)a[0], 0);
}

/* The child stays what it is, waiting to be waited for, when its status has nowhere to go. */
static long
wait_for(int pid, bool nohang, sysarg_t to, bool posix)
{
	struct proc_ended e;
	err_t err = proc_wait_begin(pid, nohang, &e);
	int status;

	if (err != OK)
		return err_code(err);
	if (e.proc == NULL)
		return 0;
	status = e.status;
	if (posix)
		status = e.signal != 0 ? W_KILLED(e.signal) : W_EXITED(e.status);
	if (to != 0)
		err = md_copyout(to, &status, sizeof(status));
	proc_wait_end(&e, err == OK);
	return err == OK ? e.pid : err_code(err);
}

long
sys_wait(const sysarg_t *a)
{
	return wait_for(-1, false, a[0], false);
}

long
sys_waitpid(const sysarg_t *a)
{
	if (a[2] & ~(sysarg_t)WNOHANG)
		return -EINVAL;
	return wait_for((int)a[0], (a[2] & WNOHANG) != 0, a[1], true);
}

long
sys_kill(const sysarg_t *a)
{
	return err_code(proc_kill((int)a[0], SIGKILL));
}

long
sys_getpid(const sysarg_t *a)
{
	(void)a;
	return proc_current()->pid;
}

long
sys_getppid(const sysarg_t *a)
{
	(void)a;
	return proc_ppid();
}

/*
 * Does not return into a new program the way it came: some of the old one's registers are where C
 * functions put what they must leave as it was. The trap frame has all of the new one's.
 */
static long
exec(unsigned number, const sysarg_t *a, sysarg_t envp, const struct exec_limits *limits)
{
	struct path p;
	err_t err = a[1] != 0 ? path_get(a[0], &p) : ERR(EFAULT);
	long argc = err == OK ? proc_exec(p.text, a[1], envp, limits) : err_code(err);

	if (argc < 0)
		return argc;
	sys_report(number, a, argc);
	proc_enter_user(NULL);
}

long
sys_exec(const sysarg_t *a)
{
	static const struct exec_limits xv6 = { XV6_MAXARG - 1, XV6_ARG_BYTES };

	return exec(SYS_exec, a, 0, &xv6);
}

long
sys_execve(const sysarg_t *a)
{
	static const struct exec_limits posix = { QUIRE_ARG_MAX, QUIRE_ARG_MAX };

	return exec(SYS_execve, a, a[2], &posix);
}

long
sys_halt(const sysarg_t *a)
{
	err_t err = fs_unmount();

	if (err != OK)
		kprintf("halt: the disk is not up to date: error %d\n", -err_code(err));
	md_poweroff((int)(a[0] & 0xff));
}
