/*
 * Page tables: their frames, and what is the same in the tables of all ports, whose
 * entries are of the size of a long and 0 when they are not in use.
 *
 * A table is divided into parts. `index` in its struct page is the set of parts that
 * hold an entry: who uses an entry calls table_note first, and whoever takes entries
 * away keeps it exact, so that 0 means an empty table. Nobody needs to look at, or
 * clear, what is outside of it. `next` links chains.
 *
 * A table that goes is kept, as it is, by the processor that let it go, and cleared
 * when it is wanted again; a root, whose kernel half is the same in all, is not cleared.
 * What is kept counts as free, and reclaim takes it first.
 */
#ifndef MEM_TABLE_H
#define MEM_TABLE_H

#include "mem/page.h"

#define TABLE_ENTRIES	((unsigned)(PAGE_SIZE / sizeof(unsigned long)))
#define TABLE_PARTS	32u
#define TABLE_PER_PART	(TABLE_ENTRIES / TABLE_PARTS)

enum table_kind { TABLE_INNER, TABLE_ROOT };

/* A frame of zeroes, or a root as it was freed, in state PAGE_TABLE, refs 1. NULL: no memory. */
struct page *table_alloc(enum table_kind kind);

/*
 * Give all of C back, in one splice. No processor walks them any more; the user half of a
 * root is empty.
 */
void	table_free(struct page_chain *c, enum table_kind kind);

/*
 * The same for tables that were not used, when memory is short: as free frames, since what is kept
 * would look like something that reclaim has freed, and whoever allocates start over for ever.
 */
void	table_give_up(struct page_chain *c);

/* The frame of the table that entry E lies in. */
static inline struct page *
table_frame(const unsigned long *e)
{
	return page_of_virt(e);
}

/* Entry E is about to be used. */
static inline void
table_note(const unsigned long *e)
{
	table_frame(e)->index |= 1u << ((unsigned long)e % PAGE_SIZE / sizeof(*e) / TABLE_PER_PART);
}

/* The first entry of the part behind that of E. */
static inline const unsigned long *
table_next_part(const unsigned long *e)
{
	const size_t size = TABLE_PER_PART * sizeof(*e);

	return (const unsigned long *)(ROUND_DOWN((uintptr_t)e, size) + size);
}

static inline bool
table_is_empty(const unsigned long *t)
{
	return table_frame(t)->index == 0;
}

/* Of the table in frame P, the next entry from I on that may be in use; the number of all: none. */
static inline unsigned
table_next_used(const struct page *p, unsigned i)
{
	unsigned part = i / TABLE_PER_PART;

	if (part >= TABLE_PARTS || p->index >> part & 1)
		return i;
	if (p->index >> part == 0)
		return TABLE_ENTRIES;
	while (!(p->index >> ++part & 1))
		;
	return part * TABLE_PER_PART;
}

/* Where the part that entry I is in ends, or STOP if that comes first. */
static inline unsigned
table_part_end(unsigned i, unsigned stop)
{
	return MIN(ROUND_DOWN(i, TABLE_PER_PART) + TABLE_PER_PART, stop);
}

/* ---- entries [i, stop) of T, under the lock of its pmap; processors may walk it ---- */

bool	table_is_unused(const unsigned long *t, unsigned i, unsigned stop);
/* They become 0. false: there were none. */
bool	table_clear(unsigned long *t, unsigned i, unsigned stop);

/*
 * They become 0, and the tables they lead to go to the chain: an entry shifted right by SHIFT is
 * a frame's number. T has MOST of them at most; how many there were.
 */
size_t	table_unlink(struct page_chain *to, unsigned long *t, unsigned i, unsigned stop,
	    unsigned shift, size_t most);

/*
 * They keep the bits KEEP and gain LABEL; one that is left without any of RIGHTS becomes 0. false:
 * nothing changed.
 */
bool	table_change(unsigned long *t, unsigned i, unsigned stop, unsigned long keep,
	    unsigned long label, unsigned long rights);

/* N entries from FIRST on, all of one part; 0: leave what is there. */
struct table_copy {
	unsigned first, n;
	unsigned long entry[TABLE_PER_PART];
};

/* For fork: those with a bit of WRITE lose it, and gain LABEL. */
struct table_sharing {
	unsigned long write, label;
	unsigned parts;			/* not more than so many parts that are in use */
	bool	 changed;		/* an entry was */
	struct table_copy *copy;	/* where parts, as they are then, are copied to ... */
	unsigned room;			/* ... so many of them, and one more that is lost */
};
/* PARTS, COPY and ROOM advance. Where it stopped. */
unsigned table_share(struct table_sharing *s, unsigned long *t, unsigned i, unsigned stop);
/* They go into T. */
void	table_enter_copies(unsigned long *t, const struct table_copy *copy,
	    const struct table_copy *end);

/* Tables kept for the next ones who want some. */
size_t	table_count_kept(void);
void	table_init(void);

#endif
