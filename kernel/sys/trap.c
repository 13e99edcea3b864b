/* What traps from user mode, other than system calls, mean for the process (md/trap.h). */
#include "md/trap.h"

#include "abi/wait.h"
#include "kern/print.h"
#include "lib/atomic.h"
#include "sys/sys.h"

static const char *
access_text(enum access acc)
{
	static const char *const text[] = {
		[ACCESS_READ] = "read", [ACCESS_WRITE] = "write", [ACCESS_EXEC] = "execute",
	};

	return text[acc];
}

static __attribute__((noinline)) bool
fault_unusual(struct trapframe *tf, vaddr_t va, enum access acc, bool user, enum fault_why why)
{
	const struct sys_tracer *tracer = atomic_load_relaxed(&sys_tracer);

	if (tracer != NULL && tracer->fault != NULL)
		tracer->fault(proc_current(), va, acc, why);
	if (user && why != FAULT_OK)
		proc_kill_self(access_text(acc), va, md_tf_pc(tf), fault_why_text(why),
		    fault_signal(why));
	return why == FAULT_OK;
}

bool
trap_store(vaddr_t va)
{
	return likely(atomic_load_relaxed(&sys_tracer) == NULL) &&
	    space_store_beside(proc_current()->space, va);
}

bool
trap_fault(struct trapframe *tf, vaddr_t va, enum access acc, bool user)
{
	struct proc *p = proc_current();
	enum fault_why why;

	if (!user && cpu_head()->no_faults)
		return false;
	if (p == NULL || p->space == NULL)
		return false;		/* a daemon has no user memory */
	if (!user && acc == ACCESS_WRITE && trap_store(va))
		return true;
	md_intr_restore(true);
	why = space_fault(p->space, va, acc);
	if (likely(why == FAULT_OK && atomic_load_relaxed(&sys_tracer) == NULL))
		return true;
	return fault_unusual(tf, va, acc, user, why);
}

void
trap_user_error(struct trapframe *tf, const char *why, vaddr_t va, int signal)
{
	md_intr_restore(true);
	proc_kill_self("execute", va, md_tf_pc(tf), why, signal);
}

void
trap_leaving(struct trapframe *tf)
{
	(void)tf;
	for (;;) {
		if (unlikely(thread_current()->killed)) {
			int signal = atomic_load(&proc_current()->kill_signal);

			md_intr_restore(true);
			proc_exit(STATUS_KILLED, signal != 0 ? signal : SIGKILL);
		}
		if (!cpu_head()->resched)
			return;
		thread_yield();
	}
}
