/*
 * Overlays (vm/region.h): the private pages of a region, in a radix tree by
 * virtual page number that fork shares.
 *
 * Whoever holds a reference on a node may read it; its content changes only
 * while the reference count is 1 and the holder's space is locked. So from
 * the root down, as long as every node's count is 1, the tree is this region's
 * alone; below the first node with more, everything is shared. The counts of
 * children are raised before a shared parent is let go (release), and read
 * from the root to the leaf (acquire): who sees 1 sees everything that
 * the others did before they let go.
 */
#include "lib/assert.h"
#include "lib/atomic.h"
#include "mem/slab.h"
#include "vm/region.h"

SLAB_CACHE(overlay_cache, struct overlay_node);

static vaddr_t
vpn_of(vaddr_t va)
{
	return va >> PAGE_SHIFT;
}

/* Page numbers below a node of LEVEL. */
static vaddr_t
span(unsigned level)
{
	return (vaddr_t)1 << (OVERLAY_BITS * (level + 1));
}

static unsigned
slot_of(vaddr_t vpn, unsigned level)
{
	return (unsigned)(vpn >> (OVERLAY_BITS * level)) & (OVERLAY_SLOTS - 1);
}

static bool
is_shared(const struct overlay_node *n)
{
	return atomic_load_acquire(&n->refs) > 1;
}

static bool
covers(const struct overlay *o, vaddr_t vpn)
{
	return o->root != NULL && vpn - o->base < span(o->root->level);
}

static struct overlay_node *
node_new(unsigned level)
{
	struct overlay_node *n = slab_alloc_zero(&overlay_cache);

	if (n != NULL) {
		n->refs = 1;
		n->level = (uint8_t)level;
		n->low = OVERLAY_SLOTS;
	}
	return n;
}

/* Let a node go; the last holder lets go what is in it. At most OVERLAY_MAX_LEVELS deep. */
static void
node_put(struct overlay_node *n)
{
	if (atomic_sub_release(&n->refs, 1) > 0)
		return;
	atomic_fence_acquire();
	if (n->level == 0)
		page_put_many(&n->slot[n->low], n->end > n->low ? n->end - n->low : 0);
	for (unsigned i = n->low; n->level > 0 && i < n->end; i++)
		if (n->slot[i] != NULL)
			node_put(n->slot[i]);
	slab_free(&overlay_cache, n);
}

static size_t
slot_pages(unsigned level, void *slot)
{
	if (slot == NULL)
		return 0;
	return level == 0 ? 1 : ((struct overlay_node *)slot)->pages;
}

/* A copy of N that holds the same children; N itself is not let go. */
static struct overlay_node *
node_copy(struct overlay_node *n)
{
	struct overlay_node *c = node_new(n->level);

	if (c == NULL)
		return NULL;
	c->pages = n->pages;
	c->low = n->low;
	c->end = n->end;
	for (unsigned i = c->low; i < c->end; i++) {
		c->slot[i] = n->slot[i];
		if (c->slot[i] == NULL)
			continue;
		if (n->level == 0)
			page_get(c->slot[i]);
		else
			atomic_add_relaxed(&((struct overlay_node *)c->slot[i])->refs, 1);
	}
	return c;
}

/* Make the node at *AT, in an owned place, the region's own. */
static err_t
own_node(struct overlay_node **at)
{
	struct overlay_node *n = *at, *c;

	if (!is_shared(n))
		return OK;
	c = node_copy(n);
	if (c == NULL)
		return ERR(ENOMEM);
	*at = c;
	node_put(n);
	return OK;
}

/* ---- finding and filling ---- */

void
overlay_find(const struct overlay *o, vaddr_t va, struct overlay_path *found)
{
	vaddr_t vpn = vpn_of(va);
	struct overlay_node *n = o->root;

	*found = (struct overlay_path){ .page = NULL, .alone = true };
	if (!covers(o, vpn))
		return;
	for (;;) {
		void *slot = n->slot[slot_of(vpn, n->level)];

		found->alone &= !is_shared(n);
		if (slot == NULL)
			return;
		if (n->level == 0) {
			found->page = slot;
			found->alone &= page_refs(slot) == 1;
			return;
		}
		n = slot;
	}
}

/* Grow the tree upwards until it covers VPN. */
static err_t
cover(struct overlay *o, vaddr_t vpn)
{
	if (o->root == NULL) {
		o->root = node_new(0);
		if (o->root == NULL)
			return ERR(ENOMEM);
		o->base = ROUND_DOWN(vpn, span(0));
	}
	while (!covers(o, vpn)) {
		unsigned level = o->root->level + 1u;
		struct overlay_node *n;

		assert(level < OVERLAY_MAX_LEVELS);
		n = node_new(level);
		if (n == NULL)
			return ERR(ENOMEM);
		n->slot[slot_of(o->base, level)] = o->root;
		overlay_slot_used(n, slot_of(o->base, level));
		n->pages = o->root->pages;
		o->root = n;
		o->base = ROUND_DOWN(o->base, span(level));
	}
	return OK;
}

