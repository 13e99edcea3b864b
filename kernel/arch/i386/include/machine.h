/* i386: the machine's words, for md/types.h; see there. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/i386/trapframe.h"

typedef uint32_t vaddr_t;
typedef uint32_t paddr_t;

#define MD_FRAME_RECORD	0
#define MD_NAME		"i386"
#define MD_ELF_MACHINE	3		/* EM_386 */
#define MD_ELF_CLASS	1		/* ELFCLASS32 */

/*
 *		 0 .. USER_MAX		user space
 *	DIRECT_MAP .. +DIRECT_MAX	physical memory, the kernel among it
 *	KSTACK_WINDOW ..		kernel stacks
 *	DEVICE_WINDOW ..		device registers (port.h)
 */
#define USER_MIN	0x1000u
#define USER_MAX	0x80000000u
#define DIRECT_MAP	0x80000000u
#define DIRECT_MAX	0x7b800000u
#define KSTACK_WINDOW	0xfc000000u
#define KSTACK_SLOTS	2048

/* There is no bit against reading or execution: a page that may be the one may be the other. */
#define MD_PROT_READ	(PROT_R | PROT_X)
#define MD_PROT_EXEC	(PROT_R | PROT_X)

/* What md_ctx_switch keeps; the other registers are on the stack. */
struct md_context {
	uint32_t sp;
	/* where traps from user mode begin; 0: it never was there */
	uint32_t trap_top;
	/* FP registers were used; in fp unless they are in the processor */
	uint32_t has_fp;
	uint32_t fp_live;		/* they are: CR0.TS is clear while the thread runs */
	uint8_t	 fp[512] __attribute__((aligned(16)));
};

/*
 * Which processor this is: the task register says, which user mode cannot change. Its
 * descriptors are TSS_FIRST and up, one each.
 */
struct processor {
	void	*self;			/* its struct cpu */
	uint32_t *trap_top;		/* in its task segment: where traps from user mode begin */
};
_Static_assert(sizeof(struct processor) == 8, "as long as a descriptor");
extern struct processor processors[];	/* c after desc_load */

static inline struct processor *
processor_this(void)
{
	uint32_t selector;

	__asm__ volatile("str %0" : "=r"(selector));	/* clears the upper half */
	return (struct processor *)((char *)processors + (selector - TSS_FIRST * 8));
}

static inline void *
md_cpu_self(void)
{
	return processor_this()->self;
}

static inline struct thread *
md_thread_self(void)
{
	struct thread *t;

	__asm__("str %0; movl processors-%c1(%0), %0; movl 8(%0), %0"
	    : "=r"(t) : "i"(TSS_FIRST * 8));
	return t;
}

void	fp_flush(struct md_context *ctx);	/* the registers into CTX, if they are live */

/* ctx_switch (switch.S) keeps ebp and esp, the compiler what else a function leaves as it was. */
static inline void
md_ctx_switch(struct md_context *save, struct md_context *load)
{
	if (__builtin_expect(save->fp_live != 0, 0))
		fp_flush(save);
	*processor_this()->trap_top = load->trap_top;
	__asm__ volatile("call ctx_switch" : "+a"(save), "+d"(load) : : "memory", "cc",
	    "ebx", "ecx", "esi", "edi");
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

	__asm__ volatile("rdtsc" : "=A"(t));
	return t;
}

static inline unsigned long
md_tf_syscall(const struct trapframe *tf)
{
	return tf->eax;
}

/* usercopy.S: N words from SRC, which is below USER_MAX. 0 or -EFAULT. */
int	usercopy_words(unsigned long *dst, vaddr_t src, unsigned n);

/* Above the return address of the function that made the call. */
static inline const unsigned long *
md_tf_args(const struct trapframe *tf, unsigned n, unsigned long *room)
{
	vaddr_t from = tf->esp + 4;

	if (n == 0)
		return room;
	if (from > USER_MAX - n * sizeof(*room) || usercopy_words(room, from, n) != 0)
		return NULL;
	return room;
}

#define EFLAGS_IF	0x200u

/* Returns whether they were enabled. */
static inline bool
md_intr_disable(void)
{
	unsigned long flags;

	__asm__ volatile("pushfl; popl %0; cli" : "=r"(flags) : : "memory");
	return (flags & EFLAGS_IF) != 0;
}

static inline void
md_intr_restore(bool was)
{
	if (was)
		__asm__ volatile("sti" : : : "memory");
	else
		__asm__ volatile("cli" : : : "memory");
}

/* In a loop that waits for another processor. */
static inline void
md_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

/*
 * Device registers. An address below IO_PORTS is a port number: it is not one
 * of the kernel's half, where registers in memory are.
 */
#define IO_PORTS	0x10000u

#define MACHINE_IO(bits, letter)						\
static inline uint##bits##_t							\
md_read##bits(const volatile void *p)						\
{										\
	uint##bits##_t v;							\
										\
	if ((vaddr_t)p >= IO_PORTS)						\
		return *(const volatile uint##bits##_t *)p;			\
	__asm__ volatile("in" #letter " %w1, %0"				\
	    : "=a"(v) : "Nd"((uint16_t)(vaddr_t)p) : "memory");			\
	return v;								\
}										\
										\
static inline void								\
md_write##bits(volatile void *p, uint##bits##_t v)				\
{										\
	if ((vaddr_t)p >= IO_PORTS)						\
		*(volatile uint##bits##_t *)p = v;				\
	else									\
		__asm__ volatile("out" #letter " %0, %w1"			\
		    : : "a"(v), "Nd"((uint16_t)(vaddr_t)p) : "memory");		\
}

MACHINE_IO(8, b)
MACHINE_IO(16, w)
MACHINE_IO(32, l)
#undef MACHINE_IO

#endif
