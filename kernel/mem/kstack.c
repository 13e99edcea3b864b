/*
 * See mem/kstack.h. A slot is KSTACK_SLOT bytes: the lower part unmapped, the
 * stack above. Free mapped slots are chained through their highest word;
 * spare ones count as free memory, and reclaim unmaps them.
 */
#include "mem/kstack.h"

#include "kern/spinlock.h"
#include "lib/assert.h"
#include "lib/bitmap.h"
#include "md/pmap.h"
#include "mem/reclaim.h"

#define STACK_PAGES (KSTACK_SIZE / PAGE_SIZE)

static struct spinlock lock = SPINLOCK_INIT("kstack", RANK_SLAB);
static vaddr_t spare;				/* lock: top of the first mapped, unused stack */
static size_t nspare;				/* lock */
static uint8_t slot_used[KSTACK_SLOTS / 8];	/* lock: mapped, or being mapped */

static vaddr_t *
link_of(vaddr_t top)
{
	return (vaddr_t *)(top - sizeof(vaddr_t));
}

static vaddr_t
spare_pop(void)
{
	vaddr_t top;

	spin_lock(&lock);
	top = spare;
	if (top != 0) {
		spare = *link_of(top);
		nspare--;
	}
	spin_unlock(&lock);
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
	vaddr_t top = spare_pop();

	return top != 0 ? top : slot_map();
}

void
kstack_free(vaddr_t top)
{
	spin_lock(&lock);
	*link_of(top) = spare;
	spare = top;
	nspare++;
	spin_unlock(&lock);
}

static size_t
kstack_shrink(size_t want, enum shrink_effort effort)
{
	size_t freed = 0;
	vaddr_t top;

	(void)effort;
	for (; freed < want && (top = spare_pop()) != 0; freed += STACK_PAGES)
		slot_release(top, STACK_PAGES);
	return freed;
}

static size_t
kstack_count(void)
{
	return atomic_load_relaxed(&nspare) * STACK_PAGES;
}

void
kstack_init(void)
{
	static struct shrinker s = { .name = "kernel stacks", .order = 1,
		.shrink = kstack_shrink, .count = kstack_count };

	mem_shrinker_add(&s);
}
