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
#include "lib/list.h"
#include "lib/tree.h"
#include "vm/object.h"
#include "vm/space.h"

#define OVERLAY_BITS	6
#define OVERLAY_SLOTS	(1u << OVERLAY_BITS)
#define OVERLAY_MAX_LEVELS 5		/* 30 bits of page number */

/*
 * A node is immutable while refs > 1: its holders are regions (as root) and
 * nodes above it. Slots are pages in level 0, nodes above; each holds a reference.
 */
struct overlay_node {
	uint32_t refs;			/* @ */
	uint32_t pages;			/* s: in the subtree */
	uint32_t mark;			/* check.c */
	uint8_t	 level;			/* c */
	uint8_t	 used;			/* s: slots that are not NULL */
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
	bool	 shared;		/* c */
	unsigned flags;			/* c: KREG_* */
	struct object *object;		/* c: NULL: none */
	uint64_t objpage;		/* so: page of the object at START */
	struct overlay overlay;		/* s: private regions */
	size_t	 priv;			/* s: pages in the overlay, within the bounds */
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
err_t	overlay_own(struct overlay *o, vaddr_t va) MUST_CHECK;
/* Put PAGE (a reference of it) in VA's slot, on an owned path; returns what was there. */
struct page *overlay_set(struct overlay *o, vaddr_t va, struct page *page);
/* A child's overlay: the same tree. */
void	overlay_share(struct overlay *child, struct overlay *parent);
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

/* R's bounds become [start, end), its first page objpage (R6). On the object's list from now on, if it was not. */
void	object_set_bounds(struct region *r, vaddr_t start, vaddr_t end, uint64_t objpage);
/* R maps the object no more. */
void	object_detach(struct region *r);
/* After bounds shrank: anonymous pages [first, end) that no region reaches any more are freed. */
void	object_drop_unreachable(struct object *o, uint64_t first, uint64_t end);
/* Pages of the object within the region that its overlay does not hide. */
size_t	object_resident(struct region *r);

/* ---- space.c ---- */
struct region *region_at(struct space *s, vaddr_t va) REQUIRES(s->lock);	/* NULL: none */
/* Every space, each held while FN runs (with no lock held). */
void	space_for_each(void (*fn)(struct space *s, void *arg), void *arg);

/* ---- fault.c ---- */
/* VA of private region R gets a page of its own in the overlay, mapped or not. -ENOMEM: reclaim, try again. */
err_t	fault_own_page(struct space *s, struct region *r, vaddr_t va, struct page *from,
	    struct page **page) REQUIRES(s->lock) MUST_CHECK;

#endif
