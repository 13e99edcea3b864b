/* riscv64: the machine's words, for md/types.h; see there. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/riscv64/trapframe.h"

typedef uint64_t vaddr_t;
typedef uint64_t paddr_t;

#define MD_FRAME_RECORD	16
#define MD_NAME		"riscv64"
#define MD_ELF_MACHINE	243		/* EM_RISCV */
#define MD_ELF_CLASS	2		/* ELFCLASS64 */

/*
 * Sv39:	       0 .. USER_MAX	user space
 *	DIRECT_MAP .. +DIRECT_MAX	physical memory and device registers, the kernel among it
 *	KSTACK_WINDOW ..		kernel stacks, one root entry
 */
#define USER_MIN	0x1000ul
#define USER_MAX	0x3fffffe000ul
#define DIRECT_MAP	0xffffffc000000000ul
#define DIRECT_MAX	0x2000000000ul
#define KSTACK_WINDOW	0xffffffe000000000ul
#define KSTACK_SLOTS	32768

#define MD_PROT_READ	PROT_R
#define MD_PROT_EXEC	PROT_X

/* What ctx_switch keeps, and knows the offsets of; the other registers are on the stack. */
struct md_context {
	uint64_t ra, sp, fp;
	uint64_t gp;		/* the user's: system calls leave it where it is */
	/* sstatus.FS when switched out: 0, no FP state; else it is in f */
	uint64_t fs;
	uint64_t fcsr;
	uint64_t f[32];
};

#define SSTATUS_SIE	0x2ul

/*
 * In tp while the processor is in the kernel. A call may return on another one: gcc expects that of
 * a register variable, clang does not, and restores it if it sees it changed.
 */
#ifdef __clang__
#define cpu_self	({ void *self; __asm__ volatile("mv %0, tp" : "=r"(self)); self; })
#define SELF_CHANGES
#else
register void *cpu_self __asm__("tp");
#define SELF_CHANGES	, "+r"(cpu_self)
#endif

static inline void *
md_cpu_self(void)
{
	return cpu_self;
}

static inline struct thread *
md_thread_self(void)
{
	struct thread *t;

	__asm__("ld %0, 8(tp)" : "=r"(t));
	return t;
}

/* The compiler keeps what is in the registers that a function leaves as they were. */
static inline void
md_ctx_switch(struct md_context *save, struct md_context *load)
{
	register struct md_context *a0 __asm__("a0") = save;
	register struct md_context *a1 __asm__("a1") = load;

	__asm__ volatile("call ctx_switch" : "+r"(a0), "+r"(a1) SELF_CHANGES : : "memory", "ra",
	    "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "t6",
	    "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11");
}

static inline unsigned
md_cpu_id(void)
{
	return *(const uint32_t *)md_cpu_self();
}

static inline uint64_t
md_ticks(void)
{
	uint64_t t;

	__asm__ volatile("csrr %0, time" : "=r"(t));
	return t;
}

/* Returns whether they were enabled. */
static inline bool
md_intr_disable(void)
{
	unsigned long s;

	__asm__ volatile("csrrci %0, sstatus, 2" : "=r"(s) : : "memory");
	return (s & SSTATUS_SIE) != 0;
}

static inline void
md_intr_restore(bool was)
{
	if (was)
		__asm__ volatile("csrsi sstatus, 2" : : : "memory");
	else
		__asm__ volatile("csrci sstatus, 2" : : : "memory");
}

/* In a loop that waits for another processor. */
static inline void
md_pause(void)
{
	__asm__ volatile(".word 0x0100000f" : : : "memory");	/* pause, of Zihintpause */
}

static inline unsigned long
md_tf_syscall(const struct trapframe *tf)
{
	return tf->a[7];
}

static inline const unsigned long *
md_tf_args(const struct trapframe *tf, unsigned n, unsigned long *room)
{
	(void)n, (void)room;
	return tf->a;
}

/* Device registers in memory; in the order of the program, with each other and with RAM. */
#define MACHINE_IO(bits)							\
static inline uint##bits##_t							\
md_read##bits(const volatile void *p)						\
{										\
	uint##bits##_t v = *(const volatile uint##bits##_t *)p;			\
										\
	__asm__ volatile("fence i, rw" : : : "memory");				\
	return v;								\
}										\
										\
static inline void								\
md_write##bits(volatile void *p, uint##bits##_t v)				\
{										\
	__asm__ volatile("fence rw, o" : : : "memory");				\
	*(volatile uint##bits##_t *)p = v;					\
}

MACHINE_IO(8)
MACHINE_IO(16)
MACHINE_IO(32)
#undef MACHINE_IO

#endif