err_t
overlay_own(struct overlay *o, vaddr_t va, struct overlay_slot *slot)
{
	vaddr_t vpn = vpn_of(va);
	struct overlay_node **at = &o->root, *n = NULL;
	err_t err = covers(o, vpn) ? OK : cover(o, vpn);

	if (err != OK)
		return err;
	for (slot->depth = 0;; at = (struct overlay_node **)&n->slot[slot_of(vpn, n->level)]) {
		if (*at == NULL) {
			*at = node_new(n->level - 1u);
			if (*at == NULL)
				return ERR(ENOMEM);
			overlay_slot_used(n, slot_of(vpn, n->level));
		} else if (is_shared(*at)) {
			err = own_node(at);
			if (err != OK)
				return err;
		}
		n = *at;
		slot->path[slot->depth++] = n;
		if (n->level == 0)
			break;
	}
	slot->at = (struct page **)&n->slot[slot_of(vpn, 0)];
	return OK;
}

struct page *const *
overlay_slots(const struct overlay *o, vaddr_t va, bool *alone)
{
	vaddr_t vpn = vpn_of(va);
	struct overlay_node *n = o->root;

	*alone = true;
	if (!covers(o, vpn))
		return NULL;
	for (; n != NULL; n = n->slot[slot_of(vpn, n->level)]) {
		*alone &= !is_shared(n);
		if (n->level == 0)
			return (struct page *const *)&n->slot[slot_of(vpn, 0)];
	}
	return NULL;
}

/* ---- counting and walking ---- */

/* Of node N, which begins at page number BASE, the pages in [start, end). */
static size_t
node_count(const struct overlay_node *n, vaddr_t base, vaddr_t start, vaddr_t end)
{
	vaddr_t step = span(n->level) >> OVERLAY_BITS;
	size_t sum = 0;

	if (start <= base && base + span(n->level) <= end)
		return n->pages;
	for (unsigned i = 0; i < OVERLAY_SLOTS; i++, base += step) {
		if (n->slot[i] == NULL || base + step <= start || base >= end)
			continue;
		sum += n->level == 0 ? 1 : node_count(n->slot[i], base, start, end);
	}
	return sum;
}

size_t
overlay_count(const struct overlay *o, vaddr_t start, vaddr_t end)
{
	return o->root == NULL ? 0 : node_count(o->root, o->base, vpn_of(start), vpn_of(end));
}

static struct page *
node_next(const struct overlay_node *n, vaddr_t base, vaddr_t *vpn, bool *alone)
{
	vaddr_t step = span(n->level) >> OVERLAY_BITS;
	bool mine = *alone && !is_shared(n);
	unsigned first = *vpn <= base ? 0 : (unsigned)((*vpn - base) / step);

	for (unsigned i = first; i < OVERLAY_SLOTS; i++) {
		vaddr_t at = base + i * step;
		struct page *p;

		if (n->slot[i] == NULL)
			continue;
		*vpn = MAX(*vpn, at);
		*alone = mine;
		if (n->level == 0) {
			*alone &= page_refs(n->slot[i]) == 1;
			return n->slot[i];
		}
		p = node_next(n->slot[i], at, vpn, alone);
		if (p != NULL)
			return p;
		*vpn = at + step;
	}
	*alone = mine;
	return NULL;
}

struct page *
overlay_next(const struct overlay *o, vaddr_t *va, bool *alone)
{
	vaddr_t vpn = vpn_of(*va);
	struct page *p;

	*alone = true;
	if (o->root == NULL || vpn >= o->base + span(o->root->level))
		return NULL;
	p = node_next(o->root, o->base, &vpn, alone);
	if (p != NULL)
		*va = vpn << PAGE_SHIFT;
	return p;
}

/* ---- emptying ---- */

struct clearing {
	vaddr_t	 start, end;		/* page numbers */
	size_t	 cleared;
	bool	 stale;			/* a shared node could not be copied */
};

/*
 * Empty [start, end) below the node at *AT, which begins at BASE and is in an
 * owned place; a node that becomes empty goes.
 */
