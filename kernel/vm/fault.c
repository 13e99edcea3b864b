/*
 * Page faults. What happens is decided by one table (docs/memory.md):
 *
 *	region	  slot, or object	read		write
 *	private	  page, ours alone	map r/w		map r/w
 *	private	  page, shared		map r/o		own the path, copy, map r/w, drop the old
 *	private	  empty, object		object's r/o	copy the object's into the slot, r/w
 *	private	  empty, no object	a zeroed frame into the slot, r/w
 *	shared	  clean			map r/o		prepare_write, then r/w
 *	shared	  dirty and backed, or anonymous	map r/w
 *	any	  absent in the object	read it in with no lock held, start over
 *	none, or without the right	refused
 *
 * One try looks at the table with the space locked. What it cannot do there,
 * because it takes memory that is not free or the disk, it names; the loop does that with
 * nothing locked and tries again.
 */
#include "abi/wait.h"
#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "md/usercopy.h"
#include "mem/reclaim.h"
#include "vm/region.h"

#define AROUND_MIN	16	/* pages that one fault may enter ... */
#define AROUND_MAX	512	/* ... when they are touched one after the other */
#define RUN		16u	/* looked at one by one, entered at a time */

enum outcome {
	DONE,
	REFUSED,		/* f->why */
	NEED_MEMORY,
	NEED_FILL,		/* page f->index of f->object */
	NEED_WRITE,		/* the same, storable */
};

struct fault {
	struct space *space;
	vaddr_t	 va;		/* of the page */
	enum access acc;
	struct region *region;	/* while the space is locked */
	enum fault_why why;
	struct object *object;	/* referenced, for NEED_FILL and NEED_WRITE */
	uint32_t index;
	struct page *pin;	/* keeps what NEED_FILL brought in until the next try */
};

static enum outcome
refuse(struct fault *f, enum fault_why why)
{
	f->why = why;
	return REFUSED;
}

static enum outcome
need(struct fault *f, enum outcome what)
{
	f->object = f->region->object;
	f->index = region_index(f->region, f->va);
	object_get(f->object);
	return what;
}

/* ---- entering ---- */

/* The entry's rights for a page of R that may be stored to (WRITABLE) or not. */
static prot_t
entry_prot(const struct region *r, bool writable)
{
	prot_t prot = r->prot | PROT_U;

	if (r->shared)
		prot |= PROT_SHARED;
	if (writable || !(prot & PROT_W))
		return prot;
	prot &= ~PROT_W;
	return r->shared ? prot : prot | PROT_COW;
}

static enum outcome
enter(struct fault *f, struct page *p, bool writable) REQUIRES(f->space->lock)
{
	err_t err = pmap_enter(f->space->pmap, f->va, page_phys(p),
	    entry_prot(f->region, writable));

	return err == OK ? DONE : NEED_MEMORY;
}

/* I3, for a page of a shared region. The object's lock is held. */
static bool
storable(const struct object *o, const struct page *p)
{
	const uint16_t both = PAGE_DIRTY | PAGE_BACKED;

	return o->ops == NULL || (p->flags & both) == both;
}

/* Where a fault-around takes its pages from: slots of a leaf of each tree, for pages in order. */
struct run {
	struct page *const *overlay;	/* NULL: all empty */
	bool	 alone;
	struct page *const *object;	/* the same */
};

/* Enter what R has at the N pages from VA on, at most RUN, looking at each; how many. */
static unsigned
enter_each(struct space *s, struct region *r, const struct run *run, vaddr_t va, unsigned n)
    REQUIRES(s->lock)
{
	struct page *page[2][RUN];	/* by whether they may be written to */
	unsigned found[2] = { 0, 0 }, entered = 0;
	const struct object *o = r->object;

	for (unsigned i = 0; i < n; i++) {
		struct page *p = run->overlay[i];
		bool writable = p != NULL && run->alone && page_refs(p) == 1;

		page[0][i] = page[1][i] = NULL;
		if (p == NULL && o != NULL && run->object != NULL) {
			p = run->object[i];
			if (p != NULL && (p->flags & PAGE_BUSY))
				continue;
			writable = p != NULL && r->shared && storable(o, p);
		}
		if (p == NULL)
			continue;
		page[writable][i] = p;
		found[writable]++;
	}
	for (int w = 0; w < 2; w++) {
		struct page_run some = { .page = page[w], .n = n };

		if (found[w] > 0)
			entered += pmap_enter_run(s->pmap, va, &some, entry_prot(r, w));
	}
	return entered;
}

