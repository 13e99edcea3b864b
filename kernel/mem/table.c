/* See mem/table.h. */
#include "mem/table.h"

#include "kern/spinlock.h"
#include "lib/assert.h"
#include "mem/reclaim.h"

/* A processor's own. */
static struct {
	struct spinlock lock;		/* RANK_TABLE_STOCK */
	struct page_chain kept[2];	/* lock: by enum table_kind */
} __attribute__((aligned(64))) stocks[MAX_CPUS];

/* ---- entries ---- */

/* Each word by one store: the table may be in use. */
static inline void
clear_part(unsigned long *w)
{
	/* One register with small offsets, not an addition for each word. */
	__asm__("" : "+r"(w));
	for (unsigned i = 0; i < TABLE_PER_PART; i += 16)
#pragma GCC unroll 16
		for (unsigned k = 0; k < 16; k++)
			atomic_store_relaxed(&w[i + k], 0ul);
}

/* Entries of T's part PART have gone: is any left? */
static void
note_gone(unsigned long *t, unsigned part)
{
	unsigned long any = 0, *w = t + part * TABLE_PER_PART;

	for (unsigned i = 0; i < TABLE_PER_PART; i += 4)
		any |= w[i] | w[i + 1] | w[i + 2] | w[i + 3];
	if (any == 0)
		table_frame(t)->index &= ~(1u << part);
}

bool
table_is_unused(const unsigned long *t, unsigned i, unsigned stop)
{
	struct page *p = table_frame(t);

	for (; (i = table_next_used(p, i)) < stop; i++)
		if (t[i] != 0)
			return false;
	return true;
}

/* Entries [i, stop), not all of a part. */
static bool
clear_some(unsigned long *t, unsigned i, unsigned stop)
{
	unsigned long any = 0;

	if (i >= stop || !(table_frame(t)->index >> (i / TABLE_PER_PART) & 1))
		return false;
	for (unsigned k = i; k < stop; k++) {
		any |= t[k];
		atomic_store_relaxed(&t[k], 0ul);
	}
	note_gone(t, i / TABLE_PER_PART);
	return any != 0;
}

/* The set of parts [first, last). */
static uint32_t
parts_in(unsigned first, unsigned last)
{
	uint32_t below = last == TABLE_PARTS ? UINT32_MAX : (1u << last) - 1;

	return below >> first << first;
}

bool
table_clear(unsigned long *t, unsigned i, unsigned stop)
{
	unsigned first = DIV_UP(i, TABLE_PER_PART), last = stop / TABLE_PER_PART;
	struct page *p = table_frame(t);
	uint32_t whole;
	bool any;

	if (first > last)
		return clear_some(t, i, stop);
	any = clear_some(t, i, first * TABLE_PER_PART);
	any |= clear_some(t, last * TABLE_PER_PART, stop);
	whole = first == last ? 0 : p->index & parts_in(first, last);
	for (unsigned part = first; part < last && whole >> part != 0; part++)
		if (whole >> part & 1)
			clear_part(t + part * TABLE_PER_PART);
	p->index &= ~whole;
	return any || whole != 0;
}

size_t
table_unlink(struct page_chain *to, unsigned long *t, unsigned i, unsigned stop, unsigned shift,
    size_t most)
{
	struct page_chain c = *to;	/* in registers, for as long as a loop */
	struct page *p = table_frame(t);

	for (most += c.n; c.n < most && (i = table_next_used(p, i)) < stop;) {
		unsigned part = i / TABLE_PER_PART, end = table_part_end(i, stop);

		for (; i < end && c.n < most; i++)
			if (t[i] != 0) {
				page_chain_push(&c, page_of_pfn((uint32_t)(t[i] >> shift)));
				atomic_store_relaxed(&t[i], 0);
			}
		if (c.n == most)
			p->index &= ~(1u << part);	/* there are no more */
		else
			note_gone(t, part);
	}
	most = c.n - to->n;
	*to = c;
	return most;
}

bool
table_change(unsigned long *t, unsigned i, unsigned stop, unsigned long keep, unsigned long label,
    unsigned long rights)
{
	struct page *p = table_frame(t);
	bool changed = false;

	for (unsigned end; (i = table_next_used(p, i)) < stop; i = end) {
		bool gone = false;

		end = table_part_end(i, stop);
		for (unsigned k = i; k < end; k++) {
			unsigned long old = t[k], new = (old & keep) | label;

			if (old == 0 || new == old)
				continue;
			if ((new & rights) == 0) {
				new = 0;
				gone = true;
			}
			atomic_store_relaxed(&t[k], new);
			changed = true;
		}
		if (gone)
			note_gone(t, i / TABLE_PER_PART);
	}
	return changed;
}

