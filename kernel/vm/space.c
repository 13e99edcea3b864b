/*
 * Address spaces and their regions (vm/space.h): mapping, unmapping, the
 * break, fork. Faults are in fault.c.
 *
 * Everything that takes memory away goes in the order of R4: entries with
 * their shootdown, then pages. Objects are put after the space is unlocked (R2):
 * regions that go are collected on a list and buried at the end.
 */
#include "kern/bootparam.h"
#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "mem/reclaim.h"
#include "mem/slab.h"
#include "vm/region.h"

#define EAGER_LEAVES	128		/* frames that memory taken eagerly leaves */
#define FORK_RUN	(1u << 20)	/* bytes of neighbouring regions that fork treats as one */

#define FIRST_REGIONS	8		/* so many lie with their space */

struct space_and_regions {
	struct space space;
	unsigned used;			/* regions; of whoever makes the space */
	struct region region[FIRST_REGIONS];
};

SLAB_CACHE(space_cache, struct space_and_regions);
SLAB_CACHE(region_cache, struct region);

/* All spaces, by the processor that made each. */
static struct space_list {
	struct mutex lock;		/* RANK_SPACE_LIST */
	struct list spaces;		/* lock */
} __attribute__((aligned(64))) made_on[MAX_CPUS];

static bool fork_copies READ_MOSTLY, heap_eager READ_MOSTLY;	/* c: boot parameters */

void
space_subsystem_init(void)
{
	for (unsigned i = 0; i < MAX_CPUS; i++) {
		mutex_init(&made_on[i].lock, "all spaces", RANK_SPACE_LIST);
		list_init(&made_on[i].spaces);
	}
	fork_copies = bootparam_is("fork", "copy");
	heap_eager = bootparam_is("heap", "eager");
}

/* ---- finding regions ---- */

struct region *
region_from(struct space *s, vaddr_t va)
{
	struct region *r = region_of(tree_floor(&s->regions, va));

	if (r != NULL && r->end > va)
		return r;
	return region_of(tree_ceil(&s->regions, va));
}

struct region *
region_at(struct space *s, vaddr_t va)
{
	struct region *r = region_of(tree_floor(&s->regions, va));

	return r != NULL && va < r->end ? r : NULL;
}

struct region *
region_after(struct region *r)
{
	return region_of(tree_next(&r->node));
}

bool
space_range_free(struct space *s, vaddr_t start, vaddr_t end)
{
	struct region *r = region_from(s, start);

	return r == NULL || r->start >= end;
}

static bool
valid_range(vaddr_t start, size_t len)
{
	return (start & PAGE_MASK) == 0 && len > 0 && len <= USER_MAX && start <= USER_MAX - len;
}

/* ---- making and unmaking regions ---- */

void
region_link(struct space *s, struct region *r)
{
	bool fresh;

	r->node.key = r->start;
	fresh = tree_insert(&s->regions, &r->node);
	assert(fresh);
	s->vpages += (r->end - r->start) >> PAGE_SHIFT;
}

static void
region_unlink(struct space *s, struct region *r) REQUIRES(s->lock)
{
	tree_remove(&s->regions, &r->node);
	s->vpages -= (r->end - r->start) >> PAGE_SHIFT;
}

/* Take R out of the space and put it on DEAD. */
static void
region_kill(struct space *s, struct region *r, struct list *dead) REQUIRES(s->lock)
{
	region_unlink(s, r);
	pmap_remove(s->pmap, r->start, r->end - r->start);
	object_detach(r);
	list_append(dead, &r->object_link);
}

/* For S, which is being made. NULL: no memory right now. */
static struct region *
first_region(struct space *s)
{
	struct space_and_regions *all = container_of(s, struct space_and_regions, space);

	return all->used < FIRST_REGIONS ? &all->region[all->used++] : slab_alloc(&region_cache);
}

static bool
lies_with_space(const struct region *r)
{
	struct space_and_regions *all = container_of(r->space, struct space_and_regions, space);

	return (uintptr_t)r - (uintptr_t)all->region < sizeof(all->region);
}

