/*
 * Verifies the invariants of docs/memory.md on the running system:
 *
 *	I1  page.refs is the number of slots that hold it, plus pins
 *	I2  an entry maps what the slot holds, else what the object holds
 *	I3  an entry is writable only for a page that is the region's alone, or for a
 *	    shared region's page that is anonymous, or DIRTY and BACKED
 *
 * and that the books kept beside them (counts in regions and nodes) are right.
 * Prints each violation; at most a few, so that the first one can be read.
 */
#include "kern/print.h"
#include "lib/atomic.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "mem/slab.h"
#include "vm/region.h"

#define COMPLAIN_MAX	10

static uint32_t complaints;	/* @: of the current run */

static void PRINTF_LIKE(1, 2)
complain(const char *fmt, ...)
{
	char line[160];
	va_list ap;

	if (atomic_add(&complaints, 1) > COMPLAIN_MAX)
		return;
	va_start(ap, fmt);
	fmt_vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	kprintf("check: %s\n", line);
}

/* ---- overlays ---- */

static void
check_node(const struct overlay_node *n)
{
	uint32_t pages = 0;

	if (atomic_load(&n->refs) == 0)
		complain("overlay node %p has no references", (const void *)n);
	for (unsigned i = 0; i < OVERLAY_SLOTS; i++) {
		if (n->slot[i] == NULL)
			continue;
		if (i < n->low || i >= n->end)
			complain("overlay node %p: slot %u used, not in [%u, %u)",
			    (const void *)n, i, n->low, n->end);
		if (n->level == 0) {
			const struct page *p = n->slot[i];

			pages++;
			if (p->state != PAGE_ANON || page_refs(p) == 0)
				complain("frame %u in an overlay: state %u, %u references",
				    page_pfn(p), p->state, page_refs(p));
		} else {
			const struct overlay_node *c = n->slot[i];

			pages += c->pages;
			if (c->level + 1 != n->level)
				complain("overlay node %p: level %u below %u", (const void *)c,
				    c->level, n->level);
			check_node(c);
		}
	}
	if (pages != n->pages)
		complain("overlay node %p: %u pages, counted %u", (const void *)n, n->pages,
		    pages);
}

/* ---- entries ---- */

/* The page that I2 says VA of R has, and whether I3 lets it be written. */
static struct page *
rightful_page(struct region *r, vaddr_t va, bool *writable) NO_TSA
{
	struct overlay_path at;
	struct page *p;

	overlay_find(&r->overlay, va, &at);
	*writable = at.page != NULL && at.alone;
	if (at.page != NULL || r->object == NULL)
		return at.page;
	p = object_lookup(r->object, region_index(r, va));
	if (p != NULL && (p->flags & PAGE_BUSY))
		complain("va %lx: page %u is BUSY and mapped (I4)", (unsigned long)va, page_pfn(p));
	if (p != NULL && r->shared)
		*writable = r->object->ops == NULL ||
		    (p->flags & (PAGE_DIRTY | PAGE_BACKED)) == (PAGE_DIRTY | PAGE_BACKED);
	return p;
}

static void
check_entry(struct space *s, struct pmap_entry *e) REQUIRES(s->lock) NO_TSA
{
	struct region *r = region_at(s, e->va);
	unsigned long va = (unsigned long)e->va;
	struct page *p;
	bool writable;
	paddr_t pa;
	prot_t prot;

	if (r == NULL) {
		complain("va %lx: an entry without a region", va);
		return;
	}
	if (r->object != NULL)
		mutex_lock(&r->object->lock);
	/* Write-back and reclaim may have changed it before the lock was ours. */
	if (pmap_extract(s->pmap, e->va, &pa, &prot)) {
		p = rightful_page(r, e->va, &writable);
		if (p == NULL || page_phys(p) != pa)
			complain("va %lx: maps frame %lx, rightful is %lx (I2)", va,
			    (unsigned long)(pa >> PAGE_SHIFT),
			        p == NULL ? 0ul : (unsigned long)page_pfn(p));
		if ((prot & PROT_W) && !writable)
			complain("va %lx: writable without right (I3)", va);
		if ((prot & PROT_RWX & ~r->prot) != 0 || !(prot & PROT_U))
			complain("va %lx: rights %x, region's %x", va, prot, r->prot);
	}
	if (r->object != NULL)
		mutex_unlock(&r->object->lock);
}

static void
check_region(struct region *r, vaddr_t *end, size_t *pages)
{
	unsigned long start = (unsigned long)r->start;

	if (r->start < *end || r->end <= r->start || r->end > USER_MAX || r->node.key != r->start)
		complain("region %lx-%lx out of order", start, (unsigned long)r->end);
	if (r->shared && r->overlay.root != NULL)
		complain("region %lx: shared, with an overlay", start);
	if (r->priv != overlay_count(&r->overlay, r->start, r->end))
		complain("region %lx: %zu private pages, counted %zu", start, r->priv,
		    overlay_count(&r->overlay, r->start, r->end));
	if (r->overlay.root != NULL)
		check_node(r->overlay.root);
	*end = r->end;
	*pages += (r->end - r->start) >> PAGE_SHIFT;
}