/* C's entries, which begin at E. false: there are none. */
static bool
share_part(struct table_sharing *s, unsigned long *e, struct table_copy *c)
{
	const unsigned long write = s->write, label = s->label;
	unsigned long *to = c->entry, any = 0;

	for (unsigned long *end = e + c->n; e < end; e++, to++) {
		*to = *e;
		any |= *e;
		if (unlikely(*e & write)) {
			*to = (*e & ~write) | label;
			atomic_store_relaxed(e, *to);
			s->changed = true;
		}
	}
	return any != 0;
}

unsigned
table_share(struct table_sharing *s, unsigned long *t, unsigned i, unsigned stop)
{
	struct page *p = table_frame(t);

	for (; (i = table_next_used(p, i)) < stop && s->parts > 0; s->parts--) {
		struct table_copy *c = s->copy;

		c->first = i;
		c->n = table_part_end(i, stop) - i;
		if (share_part(s, &t[i], c) && s->room > 0) {
			s->copy++;
			s->room--;
		}
		i += c->n;
	}
	return MIN(i, stop);
}

void
table_enter_copies(unsigned long *t, const struct table_copy *copy, const struct table_copy *end)
{
	uint32_t parts = 0;

	for (; copy < end; copy++) {
		const unsigned long *e = copy->entry, *stop = e + copy->n;

		for (unsigned long *to = t + copy->first; e < stop; e++, to++)
			if (*e != 0)
				atomic_store_relaxed(to, *e);
		parts |= 1u << (copy->first / TABLE_PER_PART);
	}
	table_frame(t)->index |= parts;
}

/* ---- frames ---- */

static void
clear_all(struct page *p)
{
	unsigned long *w = page_virt(p);

	for (uint32_t parts = p->index; parts != 0; parts >>= 1, w += TABLE_PER_PART)
		if (parts & 1)
			clear_part(w);
	p->index = 0;
}

static struct page *
pop_kept(enum table_kind kind)
{
	unsigned cpu = md_cpu_id();	/* the kernel is not preempted */
	struct page_chain *c = &stocks[cpu].kept[kind];
	struct page *p = NULL;

	if (atomic_load_relaxed(&c->n) == 0)
		return NULL;
	spin_lock(&stocks[cpu].lock);
	if (c->n > 0)
		p = page_chain_pop(c);
	spin_unlock(&stocks[cpu].lock);
	return p;
}

struct page *
table_alloc(enum table_kind kind)
{
	struct page *p;

	if (mem_should_fail())
		return NULL;
	p = pop_kept(kind);
	if (p == NULL)
		return page_alloc_zero(PAGE_TABLE);
	if (kind == TABLE_INNER)
		clear_all(p);
	return p;
}

void
table_free(struct page_chain *c, enum table_kind kind)
{
	unsigned cpu = md_cpu_id();

	if (c->n == 0)
		return;
	spin_lock(&stocks[cpu].lock);
	page_chain_join(&stocks[cpu].kept[kind], c);
	spin_unlock(&stocks[cpu].lock);
}

void
table_give_up(struct page_chain *c)
{
	while (c->n > 0)
		page_put(page_chain_pop(c));
}

static size_t
shrink(size_t want, enum shrink_effort effort)
{
	size_t n = 0;

	(void)effort;
	for (unsigned i = 0; i < MAX_CPUS; i++) {
		spin_lock(&stocks[i].lock);
		for (struct page_chain *c = stocks[i].kept; c < stocks[i].kept + 2; c++)
			for (; n < want && c->n > 0; n++)
				page_put(page_chain_pop(c));
		spin_unlock(&stocks[i].lock);
	}
	return n;
}

size_t
table_count_kept(void)
{
	size_t n = 0;

	for (unsigned i = 0; i < MAX_CPUS; i++)
		n += atomic_load_relaxed(&stocks[i].kept[TABLE_INNER].n) +
		    atomic_load_relaxed(&stocks[i].kept[TABLE_ROOT].n);
	return n;
}

void
table_init(void)
{
	static struct shrinker s = { .name = "page tables", .order = 0,
		.shrink = shrink, .count = table_count_kept };

	for (unsigned i = 0; i < MAX_CPUS; i++) {
		spin_init(&stocks[i].lock, "table stock", RANK_TABLE_STOCK);
		stocks[i].kept[TABLE_INNER] = stocks[i].kept[TABLE_ROOT] = PAGE_CHAIN_EMPTY;
	}
	mem_shrinker_add(&s);
}
