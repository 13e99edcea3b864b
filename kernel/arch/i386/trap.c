/* What a trap is, and who gets it. */
#include "md/trap.h"

#include "abi/wait.h"
#include "arch/i386/port.h"
#include "arch/i386/trapframe.h"
#include "arch/i386/x86.h"
#include "kern/print.h"
#include "kern/thread.h"

#define FAULT_WRITE	0x2u		/* in a page fault's error code */

extern char usercopy_start[], usercopy_end[], usercopy_fault[];

_Static_assert(offsetof(struct cpu_head, resched) == CPU_RESCHED, "trap.S knows");
_Static_assert(offsetof(struct cpu_head, id) == 0, "machine.h knows");
_Static_assert(offsetof(struct cpu_head, current) == 8, "machine.h knows");

void	trap_from_user(struct trapframe *tf);
void	trap_from_kernel(struct trapframe *tf);
void	trap_double_fault(const struct interrupted *in) NORETURN;

static const char *
vector_name(unsigned vector)
{
	static const char *const names[] = {
		"division error", "debug trap", "non-maskable interrupt", "breakpoint",
		"overflow", "bound exceeded", "illegal instruction", "no floating point",
		"double fault", "coprocessor overrun", "invalid task", "segment not present",
		"stack segment fault", "general protection", "page fault", "reserved",
		"floating-point error", "misaligned access", "machine check",
		"floating-point error",
	};

	return vector < ARRAY_LEN(names) ? names[vector] : "unknown trap";
}

static int
vector_signal(unsigned vector)
{
	switch (vector) {
	case VEC_DIVIDE:
	case VEC_FPU_ERROR:
	case VEC_SIMD_ERROR:
		return SIGFPE;
	case VEC_DEBUG:
	case VEC_BREAKPOINT:
		return SIGTRAP;
	case VEC_ILLEGAL:
		return SIGILL;
	case VEC_MISALIGNED:
		return SIGBUS;
	default:
		return SIGSEGV;
	}
}

static bool
is_interrupt(unsigned vector)
{
	return vector >= VEC_IRQ && vector < VEC_SYSCALL;
}

/* The hardware tells no fetch from a load; a fault at the instruction itself is one. */
static enum access
fault_access(const struct trapframe *tf, vaddr_t va)
{
	if (tf->error & FAULT_WRITE)
		return ACCESS_WRITE;
	return va == tf->eip ? ACCESS_EXEC : ACCESS_READ;
}

/* Called and returns with interrupts disabled. */
void
trap_from_user(struct trapframe *tf)
{
	vaddr_t va = reg_read(cr2);

	if (is_interrupt(tf->vector))
		irq_interrupt(tf->vector);
	else if (tf->vector == VEC_PAGE && (tf->error & FAULT_WRITE) && trap_store(va))
		return;
	else if (tf->vector == VEC_PAGE)
		(void)trap_fault(tf, va, fault_access(tf, va), true);
	else if (tf->vector == VEC_NO_FPU)
		fpu_use();
	else
		trap_user_error(tf, vector_name(tf->vector), tf->eip,
		    vector_signal(tf->vector));
	md_intr_disable();
}

static void
print_registers(const struct trapframe *tf)
{
	kprintf("eip %08x  eflags %08x  cs %04x  ds %04x  error %x\n", (unsigned)tf->eip,
	    (unsigned)tf->eflags, (unsigned)tf->cs & 0xffff, (unsigned)tf->ds & 0xffff,
	    (unsigned)tf->error);
	kprintf("eax %08x  ebx %08x  ecx %08x  edx %08x\n", (unsigned)tf->eax, (unsigned)tf->ebx,
	    (unsigned)tf->ecx, (unsigned)tf->edx);
	kprintf("esi %08x  edi %08x  ebp %08x  esp %08x\n", (unsigned)tf->esi, (unsigned)tf->edi,
	    (unsigned)tf->ebp, (unsigned)&tf->esp);
}

static void
kernel_fault(struct trapframe *tf)
{
	bool copying = tf->eip >= (vaddr_t)usercopy_start && tf->eip < (vaddr_t)usercopy_end;
	vaddr_t va = reg_read(cr2);

	if (copying && tf->vector == VEC_PAGE && va < USER_MAX && (tf->eflags & EFLAGS_IF)) {
		if (!trap_fault(tf, va, fault_access(tf, va), false))
			tf->eip = (vaddr_t)usercopy_fault;
		md_intr_disable();
		return;
	}
	print_registers(tf);
	panic("%s in the kernel: vector %u, address %lx, pc %lx%s", vector_name(tf->vector),
	    (unsigned)tf->vector, (unsigned long)va, (unsigned long)tf->eip,
	    copying ? " (user copy)" : "");
}

void
trap_from_kernel(struct trapframe *tf)
{
	if (is_interrupt(tf->vector))
		irq_interrupt(tf->vector);
	else
		kernel_fault(tf);
}

/* On the emergency stack: as a rule, the trap found no room on the stack it came on. */
void
trap_double_fault(const struct interrupted *in)
{
	vaddr_t va = reg_read(cr2);
	bool guard = va < in->esp && in->esp - va <= PAGE_SIZE && !pmap_kernel_mapped(va);

	panic("%s: esp %lx, pc %lx, address %lx", guard ? "kernel stack overflow" : "double fault",
	    (unsigned long)in->esp, (unsigned long)in->eip, (unsigned long)va);
}
