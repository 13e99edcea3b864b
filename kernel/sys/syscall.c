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
#define ROW(name, words) [SYS_##name] = { sys_##name, words },
	SYS_CALLS(ROW)
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
