/*
 * Memory placed at the break: growth by pages, the one shared page of
 * mapshared, and pages of one process made to appear in another (SPEC 2.2).
 *
 * A region that was placed at the break remembers where the break was
 * (brk_before), so that removing it from the top returns it to the byte.
 */
#include "lib/assert.h"
#include "mem/reclaim.h"
#include "mem/slab.h"
#include "vm/region.h"

err_t
space_grow_at(struct space *s, size_t len, vaddr_t at, vaddr_t *start)
{
	struct map_request m = { .start = at, .len = len, .prot = PROT_R | PROT_W,
		.maxprot = PROT_RWX };
	vaddr_t old;
	err_t err;

	if (len == 0 || len % PAGE_SIZE != 0 || len > USER_MAX || (at & PAGE_MASK) != 0)
		return ERR(EINVAL);
	if (at != 0)	/* the break that we see may move, but then what moves it is in the way */
		return at < atomic_load_relaxed(&s->brk) ? ERR(EINVAL) : space_map(s, &m, start);
	err = space_sbrk(s, (intptr_t)len, BREAK_PAGES, &old);
	*start = PAGE_UP(old);
	return err;
}

#define MOST_TRIES	8	/* to have all pages of a range in memory at once */

/* ---- regions at the break ---- */

/* LEN bytes fit at the break. */
static bool
has_room(struct space *s, size_t len) REQUIRES(s->lock)
{
	vaddr_t base = PAGE_UP(s->brk);

	return len <= USER_MAX - base && space_range_free(s, base, base + len);
}

/* R, LEN bytes long, goes to the break, which becomes its end. SPACE_FULL: something is there. */
static err_t
place_at_break(struct space *s, struct region *r, size_t len, uint64_t objpage) REQUIRES(s->lock)
{
	vaddr_t start = PAGE_UP(s->brk);

	if (!has_room(s, len))
		return SPACE_FULL;
	r->brk_before = s->brk;
	object_set_bounds(r, start, start + len, objpage);
	region_link(s, r);
	s->brk = start + len;
	return OK;
}

/* Where break BRK goes when [start, end) of R, which may have been divided, is removed. */
static vaddr_t
break_without(vaddr_t brk, const struct region *r, vaddr_t start, vaddr_t end)
{
	if (brk != end)
		return brk;
	return PAGE_UP(r->brk_before) == start ? r->brk_before : start;
}

static struct region *
find_mapshared(struct space *s) REQUIRES(s->lock)
{
	for (struct tree_node *n = tree_first(&s->regions); n != NULL; n = tree_next(n))
		if (region_of(n)->flags & KREG_MAPSHARED)
			return region_of(n);
	return NULL;
}

err_t
space_mapshared(struct space *s, vaddr_t *va)
{
	struct map_request m = { .prot = PROT_R | PROT_W, .maxprot = PROT_RWX, .shared = true,
		.flags = KREG_MAPSHARED };
	struct region_stock stock;
	err_t err = region_stock_fill(&stock, 1);
	struct region *r;

	if (err != OK)
		return err;
	m.object = object_create_anon();
	if (m.object == NULL) {
		region_stock_free(&stock);
		return ERR(ENOMEM);
	}
	r = stock.r[0];
	region_fill_in(r, s, &m);
	space_lock(s);
	if (find_mapshared(s) != NULL)
		err = ERR(EEXIST);
	else
		err = place_at_break(s, r, PAGE_SIZE, 0);
	if (err == OK) {
		*va = r->start;
		stock.r[0] = NULL;
	}
	mutex_unlock(&s->lock);
	if (err != OK)
		object_put(m.object);
	region_stock_free(&stock);
	return room_error(err);
}

vaddr_t
space_getshared(struct space *s)
{
	struct region *r;
	vaddr_t va;

	mutex_lock(&s->lock);
	r = find_mapshared(s);
	va = r == NULL ? 0 : r->start;
	mutex_unlock(&s->lock);
	return va;
}

err_t
space_unmapshared(struct space *s)
{
	struct list dead = LIST_INIT(dead);
	struct region *none = NULL, *r;
	err_t err = ERR(EINVAL);

	space_lock(s);
	r = find_mapshared(s);
	if (r != NULL) {
		s->brk = break_without(s->brk, r, r->start, r->end);
		err = space_unmap_locked(s, r->start, r->end, &none, &dead);
	}
	mutex_unlock(&s->lock);
	region_bury(&dead);
	return err;
}

/* ---- pages of one process in another ---- */

/*
 * One piece of the source range for each of its regions: the part of the
 * source region that becomes shared memory (object: its pages, moved from the
 * overlay; NULL: it is shared already) and the region that will show it in the destination.
 */
struct piece {
	struct list link;
	vaddr_t	 start, end;
	struct object *object;
	struct region *mirror;
};