/* The same where there is nothing but the object's leaf, SLOT. */
static unsigned
enter_object(struct space *s, struct region *r, struct page *const *slot, vaddr_t va, unsigned n)
    REQUIRES(s->lock)
{
	const unsigned both = PAGE_DIRTY | PAGE_BACKED;
	bool writable = r->shared && r->prot & PROT_W;
	struct page_run run = { .page = slot, .n = n, .mask = PAGE_BUSY };
	unsigned entered = 0;

	if (writable && r->object->ops != NULL) {
		struct page_run store = { slot, n, PAGE_BUSY | both, both };

		entered = pmap_enter_run(s->pmap, va, &store, entry_prot(r, true));
		writable = false;	/* the others */
	}
	return entered + pmap_enter_run(s->pmap, va, &run, entry_prot(r, writable));
}

static unsigned
enter_run(struct space *s, struct region *r, const struct run *run, vaddr_t va, unsigned n)
    REQUIRES(s->lock)
{
	struct page_run shared = { .page = run->overlay, .n = n };
	unsigned entered = 0;

	if (run->overlay == NULL)
		return run->object == NULL ? 0 : enter_object(s, r, run->object, va, n);
	if (run->object == NULL && !run->alone)
		return pmap_enter_run(s->pmap, va, &shared, entry_prot(r, false));
	for (unsigned i = 0; i < n; i += RUN) {
		struct run part = { .alone = run->alone, .overlay = run->overlay + i };

		if (run->object != NULL)
			part.object = run->object + i;
		entered += enter_each(s, r, &part, va + i * PAGE_SIZE, MIN(n - i, RUN));
	}
	return entered;
}

/* Pages from VA on that are in one leaf of the overlay, and in one of the object. */
static unsigned
pages_in_leaves(const struct region *r, vaddr_t va)
{
	unsigned in_overlay = OVERLAY_SLOTS - (unsigned)(va >> PAGE_SHIFT) % OVERLAY_SLOTS;
	unsigned in_object = RADIX_SLOTS - region_index(r, va) % RADIX_SLOTS;

	if (r->object == NULL)
		return in_overlay;
	return r->overlay.root == NULL ? in_object : MIN(in_overlay, in_object);
}

/* The window: round VA, or ahead of it and ever larger when pages are touched in order. */
static void
choose_window(struct region *r, vaddr_t va, vaddr_t *start, vaddr_t *end)
{
	if (va == r->around_next && r->around != 0) {
		r->around = MIN(r->around * 2, AROUND_MAX);
		*start = va;
	} else {
		r->around = AROUND_MIN;
		*start = MAX(r->start, ROUND_DOWN(va, AROUND_MIN * PAGE_SIZE));
	}
	*end = MIN(r->end, ROUND_DOWN(*start, AROUND_MIN * PAGE_SIZE) + r->around * PAGE_SIZE);
	r->around_next = *end;
}

/* Enter what region R has in [va, end), a part of it; how many entries are new. */
static unsigned
enter_present(struct space *s, struct region *r, vaddr_t va, vaddr_t end) NO_TSA
{
	struct object *o = r->object;
	unsigned n, entered = 0;

	if (o != NULL)
		mutex_lock(&o->lock);
	for (; va < end; va += n * PAGE_SIZE) {
		struct run run = { .object = NULL };

		n = MIN(pages_in_leaves(r, va), (unsigned)((end - va) >> PAGE_SHIFT));
		run.overlay = overlay_slots(&r->overlay, va, &run.alone);
		if (o != NULL)
			run.object = object_slots(o, region_index(r, va));
		entered += enter_run(s, r, &run, va, n);
	}
	if (o != NULL)
		mutex_unlock(&o->lock);
	return entered;
}

/*
 * Fault-around: enter the other pages near f->va that are there already, so that a fork, an
 * exec or the reading of a cached file does not cost a fault for each. Entries are a
 * cache; failing to make one is no error.
 */
static void
enter_around(struct fault *f) REQUIRES(f->space->lock)
{
	vaddr_t start, end;

	choose_window(f->region, f->va, &start, &end);
	enter_present(f->space, f->region, start, end);
}

/* ---- private regions ---- */

/* The frame at PA becomes a copy of FROM, or zeroes. */
static inline void
fill_frame(paddr_t pa, const struct page *from)
{
	if (from != NULL)
		md_page_copy(md_phys_to_virt(pa), page_virt(from));
	else
		md_page_clear(md_phys_to_virt(pa));
}