/* R, in no space's tree and on no object's list, and what it holds go. No space is locked (R2). */
static void
region_dispose(struct region *r)
{
	if (r->overlay.root != NULL)
		overlay_drop(&r->overlay);
	if (r->object != NULL) {
		if (r->object->ops == NULL)
			object_drop_unreachable(r->object, r->objpage,
			    r->objpage + ((r->end - r->start) >> PAGE_SHIFT));
		object_put(r->object);
	}
	if (!lies_with_space(r))
		slab_free(&region_cache, r);
}

void
region_bury(struct list *dead)
{
	struct list *l;

	while ((l = list_pop(dead)) != NULL)
		region_dispose(list_entry(l, struct region, object_link));
}

/* Entries and private pages of [start, end), a part of R, go. */
static void
region_empty(struct space *s, struct region *r, vaddr_t start, vaddr_t end) REQUIRES(s->lock)
{
	pmap_remove(s->pmap, start, end - start);
	r->priv -= overlay_clear(&r->overlay, start, end);
}

/* R becomes [start, end), a part of what it was. */
static void
region_trim(struct space *s, struct region *r, vaddr_t start, vaddr_t end) REQUIRES(s->lock)
{
	vaddr_t was_start = r->start, was_end = r->end;
	uint64_t was_page = r->objpage, page = was_page + ((start - was_start) >> PAGE_SHIFT);
	uint64_t stop = page + ((end - start) >> PAGE_SHIFT);

	region_unlink(s, r);
	if (start > was_start)
		region_empty(s, r, was_start, start);
	if (end < was_end)
		region_empty(s, r, end, was_end);
	object_set_bounds(r, start, end, page);
	region_link(s, r);
	object_drop_unreachable(r->object, was_page, page);
	object_drop_unreachable(r->object, stop, stop + ((was_end - end) >> PAGE_SHIFT));
}

/* Divide R at AT; the upper part becomes HIGH, fresh from the slab. */
static err_t
region_split(struct space *s, struct region *r, vaddr_t at, struct region *high) REQUIRES(s->lock)
{
	uint64_t page = r->objpage + ((at - r->start) >> PAGE_SHIFT);
	vaddr_t end = r->end;
	err_t err;

	*high = *r;
	err = overlay_split(&r->overlay, at, &high->overlay);
	if (err != OK)
		return err;
	high->priv = overlay_count(&high->overlay, at, end);
	r->priv -= high->priv;
	list_init(&high->object_link);
	if (high->object != NULL)
		object_get(high->object);
	region_unlink(s, r);
	/* The upper part first: a mapping must not be without a region for a moment (R6). */
	object_set_bounds(high, at, end, page);
	object_set_bounds(r, r->start, at, r->objpage);
	region_link(s, r);
	region_link(s, high);
	return OK;
}

struct region *
region_new(void)
{
	return slab_alloc(&region_cache);
}

void
region_free(struct region *r)
{
	slab_free(&region_cache, r);
}

err_t
region_stock_fill(struct region_stock *st, unsigned n)
{
	*st = (struct region_stock){ { NULL, NULL } };
	for (unsigned i = 0; i < n; i++) {
		st->r[i] = slab_alloc_wait(&region_cache);
		if (st->r[i] == NULL) {
			region_stock_free(st);
			return ERR(ENOMEM);
		}
	}
	return OK;
}

void
region_stock_free(struct region_stock *st)
{
	for (unsigned i = 0; i < ARRAY_LEN(st->r); i++)
		if (st->r[i] != NULL)
			slab_free(&region_cache, st->r[i]);
}

err_t
region_split_at(struct space *s, vaddr_t at, struct region **stock)
{
	struct region *r = region_at(s, at);
	err_t err;

	if (r == NULL || r->start == at)
		return OK;
	err = region_split(s, r, at, *stock);
	if (err == OK)
		*stock = NULL;
	return err;
}

/* ---- unmapping ---- */

