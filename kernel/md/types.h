/*
 * The machine's words. <machine.h> is the port's own header (kernel/arch/PORT/
 * include); it defines:
 *
 *	vaddr_t, paddr_t		unsigned integers that hold an address
 *	USER_MAX			first address user space does not have
 *	USER_MIN			lowest address sbrk and mmap choose by themselves
 *	KSTACK_WINDOW, KSTACK_SLOTS	where kernel stacks are mapped
 *	MD_NAME				the port's name, a string
 *	MD_FRAME_RECORD			so far below a frame pointer lie the caller's frame pointer
 *					and, behind it, the return address
 *	MD_ELF_MACHINE, MD_ELF_CLASS	what exec accepts
 *	struct md_context		registers of a thread that is switched out: context.h
 *	DIRECT_MAP			where all RAM is mapped: a frame's address, moved by this
 *	md_cpu_id, md_intr_disable, md_intr_restore, md_pause	inline
 *	md_cpu_self			inline: the struct cpu (kern/thread.h) of the processor
 *					we are on; its first word is md_cpu_id
 *	md_thread_self			inline: its thread, which is the same after a sleep
 *	md_ticks			inline: the clock, in ticks of its own; time.h
 *	MD_PROT_READ, MD_PROT_EXEC	rights of which each lets user mode read, execute
 *	md_read8, md_read16, md_read32,
 *	md_write8, md_write16, md_write32	device registers, inline
 */
#ifndef MD_TYPES_H
#define MD_TYPES_H

#include <machine.h>

#include "lib/err.h"
#include "lib/util.h"

#define PAGE_SHIFT	12
#define PAGE_SIZE	4096u
#define PAGE_MASK	((vaddr_t)PAGE_SIZE - 1)
#define PAGE_DOWN(x)	ROUND_DOWN(x, PAGE_SIZE)
#define PAGE_UP(x)	ROUND_UP(x, PAGE_SIZE)

#define MAX_CPUS	8

/* A kernel stack: a slot of the window, the lower half an unmapped guard. */
#define KSTACK_SIZE	(2 * PAGE_SIZE)
#define KSTACK_SLOT	(2 * KSTACK_SIZE)

/* What an access wants, and what an entry or a region allows. */
#define PROT_R		0x01u
#define PROT_W		0x02u
#define PROT_X		0x04u
#define PROT_RWX	0x07u
#define PROT_U		0x08u	/* entries only: user mode may use it */
#define PROT_COW	0x80u	/* entries only: label C */
#define PROT_SHARED	0x100u	/* entries only: label S */

typedef unsigned int prot_t;

static inline void *
md_phys_to_virt(paddr_t pa)
{
	return (void *)(pa + DIRECT_MAP);
}

/* Of an address in the direct map. */
static inline paddr_t
md_virt_to_phys(const void *v)
{
	return (paddr_t)v - DIRECT_MAP;
}

#endif
