/*
 * Frames for page tables. A table that goes is kept, as it is, by the processor that
 * let it go, and cleared when it is wanted again: only the parts that were ever
 * written, so that the small tables of small processes cost little. What is kept
 * counts as free, and reclaim takes it first.
 *
 * Who writes entry I of a table calls table_note first. In a table's struct page
 * `index` is the set of parts written to; `aux` is the port's count of entries while it is
 * in no chain, 0 when it comes from one.
 */
#ifndef MEM_TABLE_H
#define MEM_TABLE_H

#include "mem/page.h"

#define TABLE_PARTS	32
#define TABLE_PART_SIZE	(PAGE_SIZE / TABLE_PARTS)

/* A frame of zeroes in state PAGE_TABLE, refs 1. NULL: out of memory. */
struct page *table_alloc(void);

/* Give all of C back, in one splice. No processor walks them any more. */
void	table_free(struct page_chain *c);

/*
 * The same for tables that were not used, when memory is short: as free frames, since what is kept
 * would look like something that reclaim has freed, and whoever allocates start over for ever.
 */
void	table_give_up(struct page_chain *c);

/* The byte at OFFSET of table P's frame is about to be written to. */
static inline void
table_note(struct page *p, size_t offset)
{
	p->index |= 1u << (offset / TABLE_PART_SIZE);
}

/* Tables kept for the next ones who want some. */
size_t	table_count_kept(void);
void	table_init(void);

#endif