static void
node_clear(struct overlay_node **at, vaddr_t base, struct clearing *c)
{
	struct overlay_node *n = *at;
	vaddr_t step = span(n->level) >> OVERLAY_BITS;
	size_t inside = node_count(n, base, c->start, c->end);

	if (inside == 0)
		return;
	c->cleared += inside;
	if (inside == n->pages) {
		*at = NULL;
		node_put(n);
		return;
	}
	if (own_node(at) != OK) {
		c->stale = true;
		return;
	}
	n = *at;
	for (unsigned i = 0; i < OVERLAY_SLOTS; i++, base += step) {
		size_t before = slot_pages(n->level, n->slot[i]);

		if (before == 0 || base + step <= c->start || base >= c->end)
			continue;
		if (n->level == 0) {
			page_put(n->slot[i]);
			n->slot[i] = NULL;
		} else {
			size_t was = c->cleared;

			node_clear((struct overlay_node **)&n->slot[i], base, c);
			c->cleared = was;	/* counted above */
		}
		n->pages -= (uint32_t)(before - slot_pages(n->level, n->slot[i]));
	}
}

size_t
overlay_clear(struct overlay *o, vaddr_t start, vaddr_t end)
{
	struct clearing c = { vpn_of(start), vpn_of(end), 0, false };

	if (o->root != NULL)
		node_clear(&o->root, o->base, &c);
	o->stale |= c.stale;
	return c.cleared;
}

err_t
overlay_clean(struct overlay *o, vaddr_t start, vaddr_t end)
{
	vaddr_t stop;

	if (!o->stale || o->root == NULL)
		return OK;
	o->stale = false;
	/* The root may reach beyond user space, and beyond what an address can say. */
	stop = MIN(o->base + span(o->root->level), USER_MAX >> PAGE_SHIFT) << PAGE_SHIFT;
	(void)overlay_clear(o, o->base << PAGE_SHIFT, start);
	if (end < stop)
		(void)overlay_clear(o, end, stop);
	return o->stale ? ERR(ENOMEM) : OK;
}

void
overlay_drop(struct overlay *o)
{
	if (o->root != NULL)
		node_put(o->root);
	o->root = NULL;
	o->stale = false;
}

/* ---- dividing ---- */

/*
 * What lies at or above page number AT_VPN below N (owned, beginning at BASE) moves to HIGH, a new
 * node of the same level.
 */
static void
node_divide(struct overlay_node *n, struct overlay_node *high, vaddr_t vpn,
    struct overlay_node **spare)
{
	unsigned cut = slot_of(vpn, n->level);
	void *border = n->slot[cut];

	for (unsigned i = cut; i < OVERLAY_SLOTS; i++) {
		uint32_t pages = (uint32_t)slot_pages(n->level, n->slot[i]);

		if (n->slot[i] == NULL || (i == cut && n->level > 0))
			continue;
		high->slot[i] = n->slot[i];
		n->slot[i] = NULL;
		overlay_slot_used(high, i);
		n->pages -= pages;
		high->pages += pages;
	}
	if (n->level == 0 || border == NULL)
		return;

	struct overlay_node *low = border, *up = *spare;
	uint32_t before = low->pages;

	*spare = up->slot[0];
	up->slot[0] = NULL;
	up->level = low->level;
	node_divide(low, up, vpn, spare);
	high->slot[cut] = up;
	overlay_slot_used(high, cut);
	high->pages += up->pages;
	n->pages -= before - low->pages;
}

/* A chain of N fresh nodes through slot[0]. */
static err_t
spare_nodes(unsigned n, struct overlay_node **chain)
{
	*chain = NULL;
	while (n-- > 0) {
		struct overlay_node *s = node_new(0);

		if (s == NULL) {
			while ((s = *chain) != NULL) {
				*chain = s->slot[0];
				slab_free(&overlay_cache, s);
			}
			return ERR(ENOMEM);
		}
		s->slot[0] = *chain;
		*chain = s;
	}
	return OK;
}

err_t
overlay_split(struct overlay *low, vaddr_t at, struct overlay *high)
{
	vaddr_t vpn = vpn_of(at);
	struct overlay_node *spare, *n;
	err_t err;

	*high = (struct overlay){ .root = NULL, .base = low->base, .stale = low->stale };
	if (low->root == NULL || vpn >= low->base + span(low->root->level))
		return OK;
	if (vpn <= low->base) {
		*high = *low;
		*low = (struct overlay){ .root = NULL };
		return OK;
	}
	/* Own the border path as far as it goes. */
	for (struct overlay_node **p = &low->root; *p != NULL;) {
		err = own_node(p);
		if (err != OK)
			return err;
		if ((*p)->level == 0)
			break;
		p = (struct overlay_node **)&(*p)->slot[slot_of(vpn, (*p)->level)];
	}
	err = spare_nodes(low->root->level + 1u, &spare);
	if (err != OK)
		return err;
	high->root = spare;
	spare = high->root->slot[0];
	high->root->slot[0] = NULL;
	high->root->level = low->root->level;
	node_divide(low->root, high->root, vpn, &spare);
	while ((n = spare) != NULL) {
		spare = n->slot[0];
		slab_free(&overlay_cache, n);
	}
	return OK;
}