/* A hole in the middle of one region is the only case that needs memory, STOCK. */
err_t
space_unmap_locked(struct space *s, vaddr_t start, vaddr_t end, struct region **stock,
    struct list *dead)
{
	struct region *r = region_at(s, start), *next;

	if (r != NULL && r->start < start && r->end > end) {
		err_t err = region_split_at(s, end, stock);

		if (err != OK)
			return err;
	}
	for (r = region_from(s, start); r != NULL && r->start < end; r = next) {
		next = region_after(r);
		if (r->start < start)
			region_trim(s, r, r->start, start);
		else if (r->end > end)
			region_trim(s, r, end, r->end);
		else
			region_kill(s, r, dead);
	}
	return OK;
}

err_t
space_unmap(struct space *s, vaddr_t start, size_t len)
{
	struct list dead = LIST_INIT(dead);
	struct region_stock stock;
	err_t err;

	len = PAGE_UP(len);
	if (!valid_range(start, len))
		return ERR(EINVAL);
	err = region_stock_fill(&stock, 1);
	if (err != OK)
		return err;
	do {
		space_lock(s);
		err = space_unmap_locked(s, start, start + len, &stock.r[0], &dead);
		mutex_unlock(&s->lock);
	} while (err == ERR(ENOMEM) && mem_reclaim(1) == OK);
	region_bury(&dead);
	region_stock_free(&stock);
	return err;
}

/* ---- mapping ---- */

/* The highest free range of LEN bytes below USER_MAX, at or above LOW. 0: none. */
static vaddr_t
find_gap(struct space *s, size_t len, vaddr_t low) REQUIRES(s->lock)
{
	vaddr_t top = USER_MAX;

	for (struct tree_node *n = tree_last(&s->regions); n != NULL; n = tree_prev(n)) {
		struct region *r = region_of(n);

		if (top >= len && top - len >= MAX(low, r->end))
			return top - len;
		top = r->start;
	}
	return top >= len && top - len >= low ? top - len : 0;
}

static err_t
choose_start(struct space *s, const struct map_request *m, size_t len, vaddr_t *start)
    REQUIRES(s->lock)
{
	*start = m->start;
	if (!m->anywhere)
		return m->replace || space_range_free(s, *start, *start + len) ? OK : ERR(EEXIST);
	if (*start != 0 && valid_range(*start, len) && space_range_free(s, *start, *start + len))
		return OK;
	*start = find_gap(s, len, PAGE_UP(MAX(s->brk, (vaddr_t)USER_MIN)));
	return *start != 0 ? OK : SPACE_FULL;
}

void
region_fill_in(struct region *r, struct space *s, const struct map_request *m)
{
	/* By fields, for all of it together is a call of memset; who links it sets `node`. */
	r->start = r->end = r->brk_before = r->around_next = 0;
	r->prot = m->prot;
	r->maxprot = m->maxprot;
	r->shared = m->shared;
	r->flags = m->flags;
	r->object = m->object;
	r->objpage = 0;
	r->overlay = (struct overlay){ .root = NULL };
	r->priv = 0;
	r->around = 0;
	r->space = s;
	list_init(&r->object_link);
}

static err_t
map_locked(struct space *s, const struct map_request *m, size_t len, struct region *r,
    struct region **stock, struct list *dead) REQUIRES(s->lock)
{
	vaddr_t start;
	err_t err = choose_start(s, m, len, &start);

	if (err == OK && m->replace)
		err = space_unmap_locked(s, start, start + len, stock, dead);
	if (err != OK)
		return err;
	region_fill_in(r, s, m);
	if (m->object != NULL)
		object_get(m->object);
	object_set_bounds(r, start, start + len, m->objpage);
	region_link(s, r);
	return OK;
}

