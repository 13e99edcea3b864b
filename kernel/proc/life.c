/* How processes come and go: the first one, fork, exit (proc/proc.h). */
#include "proc/tree.h"

#include "abi/wait.h"
#include "fs/fs.h"
#include "kern/print.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/string.h"

uint32_t proc_forks;

void
proc_enter_user(void *unused)
{
	struct trapframe *tf = md_tf_of(thread_current()->stack_top);

	(void)unused;
	md_intr_disable();
	trap_leaving(tf);
	md_user_enter(tf);
}

/* ---- the first process ---- */

static const struct exec_limits init_limits = { QUIRE_ARG_MAX, QUIRE_ARG_MAX };

static void
init_begin(void *arg)
{
	const char *path = arg;
	long err = proc_exec(path, 0, 0, &init_limits);

	if (err < 0)
		panic("cannot run %s: error %ld", path, -err);
	proc_enter_user(NULL);
}

err_t
proc_start_init(const char *path)
{
	struct proc *p;
	err_t err = proc_create(&p);

	if (err != OK)
		return err;
	p->cwd = fs_root();
	str_copy(p->name, "init", sizeof(p->name));
	p->thread.fn = init_begin;
	p->thread.arg = (void *)path;
	proc_link(p, NULL);
	assert(p->pid == PID_INIT);
	thread_start(&p->thread);
	return OK;
}

/* ---- fork ---- */

static void
copy_registers(struct proc *child, const struct proc *parent)
{
	struct trapframe *tf = md_tf_of(child->thread.stack_top);

	*tf = *md_tf_of(parent->thread.stack_top);
	md_tf_return(tf, 0);
}

long
proc_fork(void)
{
	struct proc *me = proc_current(), *p;
	err_t err = proc_create(&p);
	int pid;

	if (err != OK)
		return err_code(err);
	err = fdtable_copy(&p->fds, &me->fds);
	if (err == OK)
		err = space_fork(me->space, &p->space);
	if (err != OK) {
		fdtable_close_all(&p->fds);
		proc_free(p);
		return err_code(err);
	}
	p->cwd = inode_get(me->cwd);
	memcpy(p->name, me->name, sizeof(p->name));
	p->thread.pmap = p->space->pmap;
	copy_registers(p, me);
	md_fp_fork(&p->thread.ctx, &me->thread.ctx);
	proc_link(p, me);
	pid = p->pid;		/* once it runs it may be gone any time */
	atomic_add_relaxed(&proc_forks, 1);
	thread_start(&p->thread);
	return pid;
}

/* ---- exit ---- */

void
proc_exit(int status, int signal)
{
	struct proc *p = proc_current();
	struct space *s;

	if (p->pid == PID_INIT)
		panic("init ended: status %d, signal %d", status, signal);
	p->status = status;
	p->signal = signal;
	s = proc_leave(p);
	thread_set_pmap(NULL);
	fdtable_close_all(&p->fds);
	inode_put(p->cwd);
	space_put(s);
	thread_exit();
}

void
proc_kill_self(const char *what, vaddr_t va, vaddr_t pc, const char *why, int signal)
{
	struct proc *p = proc_current();

	kprintf("pid %d %s: killed: %s address 0x%lx pc 0x%lx: %s\n", p->pid, p->name, what,
	    (unsigned long)va, (unsigned long)pc, why);
	proc_exit(STATUS_KILLED, signal);
}
