/*
 * Regions and overlays: private to vm/.
 *
 * A region is a range of an address space with one meaning. Two booleans give every
 * kind of memory: private or shared, with an object or without
 * (docs/memory.md). A private region keeps its own pages in an overlay: a
 * radix tree by virtual page number, whose nodes fork shares and whoever writes first copies.
 *
 * Field key:  s  lock of the space    so  that and the object's (R6)    c  constant    @  atomic
 */
#ifndef VM_REGION_H
#define VM_REGION_H

#include "kern/mutex.h"
#include "lib/atomic.h"
#include "lib/list.h"
#include "lib/tree.h"
#include "vm/object.h"
#include "vm/space.h"

#define OVERLAY_BITS	6
#define OVERLAY_SLOTS	(1u << OVERLAY_BITS)

/*
 * A node is immutable while refs > 1: its holders are regions (as root) and
 * nodes above it. Slots are pages in level 0, nodes above; each holds a reference.
 */
struct overlay_node {
	uint32_t refs;			/* @ */
	uint32_t pages;			/* s: in the subtree */
	uint32_t mark;			/* check.c */
	uint8_t	 level;			/* c */
	uint8_t	 low, end;		/* s: slots outside [low, end) are NULL; never shrinks */
	void	*slot[OVERLAY_SLOTS];	/* s */
};

/*
 * Covers the page numbers that agree with BASE above OVERLAY_BITS * levels bits;
 * grows upwards as needed. Slots outside the region's bounds may be
 * occupied after a trim that had no memory for its own copy of a shared node;
 * nobody reads them, `stale` says that there are some.
 */
struct overlay {
	struct overlay_node *root;	/* NULL: empty */
	vaddr_t	 base;			/* page number of the first slot */
	bool	 stale;
};

struct region {
	struct tree_node node;		/* s: in space->regions, key: start */
	vaddr_t	 start, end;		/* so: bytes */
	prot_t	 prot, maxprot;		/* s */
	bool	 shared;		/* s: becomes true when share.c makes it so */
	unsigned flags;			/* c: KREG_* */
	vaddr_t	 brk_before;		/* c: placed at the break, which was there; 0: it was not */
	struct object *object;		/* s: changes only when it becomes shared; NULL: none */
	uint64_t objpage;		/* so: page of the object at START */
	struct overlay overlay;		/* s: private regions */
	size_t	 priv;			/* s: pages in the overlay, within the bounds */
	vaddr_t	 around_next;		/* s: where the last fault-around stopped ... */
	unsigned around;		/* s: ... and how many pages it looked at */
	struct space *space;		/* c */
	struct list object_link;	/* object->lock */
};

static inline uint32_t
region_index(const struct region *r, vaddr_t va)
{
	return (uint32_t)(r->objpage + ((va - r->start) >> PAGE_SHIFT));
}

static inline struct region *
region_of(struct tree_node *n)
{
	return tree_entry(n, struct region, node);
}

/* ---- overlay.c: the space's lock is held ---- */

struct overlay_path {
	struct page *page;		/* NULL: empty slot */
	bool	 alone;			/* the page and all nodes above it are this region's only */
};

void	overlay_find(const struct overlay *o, vaddr_t va, struct overlay_path *found);
/*
 * Make the path to VA's slot the region's own, with nodes for what is missing. -ENOMEM:
 * nothing that anybody can see has changed.
 */
err_t	overlay_own(struct overlay *o, vaddr_t va, struct overlay_slot *slot) MUST_CHECK;
/* Slot I of N is about to be used. */
static inline void
overlay_slot_used(struct overlay_node *n, unsigned i)
{
	if (i < n->low)
		n->low = (uint8_t)i;
	if (i >= n->end)
		n->end = (uint8_t)(i + 1);
}

/* R has N pages more below the nodes of SLOT's path. */
static inline void
overlay_add_pages(struct region *r, const struct overlay_slot *slot, unsigned n)
{
	for (unsigned i = slot->depth; i-- > 0;)
		slot->path[i]->pages += n;
	r->priv += n;
}

/* PAGE, with its reference, goes into SLOT of R; what was there is put. */
static inline void
overlay_set(struct region *r, const struct overlay_slot *slot, struct page *page)
{
	struct overlay_node *leaf = slot->path[slot->depth - 1];
	struct page *was = *slot->at;

	*slot->at = page;
	if (was != NULL) {
		page_put(was);
		return;
	}
	overlay_slot_used(leaf, (unsigned)((void **)slot->at - leaf->slot));
	overlay_add_pages(r, slot, 1);
}

/* ---- the last store ---- */

/* Count what is there: before anybody looks at the number of pages of a region or a node. */
static inline void
space_settle(struct space *s) REQUIRES(s->lock)
{
	struct last_store *l = &s->last;

	if (l->fresh == 0)
		return;
	overlay_add_pages(l->region, &l->slot, l->fresh);
	l->fresh = 0;
}

static inline struct page **
overlay_slot_of(const struct last_store *l, vaddr_t va)
{
	return (struct page **)&l->leaf->slot[(va >> PAGE_SHIFT) % OVERLAY_SLOTS];
}

static inline void
space_forget_store(struct space *s) REQUIRES(s->lock)
{
	space_settle(s);
	s->last.len = 0;
}

/* Lock S to change regions, overlays or rights: what the last store found no longer holds. */
static inline void
space_lock(struct space *s) ACQUIRES(s->lock)
{
	mutex_lock(&s->lock);
	space_forget_store(s);
}