err_t
space_map(struct space *s, const struct map_request *m, vaddr_t *at)
{
	struct list dead = LIST_INIT(dead);
	size_t len = PAGE_UP(m->len);
	struct region_stock stock;
	err_t err;

	if (len < m->len || !valid_range(m->anywhere ? 0 : m->start, len))
		return ERR(EINVAL);
	err = region_stock_fill(&stock, m->replace ? 2 : 1);
	if (err != OK)
		return err;
	do {
		space_lock(s);
		err = map_locked(s, m, len, stock.r[0], &stock.r[1], &dead);
		if (err == OK) {
			*at = stock.r[0]->start;
			stock.r[0] = NULL;
		}
		mutex_unlock(&s->lock);
	} while (err == ERR(ENOMEM) && mem_reclaim(1) == OK);
	region_bury(&dead);
	region_stock_free(&stock);
	return room_error(err);
}

/* ---- protection ---- */

/* [start, end) is mapped without holes, and PROT allowed everywhere. */
static err_t
may_protect(struct space *s, vaddr_t start, vaddr_t end, prot_t prot) REQUIRES(s->lock)
{
	vaddr_t at = start;

	for (struct region *r = region_at(s, start); at < end; r = region_after(r)) {
		if (r == NULL || r->start > at)
			return ERR(ENOMEM);
		if ((prot & ~r->maxprot) != 0)
			return ERR(EACCES);
		at = r->end;
	}
	return OK;
}

static err_t
protect_locked(struct space *s, vaddr_t start, vaddr_t end, prot_t prot, struct region_stock *st)
    REQUIRES(s->lock)
{
	err_t err = region_split_at(s, start, &st->r[0]);

	if (err == OK)
		err = region_split_at(s, end, &st->r[1]);
	if (err != OK)
		return err;
	for (struct region *r = region_from(s, start); r != NULL && r->start < end;
	    r = region_after(r)) {
		if (prot == 0)
			pmap_remove(s->pmap, r->start, r->end - r->start);
		else if ((r->prot & ~prot) != 0)
			pmap_protect(s->pmap, r->start, r->end - r->start,
			    prot | PROT_U);
		r->prot = prot;
	}
	return OK;
}

err_t
space_protect(struct space *s, vaddr_t start, size_t len, prot_t prot)
{
	struct region_stock stock;
	err_t err;

	len = PAGE_UP(len);
	if ((start & PAGE_MASK) != 0)
		return ERR(EINVAL);
	if (!valid_range(start, len))
		return len == 0 ? OK : ERR(ENOMEM);
	err = region_stock_fill(&stock, 2);
	if (err != OK)
		return err;
	for (bool again = true; again;) {
		space_lock(s);
		err = may_protect(s, start, start + len, prot);
		again = err == OK;
		if (err == OK)
			err = protect_locked(s, start, start + len, prot, &stock);
		mutex_unlock(&s->lock);
		again = again && err == ERR(ENOMEM) && mem_reclaim(1) == OK;
	}
	region_stock_free(&stock);
	return err;
}

/* ---- the break ---- */

/*
 * [start, end), free, becomes heap: of the heap region that ends at START, or
 * of FRESH, which is taken then.
 */
static err_t
heap_extend(struct space *s, vaddr_t start, vaddr_t end, struct region **fresh) REQUIRES(s->lock)
{
	struct region *r = start == 0 ? NULL : region_at(s, start - 1);

	if (r != NULL && (r->flags & KREG_HEAP) && !r->shared && r->prot == (PROT_R | PROT_W)) {
		err_t err = overlay_clean(&r->overlay, r->start, r->end);

		if (err != OK)
			return err;
		region_unlink(s, r);
		r->end = end;
	} else {
		struct map_request m = { .prot = PROT_R | PROT_W, .maxprot = PROT_RWX,
			.flags = KREG_HEAP };

		r = *fresh;
		*fresh = NULL;
		region_fill_in(r, s, &m);
		r->start = start;
		r->end = end;
	}
	region_link(s, r);
	return OK;
}

static err_t
brk_move(struct space *s, intptr_t n, unsigned how, struct region_stock *st, vaddr_t *old,
    struct list *dead) REQUIRES(s->lock)
{
	vaddr_t from = PAGE_UP(s->brk), brk = (how & BREAK_PAGES ? from : s->brk) + (vaddr_t)n;
	vaddr_t to = PAGE_UP(brk);
	err_t err = OK;

