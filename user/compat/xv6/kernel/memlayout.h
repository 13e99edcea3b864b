/* Addresses that xv6's programs try: the kernel's, which nobody may touch. */
#ifndef XV6_MEMLAYOUT_H
#define XV6_MEMLAYOUT_H

#include "riscv.h"

#define KERNBASE	0x80000000L
#define PHYSTOP		(KERNBASE + 128 * 1024 * 1024)

#if __SIZEOF_POINTER__ == 8
#define TRAPFRAME	(TRAMPOLINE - PGSIZE)
#define TRAMPOLINE	(MAXVA - PGSIZE)
#else
#define TRAPFRAME	0x80000000L
#define TRAMPOLINE	(TRAPFRAME + PGSIZE)
#endif

#endif
