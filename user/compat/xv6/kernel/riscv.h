/*
 * Pages and page-table entries as Sv39 has them, and the stack pointer: what
 * of xv6's header a program can use. Both ports.
 */
#ifndef XV6_RISCV_H
#define XV6_RISCV_H

#include "types.h"

#define PGSIZE		4096
#define PGSHIFT		12
#define PGROUNDUP(sz)	(((sz) + PGSIZE - 1) & ~(PGSIZE - 1))
#define PGROUNDDOWN(a)	(((a)) & ~(PGSIZE - 1))

#define PTE_V		(1L << 0)
#define PTE_R		(1L << 1)
#define PTE_W		(1L << 2)
#define PTE_X		(1L << 3)
#define PTE_U		(1L << 4)

#define PA2PTE(pa)	((((uint64)(pa)) >> 12) << 10)
#define PTE2PA(pte)	(((pte) >> 10) << 12)
#define PTE_FLAGS(pte)	((pte) & 0x3FF)

#define PXMASK		0x1FF
#define PXSHIFT(level)	(PGSHIFT + 9 * (level))
#define PX(level, va)	((((uint64)(va)) >> PXSHIFT(level)) & PXMASK)

/* One beyond the highest address that a table could translate. */
#if __SIZEOF_POINTER__ == 8
#define MAXVA		(1L << 38)
#else
#define MAXVA		0x80000000L
#endif

#ifndef __ASSEMBLER__
typedef uint64 pte_t;
typedef uint64 *pagetable_t;

static inline uint64
r_sp(void)
{
	unsigned long sp;

#ifdef __riscv
	__asm__ volatile("mv %0, sp" : "=r"(sp));
#else
	__asm__ volatile("movl %%esp, %0" : "=r"(sp));
#endif
	return sp;
}
#endif

#endif