	*old = s->brk;
	if (n < 0 && -(vaddr_t)n > s->brk)
		return OK;		/* would underflow: nothing changes */
	if (n > 0 && (brk < s->brk || brk > USER_MAX))
		return SPACE_FULL;
	if (to > from && !space_range_free(s, from, to))
		return SPACE_FULL;
	if (to > from)
		err = heap_extend(s, from, to, &st->r[0]);
	else if (to < from)
		err = space_unmap_locked(s, to, from, &st->r[0], dead);
	if (err == OK)
		s->brk = brk;
	return err;
}

/*
 * What the break grew by, from OLD to BRK, goes again; no region reaches beyond it, so that
 * takes no memory. What another process has put above meanwhile stays, with the break.
 */
static void
brk_undo(struct space *s, vaddr_t old, vaddr_t brk)
{
	struct list dead = LIST_INIT(dead);
	struct region *none = NULL;
	err_t err;

	space_lock(s);
	err = space_unmap_locked(s, PAGE_UP(old), PAGE_UP(brk), &none, &dead);
	if (s->brk == brk)
		s->brk = old;
	mutex_unlock(&s->lock);
	assert(err == OK);
	region_bury(&dead);
}

/*
 * Whoever wants N bytes now can be refused, unlike whoever touches memory it has: the
 * last frames are for those, or they would be killed for want of a page of their text.
 * A limit to all such memory comes first, so that programs which count frames by taking
 * them get a number that does not depend on what the kernel's objects happen to fill.
 */
static bool
leaves_too_little(intptr_t n)
{
	size_t pages = (size_t)n / PAGE_SIZE, total = page_count_total();

	return n > 0 && (pages + EAGER_LEAVES > mem_available() ||
	    pages + page_count_state(PAGE_ANON) > total - total / 32);
}

err_t
space_sbrk(struct space *s, intptr_t n, unsigned how, vaddr_t *old)
{
	struct list dead = LIST_INIT(dead);
	bool eager = how & BREAK_EAGER || heap_eager;
	struct region_stock stock;
	vaddr_t brk = 0;
	err_t err;

	if (eager && leaves_too_little(n))
		return ERR(ENOMEM);
	err = region_stock_fill(&stock, 1);
	if (err != OK)
		return err;
	do {
		space_lock(s);
		err = brk_move(s, n, how, &stock, old, &dead);
		brk = s->brk;
		mutex_unlock(&s->lock);
	} while (err == ERR(ENOMEM) && mem_reclaim(1) == OK);
	region_bury(&dead);
	region_stock_free(&stock);
	if (err != OK || n <= 0 || !eager)
		return room_error(err);
	err = space_populate(s, PAGE_UP(*old), PAGE_UP(brk) - PAGE_UP(*old));
	if (err != OK)
		brk_undo(s, *old, brk);
	return err;
}

/* ---- counting ---- */

size_t
space_vpages(struct space *s)
{
	return atomic_load_relaxed(&s->vpages);
}

static size_t
region_resident(struct region *r)
{
	if (r->flags & KREG_GUARD)
		/* SPEC 2.1: counts, without a frame */
		return (r->end - r->start) >> PAGE_SHIFT;
	return r->priv + object_resident(r);
}

size_t
space_ppages(struct space *s)
{
	size_t n = 0;

	mutex_lock(&s->lock);
	space_settle(s);
	for (struct tree_node *t = tree_first(&s->regions); t != NULL; t = tree_next(t))
		n += region_resident(region_of(t));
	mutex_unlock(&s->lock);
	return n;
}

static bool
maps_file(const struct region *r)
{
	return r->object != NULL && r->object->ops != NULL;
}