/* A new page: a copy of FROM, or zeroes. */
static struct page *
new_page(const struct page *from)
{
	struct page *p = page_alloc(PAGE_ANON);

	if (p != NULL)
		fill_frame(page_phys(p), from);
	return p;
}

/*
 * VA's SLOT in private R gets a page of its own: entered before it is put there, so that without
 * memory for a table nothing has changed. The old page goes last (R4).
 */
static enum outcome
fill_slot(struct fault *f, const struct overlay_slot *slot, const struct page *from)
    REQUIRES(f->space->lock)
{
	struct page *p = new_page(from);

	if (p == NULL)
		return NEED_MEMORY;
	if (enter(f, p, true) != DONE) {
		page_put(p);
		return NEED_MEMORY;
	}
	overlay_set(f->region, slot, p);
	if (from != NULL)
		cpu_this()->faults_copy++;
	else
		cpu_this()->faults_zero++;
	return DONE;
}

/* SLOT, of a path that is R's own, is VA's: the next stores beside it need not look. */
static void
remember_store(struct space *s, struct region *r, vaddr_t va, const struct overlay_slot *slot)
    REQUIRES(s->lock)
{
	vaddr_t leaf = ROUND_DOWN(va, (vaddr_t)OVERLAY_SLOTS * PAGE_SIZE);
	vaddr_t start = MAX(r->start, leaf);

	s->last = (struct last_store){ .start = start,
		.len = MIN(r->end, leaf + OVERLAY_SLOTS * PAGE_SIZE) - start, .region = r,
		.slot = *slot, .leaf = slot->path[slot->depth - 1], .prot = r->prot | PROT_U,
		.zero = r->object == NULL };
}

/* See space_store_beside: the slot's page is copied, or zeroed if there is none and no object. */
static inline bool
store_beside(struct space *s, vaddr_t va) REQUIRES(s->lock)
{
	struct last_store *l = &s->last;
	struct page **at, *from, *p;
	paddr_t pa;

	if (va - l->start >= l->len)
		return false;
	at = overlay_slot_of(l, va);
	from = *at;
	if (from == NULL ? !l->zero : page_refs(from) == 1)
		return false;
	p = page_try_alloc(PAGE_ANON);
	if (unlikely(p == NULL))
		return false;
	pa = page_phys(p);
	fill_frame(pa, from);
	if (unlikely(!pmap_try_enter(s->pmap, PAGE_DOWN(va), pa, l->prot))) {
		page_put(p);
		return false;
	}
	*at = p;
	if (from != NULL) {
		page_put(from);
		cpu_this()->faults_copy++;
	} else {
		overlay_slot_used(l->leaf, (unsigned)((void **)at - l->leaf->slot));
		l->fresh++;
		cpu_this()->faults_zero++;
	}
	cpu_this()->faults++;
	return true;
}

bool
space_store_beside(struct space *s, vaddr_t va)
{
	bool done;

	if (unlikely(!mutex_try(&s->lock)))
		return false;
	done = store_beside(s, va);
	mutex_unlock(&s->lock);
	return done;
}

/* A store, or the first touch of memory without an object: the path becomes ours in any case. */
static enum outcome
private_store(struct fault *f, const struct page *from) REQUIRES(f->space->lock)
{
	struct overlay_slot slot;
	enum outcome done;
	bool there;
	paddr_t pa;
	prot_t prot;

	space_forget_store(f->space);
	if (overlay_own(&f->region->overlay, f->va, &slot) != OK)
		return NEED_MEMORY;
	if (f->acc == ACCESS_WRITE)
		remember_store(f->space, f->region, f->va, &slot);
	/* The others may have let go meanwhile. */
	if (*slot.at == NULL || page_refs(*slot.at) > 1)
		return fill_slot(f, &slot, *slot.at != NULL ? *slot.at : from);
	/* An entry that only gains a right has its neighbours beside it. */
	there = pmap_extract(f->space->pmap, f->va, &pa, &prot);
	done = enter(f, *slot.at, true);
	if (done == DONE && !there)
		enter_around(f);
	return done;
}

static enum outcome
private_object(struct fault *f) REQUIRES(f->space->lock)
{
	struct object *o = f->region->object;
	uint32_t index = region_index(f->region, f->va);
	struct page *p;
	enum outcome done;

	mutex_lock(&o->lock);
	p = object_lookup(o, index);
	if (p == NULL || (p->flags & PAGE_BUSY)) {
		mutex_unlock(&o->lock);
		return need(f, NEED_FILL);
	}
	p->flags |= PAGE_USED;
	if (f->acc == ACCESS_WRITE)
		done = private_store(f, p);
	else
		done = enter(f, p, false);
	mutex_unlock(&o->lock);
	if (done == DONE && f->acc != ACCESS_WRITE) {
		cpu_this()->faults_file++;
		enter_around(f);
	}
	return done;
}

