/*
 * See mem/kstack.h. A slot is KSTACK_SLOT bytes: the lower part unmapped, the
 * stack above. Mapped slots that nobody uses are with the processor that gave them back, chained
 * through their highest word; they count as free memory, and reclaim unmaps them.
 */
#include "mem/kstack.h"

#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/bitmap.h"
#include "md/pmap.h"
#include "mem/reclaim.h"

#define STACK_PAGES (KSTACK_SIZE / PAGE_SIZE)

/* A processor that has none takes another one's. */
static struct spares {
	struct spinlock lock;			/* RANK_SLAB */
	vaddr_t first;				/* lock: its top */
	size_t n;				/* lock */
} __attribute__((aligned(64))) spares[MAX_CPUS];

static struct spinlock lock = SPINLOCK_INIT("kstack slots", RANK_SLAB);
static uint8_t slot_used[KSTACK_SLOTS / 8];	/* lock: mapped, or being mapped */

static vaddr_t *
link_of(vaddr_t top)
{
	return (vaddr_t *)(top - sizeof(vaddr_t));
}

static vaddr_t
spare_pop(struct spares *s)
{
	vaddr_t top;

	spin_lock(&s->lock);
	top = s->first;
	if (top != 0) {
		s->first = *link_of(top);
		s->n--;
	}
	spin_unlock(&s->lock);
	return top;
}

/* 0: nobody has one. */
static vaddr_t
spare_take(void)
{
	vaddr_t top = spare_pop(&spares[md_cpu_id()]);

	for (unsigned i = 0; i < ncpus && top == 0; i++)
		if (atomic_load_relaxed(&spares[i].first) != 0)
			top = spare_pop(&spares[i]);
	return top;
}

/* Unmap pages [0, n) of the stack that ends at TOP and give its slot back. */
static void
slot_release(vaddr_t top, unsigned n)
{
	vaddr_t base = top - KSTACK_SIZE;
	struct page *page[STACK_PAGES];
	paddr_t pa;
	prot_t prot;

	for (unsigned i = 0; i < n; i++) {
		bool mapped = pmap_extract(kernel_pmap, base + i * PAGE_SIZE, &pa, &prot);

		assert(mapped);
		page[i] = page_of_phys(pa);
	}
	if (n > 0)
		pmap_remove(kernel_pmap, base, n * PAGE_SIZE);
	for (unsigned i = 0; i < n; i++)
		page_put(page[i]);	/* R4: entry, shootdown, put */
	spin_lock(&lock);
	bit_clear(slot_used, (uint32_t)((base - KSTACK_WINDOW) / KSTACK_SLOT));
	spin_unlock(&lock);
}

static vaddr_t
slot_map(void)
{
	uint32_t slot;
	vaddr_t top;

	spin_lock(&lock);
	slot = bit_find_clear(slot_used, 0, KSTACK_SLOTS);
	if (slot < KSTACK_SLOTS)
		bit_set(slot_used, slot);
	spin_unlock(&lock);
	if (slot == KSTACK_SLOTS)
		return 0;
	top = KSTACK_WINDOW + (vaddr_t)(slot + 1) * KSTACK_SLOT;
	for (unsigned i = 0; i < STACK_PAGES; i++) {
		struct page *p = page_alloc(PAGE_KERNEL);

		if (p != NULL && pmap_enter(kernel_pmap, top - KSTACK_SIZE + i * PAGE_SIZE,
		    page_phys(p), PROT_R | PROT_W) == OK)
			continue;
		if (p != NULL)
			page_put(p);
		slot_release(top, i);
		return 0;
	}
	return top;
}

vaddr_t
kstack_alloc(void)
{
	vaddr_t top = spare_take();

	return top != 0 ? top : slot_map();
}

void
kstack_free(vaddr_t top)
{
	struct spares *s = &spares[md_cpu_id()];

	spin_lock(&s->lock);
	*link_of(top) = s->first;
	s->first = top;
	s->n++;
	spin_unlock(&s->lock);
}

static size_t
kstack_shrink(size_t want, enum shrink_effort effort)
{
	size_t freed = 0;
	vaddr_t top;

	(void)effort;
	for (; freed < want && (top = spare_take()) != 0; freed += STACK_PAGES)
		slot_release(top, STACK_PAGES);
	return freed;
}

static size_t
kstack_count(void)
{
	size_t n = 0;

	for (unsigned i = 0; i < ncpus; i++)
		n += atomic_load_relaxed(&spares[i].n);
	return n * STACK_PAGES;
}

void
kstack_init(void)
{
	static struct shrinker s = { .name = "kernel stacks", .order = 1,
		.shrink = kstack_shrink, .count = kstack_count };

	for (unsigned i = 0; i < MAX_CPUS; i++)
		spin_init(&spares[i].lock, "kstack", RANK_SLAB);
	mem_shrinker_add(&s);
}