bool
space_region_info(struct space *s, vaddr_t start, struct kinfo_region *out, struct object **file)
{
	struct region *r;

	*file = NULL;
	mutex_lock(&s->lock);
	space_settle(s);
	r = region_from(s, start);
	if (r != NULL)
		*out = (struct kinfo_region){
			.start = r->start, .end = r->end, .resident = region_resident(r),
			.priv = r->priv, .offset = r->objpage << PAGE_SHIFT,
			.flags = r->flags | (r->shared ? KREG_SHARED : 0) |
			    (maps_file(r) ? KREG_FILE : 0),
			.prot = (uint8_t)r->prot, .maxprot = (uint8_t)r->maxprot,
		};
	if (r != NULL && maps_file(r)) {
		*file = r->object;
		object_get(*file);
	}
	mutex_unlock(&s->lock);
	return r != NULL;
}

err_t
space_shared_file(struct space *s, vaddr_t *va, struct object **o)
{
	struct region *r;

	*o = NULL;
	mutex_lock(&s->lock);
	r = region_at(s, *va);
	if (r != NULL) {
		*va = r->end;
		if (r->shared && maps_file(r)) {
			*o = r->object;
			object_get(*o);
		}
	}
	mutex_unlock(&s->lock);
	return r != NULL ? OK : ERR(ENOMEM);
}

/* ---- life ---- */

/* It is not on the list yet. */
struct space *
space_begin(void)
{
	struct space *s = slab_alloc_wait(&space_cache);

	if (s == NULL)
		return NULL;
	container_of(s, struct space_and_regions, space)->used = 0;
	tree_init(&s->regions);
	s->heap_start = s->brk = 0;
	s->vpages = 0;
	s->refs = 1;
	s->last.len = s->last.fresh = 0;
	mutex_init(&s->lock, "space", RANK_SPACE);
	s->all = &made_on[md_cpu_id()];
	list_init(&s->all_link);
	do
		s->pmap = pmap_create();
	while (s->pmap == NULL && mem_reclaim(1) == OK);
	if (s->pmap == NULL) {
		slab_free(&space_cache, s);
		return NULL;
	}
	return s;
}

static void
space_publish(struct space *s)
{
	mutex_lock(&s->all->lock);
	list_append(&s->all->spaces, &s->all_link);
	mutex_unlock(&s->all->lock);
}

void
space_get(struct space *s)
{
	atomic_add_relaxed(&s->refs, 1);
}

/* Of a space on the list: 0 means that it is on its way out already. */
static bool
space_try_get(struct space *s)
{
	uint32_t n = atomic_load_relaxed(&s->refs);

	while (n != 0)
		if (atomic_cas(&s->refs, &n, n + 1))
			return true;
	return false;
}

/*
 * The last holder takes it down, alone: no processor has the table in use, so the order
 * of R4 asks for nothing but that objects forget the regions before the table goes.
 */
void
space_put(struct space *s) NO_TSA
{
	struct tree_node *n;

	if (atomic_sub_release(&s->refs, 1) > 0)
		return;
	atomic_fence_acquire();
	mutex_lock(&s->all->lock);
	list_remove(&s->all_link);
	mutex_unlock(&s->all->lock);
	while ((n = tree_dismantle(&s->regions)) != NULL) {
		if (region_of(n)->object != NULL)
			object_detach(region_of(n));
		region_dispose(region_of(n));
	}
	pmap_destroy(s->pmap);
	slab_free(&space_cache, s);
}

void
space_for_each(void (*fn)(struct space *s, void *arg), void *arg)
{
	struct space *s, *last = NULL;

	for (struct space_list *l = made_on; l < &made_on[ncpus]; l++) {
		mutex_lock(&l->lock);
		list_for(s, &l->spaces, all_link) {
			if (!space_try_get(s))
				continue;
			mutex_unlock(&l->lock);
			if (last != NULL)
				space_put(last);
			fn(s, arg);
			last = s;	/* stays on the list until the lock is ours again */
			mutex_lock(&l->lock);
		}
		mutex_unlock(&l->lock);
	}
	if (last != NULL)
		space_put(last);
}

/* ---- exec ---- */

