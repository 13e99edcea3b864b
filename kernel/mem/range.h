/* The lists of ranges in struct bootinfo, while a port fills them. */
#ifndef MEM_RANGE_H
#define MEM_RANGE_H

#include "md/boot.h"

/*
 * Add [start, end) to N sorted, disjoint ranges, or take it out of them; returns the new count.
 * What does not fit is left out.
 */
unsigned range_add(struct boot_range *r, unsigned n, paddr_t start, paddr_t end);
unsigned range_cut(struct boot_range *r, unsigned n, paddr_t start, paddr_t end);

#endif