static void
check_last_store(struct space *s) REQUIRES(s->lock)
{
	const struct last_store *l = &s->last;
	struct region *r = region_at(s, l->start);
	bool alone;

	if (l->len == 0)
		return;
	if (r == NULL || r != l->region || l->start + l->len > r->end || r->shared ||
	    !(r->prot & PROT_W) || l->prot != (r->prot | PROT_U) ||
	    l->zero != (r->object == NULL) ||
	    overlay_slots(&r->overlay, l->start, &alone) != overlay_slot_of(l, l->start) || !alone)
		complain("space %p: the last store at %lx is not as it was", (void *)s,
		    (unsigned long)l->start);
}

static void
check_space(struct space *s, void *arg)
{
	struct pmap_entry e = { .va = 0 };
	vaddr_t end = 0;
	size_t pages = 0;

	(void)arg;
	mutex_lock(&s->lock);
	space_settle(s);
	for (struct tree_node *n = tree_first(&s->regions); n != NULL; n = tree_next(n))
		check_region(region_of(n), &end, &pages);
	check_last_store(s);
	if (pages != s->vpages)
		complain("space %p: vpages %zu, counted %zu", (void *)s, s->vpages, pages);
	while (pmap_next(s->pmap, &e)) {
		if (e.table)
			continue;
		check_entry(s, &e);
		e.va += PAGE_SIZE;
	}
	mutex_unlock(&s->lock);
}

/* ---- reference counts ---- */

/* How often each frame is held, by number; and the number of this count. */
struct census {
	uint16_t *held;
	unsigned order;		/* of the frames that hold it */
	uint32_t turn;		/* marks of this census have it in the upper half */
};

/* One more holder of N; the first one counts what is in it. */
static void
count_node(struct census *c, struct overlay_node *n)
{
	if (n->mark >> 16 == c->turn) {
		n->mark++;
		return;
	}
	n->mark = c->turn << 16 | 1;
	for (unsigned i = 0; i < OVERLAY_SLOTS; i++) {
		if (n->slot[i] == NULL)
			continue;
		if (n->level > 0)
			count_node(c, n->slot[i]);
		else
			c->held[page_pfn(n->slot[i]) - page_frame_first]++;
	}
}

static void
count_space(struct space *s, void *arg)
{
	mutex_lock(&s->lock);
	for (struct tree_node *n = tree_first(&s->regions); n != NULL; n = tree_next(n))
		if (region_of(n)->overlay.root != NULL)
			count_node(arg, region_of(n)->overlay.root);
	mutex_unlock(&s->lock);
}

/* After the count: each node's references are its holders. */
static void
compare_node(struct overlay_node *n)
{
	if ((n->mark & 0xffff) != n->refs)
		complain("overlay node %p: %u references, counted %u", (void *)n, n->refs,
		    n->mark & 0xffff);
	for (unsigned i = 0; n->level > 0 && i < OVERLAY_SLOTS; i++)
		if (n->slot[i] != NULL)
			compare_node(n->slot[i]);
}

static void
compare_space(struct space *s, void *arg)
{
	(void)arg;
	mutex_lock(&s->lock);
	for (struct tree_node *n = tree_first(&s->regions); n != NULL; n = tree_next(n))
		if (region_of(n)->overlay.root != NULL)
			compare_node(region_of(n)->overlay.root);
	mutex_unlock(&s->lock);
}

/* PINS: the kernel's own threads may hold some of the file pages. */
static void
compare_frames(const struct census *c, bool pins)
{
	for (uint32_t pfn = page_frame_first; pfn < page_frame_end; pfn++) {
		const struct page *p = page_of_pfn(pfn);
		uint32_t held = c->held[pfn - page_frame_first];

		if (p->state != PAGE_ANON && p->state != PAGE_FILE) {
			if (held != 0)
				complain("frame %u: held by an overlay, state %u", pfn, p->state);
			continue;
		}
		held += p->obj != NULL;
		if (pins && p->state == PAGE_FILE && page_refs(p) > held)
			continue;
		if (page_refs(p) != held)
			complain("frame %u: %u references, counted %u (I1)", pfn, page_refs(p),
			    held);
	}
}

static void
take_census(bool pins)
{
	static uint32_t turns;
	struct census c = { .turn = turns = turns % 0xffff + 1 };
	size_t bytes = (page_frame_end - page_frame_first) * sizeof(*c.held);
	struct page *array;

	while ((size_t)PAGE_SIZE << c.order < bytes)
		c.order++;
	array = page_alloc_order(PAGE_KERNEL, c.order);
	if (array == NULL) {
		kprintf("check: no memory to count references\n");
		return;
	}
	c.held = page_virt(array);
	memset(c.held, 0, bytes);
	space_for_each(count_space, &c);
	space_for_each(compare_space, NULL);
	compare_frames(&c, pins);
	page_put(array);
}

bool
vm_check_all(enum vm_activity activity)
{
	atomic_store(&complaints, 0);
	space_for_each(check_space, NULL);
	if (activity != VM_RUNS)
		take_census(activity == VM_HALTED);
	return atomic_load(&complaints) == 0;
}