err_t
space_append(struct space *s, const struct map_request *m) NO_TSA
{
	struct region *r;

	assert(valid_range(m->start, m->len) && (m->len & PAGE_MASK) == 0);
	do
		r = first_region(s);
	while (r == NULL && mem_reclaim(1) == OK);
	if (r == NULL)
		return ERR(ENOMEM);
	region_fill_in(r, s, m);
	if (m->object != NULL)
		object_get(m->object);
	object_set_bounds(r, m->start, m->start + m->len, m->objpage);
	region_link(s, r);
	return m->resident || m->nlast > 0 ? fault_region_begins(s, r, m) : OK;
}

void
space_finish(struct space *s, vaddr_t heap) NO_TSA
{
	s->heap_start = s->brk = heap;
	space_publish(s);
}

/* ---- fork ---- */

/* A region of CHILD like N of the parent, both sharing its private pages. */
static struct tree_node *
fork_region(struct tree_node *n, void *child)
{
	struct region *r = region_of(n), *c = first_region(child);

	if (c == NULL)
		return NULL;
	*c = *r;
	c->space = child;
	list_init(&c->object_link);
	overlay_share(&c->overlay);
	if (c->object != NULL)
		object_get(c->object);
	return &c->node;
}

/*
 * R and those behind it that can be dealt with together, since they have one object or none: the
 * child's entries become copies of the parent's, which lose write access. What the object
 * decides stays as it is, under the object's lock and with the child already on its list (R9).
 * Returns the region behind them.
 */
static struct region *
fork_entries(struct space *child, struct space *parent, struct region *r) NO_TSA
{
	struct region *first = r;
	struct object *o = NULL;
	bool writable = false;
	vaddr_t end;

	do {
		if (r->object != NULL) {
			if (o == NULL)
				mutex_lock(&r->object->lock);
			o = r->object;
			list_append(&o->regions, &r->object_link);
		}
		writable |= !r->shared && (r->prot & PROT_W);
		end = r->end;
		r = region_after(r);
	} while (r != NULL && (r->object == NULL || o == NULL || r->object == o) &&
	    r->shared == first->shared && r->end - first->start <= FORK_RUN);
	pmap_share(child->pmap, parent->pmap, first->start, end - first->start, writable,
	    o == NULL && end - first->start > FORK_RUN);
	if (o != NULL)
		mutex_unlock(&o->lock);
	return r;
}

static err_t
fork_regions(struct space *child, struct space *parent) REQUIRES(parent->lock)
{
	if (!tree_clone(&child->regions, &parent->regions, fork_region, child))
		return ERR(ENOMEM);
	/* Shared first, then read-only, then the child may run: R5. */
	for (struct region *r = region_of(tree_first(&child->regions)); r != NULL;)
		r = fork_entries(child, parent, r);
	pmap_flush(parent->pmap);
	child->heap_start = parent->heap_start;
	child->brk = parent->brk;
	child->vpages = parent->vpages;
	return OK;
}

/* fork=copy: what the child shares it gets copies of, all at once. */
static err_t
copy_all(struct space *s) REQUIRES(s->lock)
{
	for (struct tree_node *n = tree_first(&s->regions); n != NULL; n = tree_next(n)) {
		struct region *r = region_of(n);
		struct page *p, *own;
		bool alone;

		for (vaddr_t va = r->start; va < r->end; va += PAGE_SIZE) {
			err_t err;

			p = overlay_next(&r->overlay, &va, &alone);
			if (p == NULL || va >= r->end)
				break;
			err = alone ? OK : fault_own_page(s, r, va, p, &own);
			if (err != OK)
				return err;
		}
	}
	return OK;
}

err_t
space_fork(struct space *parent, struct space **child)
{
	struct space *c;
	err_t err;

	do {
		c = space_begin();
		if (c == NULL)
			return ERR(ENOMEM);
		space_lock(parent);
		err = fork_regions(c, parent);
		mutex_unlock(&parent->lock);
		if (err == OK && fork_copies) {
			space_lock(c);
			err = copy_all(c);
			mutex_unlock(&c->lock);
		}
		if (err == OK)
			space_publish(c);
		else
			space_put(c);
	} while (err != OK && mem_reclaim(1) == OK);
	*child = c;
	return err;
}