static enum outcome
private_fault(struct fault *f) REQUIRES(f->space->lock)
{
	struct overlay_path at;
	enum outcome done;

	if (f->acc == ACCESS_WRITE && f->region->object == NULL)
		return private_store(f, NULL);
	overlay_find(&f->region->overlay, f->va, &at);
	if (at.page == NULL && f->region->object != NULL)
		return private_object(f);
	if (at.page == NULL || f->acc == ACCESS_WRITE)
		return private_store(f, NULL);
	done = enter(f, at.page, at.alone);
	if (done == DONE)
		enter_around(f);
	return done;
}

/* New page P, with its reference, into VA's slot; on failure it goes. */
static err_t
install(struct space *s, struct region *r, vaddr_t va, struct page *p) REQUIRES(s->lock)
{
	struct overlay_slot slot;
	err_t err = overlay_own(&r->overlay, va, &slot);

	if (err != OK) {
		page_put(p);
		return err;
	}
	pmap_remove(s->pmap, va, PAGE_SIZE);
	overlay_set(r, &slot, p);
	return OK;
}

err_t
fault_own_page(struct space *s, struct region *r, vaddr_t va, struct page *from,
    struct page **page)
{
	*page = new_page(from);
	return *page != NULL ? install(s, r, va, *page) : ERR(ENOMEM);
}

/* ---- shared regions ---- */

static enum outcome
shared_fault(struct fault *f) REQUIRES(f->space->lock)
{
	struct object *o = f->region->object;
	enum outcome done;
	struct page *p;
	bool can_store;

	mutex_lock(&o->lock);
	p = object_lookup(o, region_index(f->region, f->va));
	if (p == NULL || (p->flags & PAGE_BUSY)) {
		mutex_unlock(&o->lock);
		return need(f, NEED_FILL);
	}
	p->flags |= PAGE_USED;
	can_store = storable(o, p);
	if (f->acc == ACCESS_WRITE && !can_store)
		done = NEED_WRITE;
	else
		done = enter(f, p, can_store);
	mutex_unlock(&o->lock);
	if (done == NEED_WRITE)
		return need(f, NEED_WRITE);
	if (done == DONE && o->ops != NULL) {
		cpu_this()->faults_file++;
		enter_around(f);
	}
	return done;
}

/* ---- one try, and the loop ---- */

static enum outcome
check_rights(struct fault *f)
{
	static const prot_t wanted[] = {
		[ACCESS_READ] = MD_PROT_READ, [ACCESS_WRITE] = PROT_W,
		[ACCESS_EXEC] = MD_PROT_EXEC,
	};
	const struct region *r = f->region;

	if (r == NULL)
		return refuse(f, FAULT_NO_MAPPING);
	if (r->flags & KREG_GUARD)
		return refuse(f, FAULT_GUARD);
	if ((r->prot & wanted[f->acc]) == 0)
		return refuse(f, f->acc == ACCESS_WRITE ? FAULT_READ_ONLY : FAULT_NO_RIGHT);
	return DONE;
}

static enum outcome
try(struct fault *f) REQUIRES(f->space->lock)
{
	f->region = region_at(f->space, f->va);
	if (check_rights(f) == REFUSED)
		return REFUSED;
	return f->region->shared ? shared_fault(f) : private_fault(f);
}

static void
unpin(struct fault *f)
{
	if (f->pin != NULL)
		page_put(f->pin);
	f->pin = NULL;
}

static enum fault_why
why_of(err_t err)
{
	if (err == OK)
		return FAULT_OK;
	if (err == ERR(EFAULT))
		return FAULT_PAST_END;
	return err == ERR(ENOMEM) ? FAULT_NO_MEMORY : FAULT_IO;
}

/* Bring the object's page in; with NEED_WRITE make it storable too. Nothing is locked (R3). */
static enum fault_why
bring_in(struct fault *f, bool write)
{
	err_t err;

	unpin(f);
	err = object_page(f->object, f->index, &f->pin);
	if (err == OK && write && f->object->ops != NULL) {
		object_dirty_throttle();
		err = f->object->ops->prepare_write(f->object, f->pin);
	}
	object_put(f->object);
	return why_of(err);
}