struct sharing {
	struct space *src, *dst;
	vaddr_t	 start, end;		/* pages of the source */
	struct list pieces;
	struct region_stock stock;	/* for the two ends in the source */
	vaddr_t	 at;			/* the last page that was tried */
};

static void
piece_free(struct piece *p)
{
	if (p->object != NULL)
		object_put(p->object);
	if (p->mirror != NULL)
		region_free(p->mirror);
	kmem_free(p, sizeof(*p));
}

static void
pieces_free(struct sharing *sh)
{
	struct list *l;

	while ((l = list_pop(&sh->pieces)) != NULL)
		piece_free(list_entry(l, struct piece, link));
}

static struct piece *
piece_new(struct sharing *sh, vaddr_t start, vaddr_t end)
{
	struct piece *p = kmem_alloc(sizeof(*p));

	if (p == NULL)
		return NULL;
	*p = (struct piece){ .start = start, .end = end, .mirror = region_new() };
	list_append(&sh->pieces, &p->link);
	return p->mirror == NULL ? NULL : p;
}

/*
 * Every page that private region R has, or is to have, in the piece into the piece's object. R
 * itself does not change: when anything fails later the object goes, with what is new in it.
 */
static err_t
gather(struct sharing *sh, struct region *r, struct piece *p) REQUIRES(sh->src->lock)
{
	p->object = object_create_anon();
	if (p->object == NULL)
		return ERR(ENOMEM);
	for (vaddr_t va = p->start; va < p->end; va += PAGE_SIZE) {
		struct page *page;
		err_t err = fault_page_to_share(r, va, &page);

		sh->at = va;
		if (err != OK)
			return err;
		err = object_adopt(p->object, (uint32_t)((va - p->start) >> PAGE_SHIFT), page);
		page_put(page);
		if (err != OK)
			return err;
	}
	return OK;
}

static bool
maps_privately(const struct region *r)
{
	return !r->shared && r->object != NULL && r->object->ops != NULL;
}

/* VA of R, which maps a file privately, has a page of its own or is not beyond the end. */
static bool
can_have_page(struct region *r, vaddr_t va) NO_TSA
{
	struct overlay_path at;
	bool in;

	overlay_find(&r->overlay, va, &at);
	if (at.page != NULL)
		return true;
	mutex_lock(&r->object->lock);
	in = (uint64_t)region_index(r, va) << PAGE_SHIFT < r->object->size;
	mutex_unlock(&r->object->lock);
	return in;
}

/* Every page of the range is in a region that has pages. */
static bool
all_mapped(struct space *s, vaddr_t start, vaddr_t end) REQUIRES(s->lock)
{
	while (start < end) {
		struct region *r = region_at(s, start);

		if (r == NULL || (r->flags & KREG_GUARD))
			return false;
		if (maps_privately(r) && !can_have_page(r, start))
			return false;
		start = maps_privately(r) ? start + PAGE_SIZE : r->end;
	}
	return true;
}

/* Everything that can fail. Nothing that anybody can see changes. */
static err_t
prepare(struct sharing *sh) REQUIRES(sh->src->lock, sh->dst->lock)
{
	vaddr_t at = sh->start;
	err_t err = OK;

	if (!all_mapped(sh->src, sh->start, sh->end))
		return ERR(EFAULT);
	if (!has_room(sh->dst, sh->end - sh->start))
		return SPACE_FULL;
	for (struct region *r; err == OK && at < sh->end; at = r->end) {
		struct piece *p;

		r = region_at(sh->src, at);
		p = piece_new(sh, at, MIN(r->end, sh->end));
		if (p == NULL)
			return ERR(ENOMEM);
		if (!r->shared)
			err = gather(sh, r, p);
	}
	if (err == OK)
		err = region_split_at(sh->src, sh->start, &sh->stock.r[0]);
	if (err == OK)
		err = region_split_at(sh->src, sh->end, &sh->stock.r[1]);
	return err;
}

/* Source region R, private, becomes shared: its pages are O's now. */
static void
make_shared(struct space *s, struct region *r, struct object *o) REQUIRES(s->lock)
{
	pmap_remove(s->pmap, r->start, r->end - r->start);
	object_detach(r);
	overlay_drop(&r->overlay);
	r->priv = 0;
	r->shared = true;
	r->object = o;
	object_set_bounds(r, r->start, r->end, 0);
}

/* Cannot fail. */
static void
perform(struct sharing *sh, struct list *old_objects, vaddr_t *at)
    REQUIRES(sh->src->lock, sh->dst->lock)
{
	struct piece *p, *next;

	*at = PAGE_UP(sh->dst->brk);
	list_for_safe(p, next, &sh->pieces, link) {
		struct region *r = region_at(sh->src, p->start), *m = p->mirror;
		struct object *mine = p->object;
		struct map_request req = { .prot = r->prot, .maxprot = r->maxprot, .shared = true };
		err_t err;

		if (mine != NULL) {
			p->object = r->object;	/* put with the piece, unlocked (R2) */
			make_shared(sh->src, r, mine);
		}
		req.object = r->object;
		object_get(r->object);
		region_fill_in(m, sh->dst, &req);
		err = place_at_break(sh->dst, m, p->end - p->start, r->objpage);
		assert(err == OK);
		p->mirror = NULL;
		list_remove(&p->link);
		list_append(old_objects, &p->link);
	}
}