/*
 * VA's slot, and behind it those to the end of its node: where the page number is a multiple of
 * OVERLAY_SLOTS. NULL: they are all empty. ALONE: the nodes are this region's only.
 */
struct page *const *overlay_slots(const struct overlay *o, vaddr_t va, bool *alone);
/* O's tree is that of one more region: a child's. */
static inline void
overlay_share(struct overlay *o)
{
	if (o->root != NULL)
		atomic_add_relaxed(&o->root->refs, 1);
}
/*
 * Empty the slots of [start, end); how many were occupied. Pages that go
 * away are put: R4, no entry may lead to them any more. Never fails: see `stale`.
 */
size_t	overlay_clear(struct overlay *o, vaddr_t start, vaddr_t end);
/* Remove stale slots outside [start, end). -ENOMEM. */
err_t	overlay_clean(struct overlay *o, vaddr_t start, vaddr_t end) MUST_CHECK;
/* Pages in slots of [start, end). */
size_t	overlay_count(const struct overlay *o, vaddr_t start, vaddr_t end);
/* The first page at or after *VA; sets *VA. NULL: none. */
struct page *overlay_next(const struct overlay *o, vaddr_t *va, bool *alone);
/*
 * Divide at AT: what lies at or above it moves to HIGH. -ENOMEM: nothing changed.
 */
err_t	overlay_split(struct overlay *low, vaddr_t at, struct overlay *high) MUST_CHECK;
void	overlay_drop(struct overlay *o);	/* all of it */

/* ---- object.c, for space.c; the space's lock is held ---- */

/*
 * R's bounds become [start, end), its first page objpage (R6). On the object's list from now on, if
 * it was not.
 */
void	object_set_bounds(struct region *r, vaddr_t start, vaddr_t end, uint64_t objpage);
/* R maps the object no more. */
void	object_detach(struct region *r);
/* After bounds shrank: anonymous pages [first, end) that no region reaches any more are freed. */
void	object_drop_unreachable(struct object *o, uint64_t first, uint64_t end);
/*
 * P, a page of a process, also becomes page INDEX of O, anonymous and nobody else's yet. -ENOMEM.
 */
err_t	object_adopt(struct object *o, uint32_t index, struct page *p) MUST_CHECK;
/* Pages of the object within the region that its overlay does not hide. */
size_t	object_resident(struct region *r);

/* No range of addresses is left, which reclaiming memory would not change: -ENOMEM for users. */
#define SPACE_FULL	ERR(ENOSPC)

static inline err_t
room_error(err_t err)
{
	return err == SPACE_FULL ? ERR(ENOMEM) : err;
}

/* ---- space.c ---- */
struct region_stock {
	struct region *r[2];		/* NULL: used */
};
/*
 * N regions for splits and the like, taken before the space is locked (reclaims); what is left at
 * the end goes back.
 */
err_t	region_stock_fill(struct region_stock *st, unsigned n) MUST_CHECK;
void	region_stock_free(struct region_stock *st);
struct region *region_new(void);	/* NULL: no memory right now */
void	region_free(struct region *r);	/* never linked */
void	region_fill_in(struct region *r, struct space *s, const struct map_request *m);
void	region_link(struct space *s, struct region *r) REQUIRES(s->lock);
/* If a region has AT inside, divide it there, with *STOCK, which becomes NULL then. */
err_t	region_split_at(struct space *s, vaddr_t at, struct region **stock)
	    REQUIRES(s->lock) MUST_CHECK;
struct region *region_from(struct space *s, vaddr_t va) REQUIRES(s->lock);	/* ends above VA */
struct region *region_after(struct region *r);
bool	space_range_free(struct space *s, vaddr_t start, vaddr_t end) REQUIRES(s->lock);
/*
 * Everything in the range goes; regions to region_bury, once unlocked. -ENOMEM: needs *STOCK, or
 * more.
 */
err_t	space_unmap_locked(struct space *s, vaddr_t start, vaddr_t end, struct region **stock,
	    struct list *dead) REQUIRES(s->lock) MUST_CHECK;
void	region_bury(struct list *dead);
struct region *region_at(struct space *s, vaddr_t va) REQUIRES(s->lock);	/* NULL: none */
/* Every space, each held while FN runs (with no lock held). */
void	space_for_each(void (*fn)(struct space *s, void *arg), void *arg);

/* ---- fault.c ---- */
/*
 * What private region R is to have at VA when it becomes shared, with a reference: its page if
 * that is R's alone, else a copy of what is there. R does not change. -ENOMEM: reclaim, try again;
 * -EAGAIN: the file's page must be brought in first (fault_fill_page).
 */
err_t	fault_page_to_share(struct region *r, vaddr_t va, struct page **page) MUST_CHECK;
/* R, new in S, which nobody else has, gets the pages that M promises it, and entries for them. */
err_t	fault_region_begins(struct space *s, struct region *r, const struct map_request *m)
	    MUST_CHECK;
/* Bring in what VA's region maps there. No space is locked. */
err_t	fault_fill_page(struct space *s, vaddr_t va) EXCLUDES(s->lock) MUST_CHECK;
/*
 * VA of private region R gets a page of its own in the overlay, mapped or not. -ENOMEM: reclaim,
 * try again.
 */
err_t	fault_own_page(struct space *s, struct region *r, vaddr_t va, struct page *from,
	    struct page **page) REQUIRES(s->lock) MUST_CHECK;

#endif
