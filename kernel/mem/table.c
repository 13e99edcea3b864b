/* See mem/table.h. */
#include "mem/table.h"

#include "kern/spinlock.h"
#include "lib/assert.h"
#include "mem/reclaim.h"

/* A processor's own. */
static struct {
	struct spinlock lock;		/* RANK_TABLE_STOCK */
	struct page_chain kept;		/* lock */
} __attribute__((aligned(64))) stocks[MAX_CPUS];

static void
clear_part(struct page *p, unsigned part)
{
	unsigned long *w = (unsigned long *)((char *)page_virt(p) + part * TABLE_PART_SIZE);

	for (unsigned i = 0; i < TABLE_PART_SIZE / sizeof(*w); i += 4)
		w[i] = w[i + 1] = w[i + 2] = w[i + 3] = 0;
}

static void
clear(struct page *p)
{
	for (unsigned part = 0; part < TABLE_PARTS && p->index >> part != 0; part++)
		if (p->index >> part & 1)
			clear_part(p, part);
	p->index = 0;
}

static struct page *
pop_kept(void)
{
	struct page *p = NULL;
	unsigned cpu = md_cpu_id();	/* the kernel is not preempted */

	if (atomic_load_relaxed(&stocks[cpu].kept.n) == 0)
		return NULL;
	spin_lock(&stocks[cpu].lock);
	if (stocks[cpu].kept.n > 0)
		p = page_chain_pop(&stocks[cpu].kept);
	spin_unlock(&stocks[cpu].lock);
	return p;
}

struct page *
table_alloc(void)
{
	struct page *p;

	if (mem_should_fail())
		return NULL;
	p = pop_kept();
	if (p == NULL)
		return page_alloc_zero(PAGE_TABLE);
	clear(p);
	return p;
}

void
table_free(struct page_chain *c)
{
	unsigned cpu = md_cpu_id();

	if (c->n == 0)
		return;
	spin_lock(&stocks[cpu].lock);
	page_chain_join(&stocks[cpu].kept, c);
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
		for (; n < want && stocks[i].kept.n > 0; n++)
			page_put(page_chain_pop(&stocks[i].kept));
		spin_unlock(&stocks[i].lock);
	}
	return n;
}

size_t
table_count_kept(void)
{
	size_t n = 0;

	for (unsigned i = 0; i < MAX_CPUS; i++)
		n += atomic_load_relaxed(&stocks[i].kept.n);
	return n;
}

void
table_init(void)
{
	static struct shrinker s = { .name = "page tables", .order = 0,
		.shrink = shrink, .count = table_count_kept };

	for (unsigned i = 0; i < MAX_CPUS; i++) {
		spin_init(&stocks[i].lock, "table stock", RANK_TABLE_STOCK);
		stocks[i].kept = PAGE_CHAIN_EMPTY;
	}
	mem_shrinker_add(&s);
}