static void
lock_both(struct space *a, struct space *b) NO_TSA
{
	space_lock(a < b ? a : b);
	mutex_lock_nested(a < b ? &b->lock : &a->lock);
	space_forget_store(a < b ? b : a);
}

/* One try. */
static err_t
share_once(struct sharing *sh, vaddr_t *at) NO_TSA
{
	struct list done = LIST_INIT(done);
	err_t err;

	lock_both(sh->src, sh->dst);
	err = prepare(sh);
	if (err == OK)
		perform(sh, &done, at);
	mutex_unlock(&sh->src->lock);
	mutex_unlock(&sh->dst->lock);
	list_splice(&sh->pieces, &done);
	pieces_free(sh);
	return err;
}

/*
 * After try number N failed with ERR: what it lacked is there now. OK: once more. Each starts from
 * nothing, so that what one gave back, or brought in, may be all that is there for the next.
 */
static err_t
provide(struct sharing *sh, err_t err, unsigned n)
{
	if (err != ERR(ENOMEM) && err != ERR(EAGAIN))
		return err;
	if (n == MOST_TRIES)
		return ERR(ENOMEM);
	if (err == ERR(ENOMEM))
		return mem_reclaim((sh->end - sh->at) >> PAGE_SHIFT);
	for (vaddr_t va = sh->at; va < sh->end; va += PAGE_SIZE) {
		err = fault_fill_page(sh->src, va);
		if (err != OK)
			return err;
	}
	return OK;
}

err_t
space_share_pages(struct space *src, struct space *dst, vaddr_t va, size_t size, vaddr_t *at)
{
	struct sharing sh = { .src = src, .dst = dst, .start = PAGE_DOWN(va) };
	err_t err, lack = OK;

	assert(src != dst);
	if (size == 0 || va >= USER_MAX || size > USER_MAX - va)
		return ERR(EINVAL);
	sh.end = PAGE_UP(va + size);
	list_init(&sh.pieces);
	/* Hopeless: fail before others are killed for want of what the tries hold meanwhile. */
	if ((sh.end - sh.start) >> PAGE_SHIFT > mem_available() + space_ppages(src))
		return ERR(ENOMEM);
	for (unsigned n = 1; lack == OK; n++) {
		err = region_stock_fill(&sh.stock, 2);
		if (err != OK)
			return err;
		sh.at = sh.start;
		err = share_once(&sh, at);
		region_stock_free(&sh.stock);
		if (err == OK)
			break;
		lack = provide(&sh, err, n);
	}
	err = lack;
	if (err == OK)
		*at += va & PAGE_MASK;
	return room_error(err);
}

/* Every page of the range is in a shared region. */
static bool
all_shared(struct space *s, vaddr_t start, vaddr_t end) REQUIRES(s->lock)
{
	for (struct region *r; start < end; start = r->end) {
		r = region_at(s, start);
		if (r == NULL || !r->shared)
			return false;
	}
	return true;
}

/* Where the break will be without [start, end), region by region from the top. */
static vaddr_t
break_after(struct space *s, vaddr_t start, vaddr_t end) REQUIRES(s->lock)
{
	vaddr_t brk = s->brk;

	while (brk == end && end > start) {
		struct region *r = region_at(s, end - 1);
		vaddr_t from = MAX(start, r->start);

		brk = break_without(brk, r, from, end);
		end = from;
	}
	return brk;
}

err_t
space_unshare_pages(struct space *s, vaddr_t va, size_t size)
{
	vaddr_t start = PAGE_DOWN(va), end, brk;
	struct list dead = LIST_INIT(dead);
	struct region_stock stock;
	err_t err;

	if (size == 0 || va >= USER_MAX || size > USER_MAX - va)
		return ERR(EINVAL);
	end = PAGE_UP(va + size);
	err = region_stock_fill(&stock, 2);
	if (err != OK)
		return err;
	do {
		space_lock(s);
		err = ERR(EINVAL);
		if (all_shared(s, start, end)) {
			brk = break_after(s, start, end);
			err = space_unmap_locked(s, start, end, &stock.r[0], &dead);
			if (err == OK)
				s->brk = brk;
		}
		mutex_unlock(&s->lock);
	} while (err == ERR(ENOMEM) && mem_reclaim(1) == OK);
	region_bury(&dead);
	region_stock_free(&stock);
	return err;
}
