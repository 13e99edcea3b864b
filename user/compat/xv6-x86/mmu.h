/* Pages and page-table entries of two-level paging. */
#ifndef XV6_MMU_H
#define XV6_MMU_H

#include "types.h"

#define PGSIZE		4096
#define PGSHIFT		12
#define PGROUNDUP(sz)	(((sz) + PGSIZE - 1) & ~(PGSIZE - 1))
#define PGROUNDDOWN(a)	(((a)) & ~(PGSIZE - 1))

#define NPDENTRIES	1024
#define NPTENTRIES	1024
#define PTXSHIFT	12
#define PDXSHIFT	22
#define PDX(va)		(((uint)(va) >> PDXSHIFT) & 0x3FF)
#define PTX(va)		(((uint)(va) >> PTXSHIFT) & 0x3FF)
#define PGADDR(d, t, o)	((uint)((d) << PDXSHIFT | (t) << PTXSHIFT | (o)))

#define PTE_P		0x001
#define PTE_W		0x002
#define PTE_U		0x004
#define PTE_PS		0x080
#define PTE_ADDR(pte)	((uint)(pte) & ~0xFFF)
#define PTE_FLAGS(pte)	((uint)(pte) & 0xFFF)

#ifndef __ASSEMBLER__
typedef uint pte_t;
#endif

#endif