enum fault_why
space_fault(struct space *s, vaddr_t va, enum access acc)
{
	struct fault f = { .space = s, .va = PAGE_DOWN(va), .acc = acc, .why = FAULT_OK };
	enum outcome out = REFUSED;

	if (va >= USER_MAX)
		return FAULT_NO_MAPPING;
	while (f.why == FAULT_OK) {
		mutex_lock(&f.space->lock);
		out = try(&f);
		mutex_unlock(&f.space->lock);
		if (out == DONE || out == REFUSED)
			break;
		if (out == NEED_MEMORY)
			f.why = why_of(mem_reclaim(1));
		else
			f.why = bring_in(&f, out == NEED_WRITE);
	}
	unpin(&f);
	if (out == DONE)
		cpu_this()->faults++;
	return f.why;
}

const char *
fault_why_text(enum fault_why why)
{
	static const char *const text[] = {
		[FAULT_OK] = "no error", [FAULT_NO_MAPPING] = "no mapping",
		[FAULT_READ_ONLY] = "read-only", [FAULT_NO_RIGHT] = "no right",
		[FAULT_GUARD] = "stack guard", [FAULT_PAST_END] = "past end of file",
		[FAULT_NO_MEMORY] = "out of memory", [FAULT_IO] = "disk error",
	};

	return text[why];
}

int
fault_signal(enum fault_why why)
{
	if (why == FAULT_NO_MEMORY)
		return SIGKILL;
	return why == FAULT_PAST_END || why == FAULT_IO ? SIGBUS : SIGSEGV;
}

/* ---- on behalf of exec and the break ---- */

/*
 * The page of VA as it is: *PAGE is NULL when it has no frame. Private pages,
 * or OBJECT's (R's object) absent one.
 */
static enum outcome
look(struct fault *f, struct page **page) REQUIRES(f->space->lock)
{
	struct overlay_path at;

	*page = NULL;
	f->region = region_at(f->space, f->va);
	if (f->region == NULL)
		return refuse(f, FAULT_NO_MAPPING);
	overlay_find(&f->region->overlay, f->va, &at);
	*page = at.page;
	if (at.page != NULL || f->region->object == NULL)
		return DONE;
	mutex_lock(&f->region->object->lock);
	*page = object_lookup(f->region->object, region_index(f->region, f->va));
	if (*page != NULL && (*page)->flags & PAGE_BUSY)
		*page = NULL;
	mutex_unlock(&f->region->object->lock);
	return *page != NULL ? DONE : need(f, NEED_FILL);
}

err_t
fault_page_to_share(struct region *r, vaddr_t va, struct page **page)
{
	struct page *from = NULL;
	struct overlay_path at;
	bool there = true;

	overlay_find(&r->overlay, va, &at);
	*page = at.page;
	if (at.page != NULL && at.alone) {
		page_get(at.page);
		return OK;
	}
	if (at.page != NULL || r->object == NULL) {
		*page = new_page(at.page);
	} else {
		mutex_lock(&r->object->lock);
		from = object_lookup(r->object, region_index(r, va));
		there = from != NULL && !(from->flags & PAGE_BUSY);
		*page = there ? new_page(from) : NULL;
		mutex_unlock(&r->object->lock);
	}
	if (*page != NULL)
		return OK;
	return there ? ERR(ENOMEM) : ERR(EAGAIN);
}

/* STORE: the page is to be the region's own, to be stored to through *PAGE. */
static enum outcome
try_give(struct fault *f, bool store, struct page **page) REQUIRES(f->space->lock)
{
	enum outcome out = look(f, page);
	err_t err;

	if (out != DONE)
		return out;
	if (f->region->shared || (*page != NULL && !store))
		return DONE;
	err = fault_page_to_share(f->region, f->va, page);
	if (err == ERR(EAGAIN))
		return need(f, NEED_FILL);
	if (err == OK && page_refs(*page) == 1)
		err = install(f->space, f->region, f->va, *page);
	else if (err == OK)
		page_put(*page);	/* it was there */
	return err == OK ? DONE : NEED_MEMORY;
}

err_t
fault_fill_page(struct space *s, vaddr_t va)
{
	struct fault f = { .space = s, .va = va, .acc = ACCESS_READ, .why = FAULT_OK };
	struct page *page;
	enum outcome out;

	space_lock(f.space);
	out = look(&f, &page);
	mutex_unlock(&f.space->lock);
	if (out == NEED_FILL)
		f.why = bring_in(&f, false);
	unpin(&f);
	return f.why == FAULT_OK ? OK : ERR(EFAULT);
}

