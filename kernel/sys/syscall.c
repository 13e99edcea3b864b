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

/* Numbers have no holes; whoever adds one raises SYS_MAX. */
_Static_assert(ARRAY_LEN(calls) == SYS_MAX + 1, "an entry for every call");

void
sys_report(unsigned number, const sysarg_t *args, long result)
{
	const struct sys_tracer *tracer = atomic_load_relaxed(&sys_tracer);

	if (tracer != NULL && tracer->call != NULL)
		tracer->call(proc_current(), number, args, result);
}

/* A bare number, one that there is not, or somebody who watches. */
static __attribute__((noinline)) long
unusual(struct trapframe *tf, unsigned long what)
{
	unsigned long number = what & ~(unsigned long)SYS_ERRNO;
	bool bare = !(what & SYS_ERRNO);
	sysarg_t room[SYS_WORDS_MAX];
	const sysarg_t *args;
	long result;

	if (number >= ARRAY_LEN(calls) || calls[number].fn == NULL)
		return bare ? -1 : -ENOSYS;
	args = md_tf_args(tf, calls[number].words, room);
	if (args == NULL)
		return bare ? -1 : -EFAULT;
	result = calls[number].fn(args);
	sys_report((unsigned)number, args, result);
	return !bare || result >= 0 || result <= -4096 ? result : -1;
}

long
trap_syscall(struct trapframe *tf)
{
	unsigned long what = md_tf_syscall(tf), number = what - SYS_ERRNO;
	const struct sys_tracer *tracer = atomic_load_relaxed(&sys_tracer);
	sysarg_t room[SYS_WORDS_MAX];
	const sysarg_t *args;

	cpu_this()->syscalls++;
	md_intr_restore(true);
	if (unlikely(number - 1 >= SYS_MAX || tracer != NULL))
		return unusual(tf, what);
	args = md_tf_args(tf, calls[number].words, room);
	return likely(args != NULL) ? calls[number].fn(args) : -EFAULT;
}
