/*
 * Frames for page tables. A table that goes is kept, as it is, by the processor that
 * let it go, and cleared when it is wanted again: only the parts that were ever
 * written, so that the small tables of small processes cost little. What is kept
 * counts as free, and reclaim takes it first.
 *
 * Who writes entry I of a table calls table_note first. In a table's struct page
 * `index` is the set of parts written to, `aux` the port's count of entries, and
 * `next` links chains.
 */
#ifndef MEM_TABLE_H
#define MEM_TABLE_H

#include "mem/page.h"

#define TABLE_PARTS	32
#define TABLE_PART_SIZE	(PAGE_SIZE / TABLE_PARTS)

/* A frame of zeroes in state PAGE_TABLE, refs 1. NULL: out of memory. */
struct page *table_alloc(void);

/* Tables to be given back, linked through `next`. */
struct table_chain {
	uint32_t first, last;		/* frame numbers; PFN_NONE: empty */
	uint32_t n;
};
#define TABLE_CHAIN_EMPTY	((struct table_chain){ PFN_NONE, PFN_NONE, 0 })

static inline void
table_chain_push(struct table_chain *c, struct page *p)
{
	p->next = c->first;
	c->first = page_pfn(p);
	if (c->n++ == 0)
		c->last = c->first;
}

static inline struct page *
table_chain_pop(struct table_chain *c)
{
	struct page *p = page_of_pfn(c->first);

	c->first = p->next;
	c->n--;
	p->next = PFN_NONE;
	return p;
}

/* All of FROM goes to the front of C. */
static inline void
table_chain_join(struct table_chain *c, struct table_chain *from)
{
	if (from->n == 0)
		return;
	page_of_pfn(from->last)->next = c->first;
	c->first = from->first;
	if (c->n == 0)
		c->last = from->last;
	c->n += from->n;
	*from = TABLE_CHAIN_EMPTY;
}

/* Give all of C back, in one splice. No processor walks them any more. */
void	table_free(struct table_chain *c);

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