/* Give VA's page a frame; then STORE N bytes of SRC at VA, within the page. */
static err_t
give_page(struct space *s, vaddr_t va, bool store, const void *src, size_t n)
{
	struct fault f = { .space = s, .va = PAGE_DOWN(va), .acc = ACCESS_WRITE, .why = FAULT_OK };
	struct page *page = NULL;
	enum outcome out = REFUSED;

	while (f.why == FAULT_OK) {
		space_lock(f.space);
		out = try_give(&f, store, &page);
		if (out == DONE && store)
			memcpy((char *)page_virt(page) + (va & PAGE_MASK), src, n);
		mutex_unlock(&f.space->lock);
		if (out == DONE || out == REFUSED)
			break;
		f.why = out == NEED_MEMORY ? why_of(mem_reclaim(1)) : bring_in(&f, false);
	}
	unpin(&f);
	if (f.why == FAULT_NO_MEMORY)
		return ERR(ENOMEM);
	if (f.why == FAULT_IO)
		return ERR(EIO);
	return f.why == FAULT_OK ? OK : ERR(EFAULT);
}

/* Enter what is there in [start, end), which one region covers. */
static void
enter_range(struct space *s, vaddr_t start, vaddr_t end)
{
	struct region *r;

	space_lock(s);
	r = region_at(s, start);
	if (r != NULL && (r->prot & PROT_R))
		enter_present(s, r, start, MIN(end, r->end));
	mutex_unlock(&s->lock);
}

err_t
space_populate(struct space *s, vaddr_t start, size_t len)
{
	size_t pages = len / PAGE_SIZE;
	err_t err = OK;

	/* Hopeless: fail before all caches are gone, and others killed for want of memory. */
	if (pages > page_count_total() / 8 && pages > mem_available())
		return ERR(ENOMEM);
	for (vaddr_t va = start; va < start + len && err == OK; va += PAGE_SIZE) {
		err = give_page(s, va, false, NULL, 0);
		thread_breathe();
	}
	if (err == OK)
		enter_range(s, start, start + MIN(len, AROUND_MAX * PAGE_SIZE));
	return err;
}

/*
 * The pages of M, with their references, become those from VA on of private region R, which has
 * none of its own there. How many are entered.
 */
static unsigned
adopt(struct space *s, struct region *r, vaddr_t va, const struct map_request *m, err_t *err)
{
	struct page **first = m->last, **end = first + m->nlast;
	prot_t prot = entry_prot(r, true);
	struct overlay_slot slot;
	unsigned entered = 0;

	for (struct page **p = first; p < end; p++, va += PAGE_SIZE) {
		if (p > first && va % (OVERLAY_SLOTS * PAGE_SIZE) != 0)
			slot.at++;
		else
			do
				*err = overlay_own(&r->overlay, va, &slot);
			while (*err != OK && mem_reclaim(1) == OK);
		if (*err != OK)
			break;
		if ((prot & PROT_R) && pmap_enter(s->pmap, va, page_phys(*p), prot) == OK)
			entered++;
		overlay_set(r, &slot, *p);
		*p = NULL;
	}
	return entered;
}

/* A window's worth of [va, end). */
static unsigned
enter_some(struct space *s, struct region *r, vaddr_t va, vaddr_t end)
{
	if (va >= end || !(r->prot & PROT_R))
		return 0;
	return enter_present(s, r, va, MIN(end, va + AROUND_MAX * PAGE_SIZE));
}

err_t
fault_region_begins(struct space *s, struct region *r, const struct map_request *m) NO_TSA
{
	vaddr_t own = r->end - m->nlast * PAGE_SIZE;
	unsigned entered = 0;
	err_t err = OK;

	if (m->resident)	/* while it is simple: the object's alone */
		entered = enter_some(s, r, r->start, own);
	if (m->nlast > 0)
		entered += adopt(s, r, own, m, &err);
	if (err != OK)
		return err;
	if (m->resident && entered < m->len >> PAGE_SHIFT)
		return space_populate(s, r->start, m->len);
	return OK;
}

err_t
space_store(struct space *s, vaddr_t va, const void *src, size_t n)
{
	const char *from = src;
	err_t err = OK;

	while (n > 0 && err == OK) {
		size_t k = MIN(n, PAGE_SIZE - (va & PAGE_MASK));

		err = give_page(s, va, true, from, k);
		va += k;
		n -= k;
		from += k;
	}
	return err;
}
