/* What a trap is, and who gets it. */
#include "md/trap.h"

#include "abi/wait.h"
#include "arch/riscv64/csr.h"
#include "arch/riscv64/port.h"
#include "arch/riscv64/trapframe.h"
#include "kern/cpu.h"
#include "kern/print.h"
#include "md/usercopy.h"

enum {
	EXC_FETCH_ACCESS = 1, EXC_ILLEGAL, EXC_BREAKPOINT, EXC_LOAD_MISALIGNED, EXC_LOAD_ACCESS,
	EXC_STORE_MISALIGNED, EXC_STORE_ACCESS, EXC_ECALL = SCAUSE_ECALL,
	EXC_FETCH_PAGE = SCAUSE_FETCH_PAGE, EXC_LOAD_PAGE, EXC_STORE_PAGE = SCAUSE_STORE_PAGE
};

_Static_assert(offsetof(struct cpu_head, resched) == CPU_RESCHED, "trap.S knows");
_Static_assert(offsetof(struct cpu_head, id) == 0, "machine.h knows");
_Static_assert(offsetof(struct cpu_head, current) == 8, "machine.h knows");

extern char usercopy_start[], usercopy_end[], usercopy_fault[];

void	trap_from_user(struct trapframe *tf);
void	trap_user_fault(struct trapframe *tf, vaddr_t va, uint64_t cause);
void	trap_from_kernel(struct trapframe *tf);
void	trap_overflow(struct trapframe *tf) NORETURN;

/*
 * Is CAUSE an access that the memory map may yet make good? Access faults
 * come from places where there is no memory: the map has nothing there.
 */
static bool
cause_is_access(uint64_t cause, enum access *acc)
{
	if (cause == EXC_FETCH_PAGE || cause == EXC_FETCH_ACCESS)
		*acc = ACCESS_EXEC;
	else if (cause == EXC_LOAD_PAGE || cause == EXC_LOAD_ACCESS)
		*acc = ACCESS_READ;
	else if (cause == EXC_STORE_PAGE || cause == EXC_STORE_ACCESS)
		*acc = ACCESS_WRITE;
	else
		return false;
	return true;
}

static const char *
cause_name(uint64_t cause)
{
	switch (cause) {
	case EXC_ILLEGAL:
		return "illegal instruction";
	case EXC_BREAKPOINT:
		return "breakpoint";
	case EXC_LOAD_MISALIGNED:
	case EXC_STORE_MISALIGNED:
		return "misaligned access";
	case EXC_FETCH_PAGE:
	case EXC_FETCH_ACCESS:
		return "instruction fault";
	case EXC_LOAD_PAGE:
	case EXC_LOAD_ACCESS:
		return "load fault";
	case EXC_STORE_PAGE:
	case EXC_STORE_ACCESS:
		return "store fault";
	default:
		return "unknown trap";
	}
}

static void
interrupt(uint64_t cause)
{
	switch (cause & ~SCAUSE_INTR) {
	case INTR_TIMER:
		timer_interrupt();
		break;
	case INTR_SOFT:
		ipi_interrupt();
		break;
	case INTR_EXTERNAL:
		plic_interrupt();
		break;
	default:
		panic("interrupt %lu", (unsigned long)(cause & ~SCAUSE_INTR));
	}
}

/*
 * A thread starts with its floating-point registers switched off, and its
 * first use of them is an illegal instruction: so is any other, which comes here again.
 */
static void
illegal_instruction(struct trapframe *tf)
{
	if ((csr_read(sstatus) & SSTATUS_FS) == 0)
		fp_enable();
	else
		trap_user_error(tf, cause_name(tf->cause), tf->pc, SIGILL);
}

/* What is said to end a program by a trap that is neither an access nor an illegal instruction. */
static int
cause_signal(uint64_t cause)
{
	if (cause == EXC_BREAKPOINT)
		return SIGTRAP;
	return cause == EXC_LOAD_MISALIGNED || cause == EXC_STORE_MISALIGNED ? SIGBUS : SIGSEGV;
}

/* A page fault; in TF is what a system call leaves there. Called with interrupts disabled. */
void
trap_user_fault(struct trapframe *tf, vaddr_t va, uint64_t cause)
{
	enum access acc;

	if (cause_is_access(cause, &acc))
		(void)trap_fault(tf, va, acc, true);
}

/* Called and returns with interrupts disabled. */
void
trap_from_user(struct trapframe *tf)
{
	enum access acc;

	if (tf->cause & SCAUSE_INTR) {
		interrupt(tf->cause);
	} else if (tf->cause == EXC_ECALL) {
		tf->pc += 4;
		tf->a[0] = (uint64_t)trap_syscall(tf);
	} else if (cause_is_access(tf->cause, &acc)) {
		(void)trap_fault(tf, tf->tval, acc, true);
	} else if (tf->cause == EXC_ILLEGAL) {
		illegal_instruction(tf);
	} else {
		trap_user_error(tf, cause_name(tf->cause), tf->pc, cause_signal(tf->cause));
	}
	md_intr_disable();
}

static void
print_registers(const struct trapframe *tf)
{
	static const char names[][4] = { "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s1", "a0", "a1",
		"a2", "a3", "a4", "a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9",
		"s10", "s11", "t3", "t4", "t5", "t6" };
	const uint64_t *r = &tf->ra;

	kprintf("pc  %016lx  s0  %016lx  status %lx\n", (unsigned long)tf->pc,
	    (unsigned long)tf->s0, (unsigned long)tf->status);
	for (unsigned i = 0; i < ARRAY_LEN(names); i += 3)
		kprintf("%-3s %016lx  %-3s %016lx  %-3s %016lx\n", names[i], (unsigned long)r[i],
		    names[i + 1], (unsigned long)r[i + 1], names[i + 2], (unsigned long)r[i + 2]);
}

static bool
in_stack_guard(vaddr_t va)
{
	return va - KSTACK_WINDOW < (vaddr_t)KSTACK_SLOTS * KSTACK_SLOT && (va & KSTACK_SIZE) == 0;
}

static void
kernel_fault(struct trapframe *tf)
{
	bool copying = tf->pc >= (vaddr_t)usercopy_start && tf->pc < (vaddr_t)usercopy_end;
	enum access acc;

	if (copying && cause_is_access(tf->cause, &acc) && tf->tval < USER_MAX &&
	    (tf->status & SSTATUS_SPIE)) {
		if (!trap_fault(tf, tf->tval, acc, false))
			tf->pc = (vaddr_t)usercopy_fault;
		md_intr_disable();
		return;
	}
	print_registers(tf);
	panic("%s in the kernel: cause %lu, address %lx, pc %lx%s", cause_name(tf->cause),
	    (unsigned long)tf->cause, (unsigned long)tf->tval, (unsigned long)tf->pc,
	    copying ? " (user copy)" : in_stack_guard(tf->tval) ? " (stack overflow)" : "");
}

void
trap_from_kernel(struct trapframe *tf)
{
	if (tf->cause & SCAUSE_INTR)
		interrupt(tf->cause);
	else
		kernel_fault(tf);
}

/* On the emergency stack. */
void
trap_overflow(struct trapframe *tf)
{
	print_registers(tf);
	panic("kernel stack overflow: sp %lx, pc %lx", (unsigned long)tf->sp,
	    (unsigned long)tf->pc);
}
