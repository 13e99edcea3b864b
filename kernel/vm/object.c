/* See vm/object.h. */
#include "vm/object.h"

#include "lib/assert.h"
#include "lib/string.h"
#include "md/pmap.h"
#include "md/usercopy.h"
#include "mem/reclaim.h"
#include "mem/slab.h"
#include "vm/region.h"

SLAB_CACHE(object_cache, struct object);
SLAB_CACHE(radix_cache, struct radix_node);

/* All file objects that have pages, for counting and for the clock hand. */
static struct {
	struct spinlock lock;		/* RANK_WAIT */
	struct list list;		/* lock */
	struct list walks;		/* lock: the ways through it that are under way */
	struct waitq walked;		/* lock: an object's walkers went to 0 */
} files = { .lock = SPINLOCK_INIT("file objects", RANK_WAIT), .list = LIST_INIT(files.list),
	.walks = LIST_INIT(files.walks), .walked = WAITQ_INIT(files.walked, "object") };

struct walk {
	struct list *next;		/* files.lock: in the list, or its head */
	struct list link;		/* files.lock: in files.walks */
};
static struct walk hand;		/* the clock's */

static uint32_t dirty_total;		/* @ */
static uint64_t reclaimed;		/* files.lock */
static size_t (*writer)(size_t want);	/* c after boot */

static struct radix_node *
node_alloc(void)
{
	return slab_alloc_zero(&radix_cache);
}

static void
node_free(struct radix_node *n)
{
	slab_free(&radix_cache, n);
}

/* Nodes of files hold what is a cache, and go with it: getNumFreePages counts them as free. */
static struct radix_node *
file_node_alloc(void)
{
	struct radix_node *n = node_alloc();

	/* Or new_frame's last frames would be of no use. */
	if (n == NULL && slab_grow_urgent(&radix_cache))
		n = node_alloc();
	if (n != NULL)
		slab_note_cached(&radix_cache, 1);
	return n;
}

static void
file_node_free(struct radix_node *n)
{
	slab_note_cached(&radix_cache, -1);
	node_free(n);
}

static const struct radix_mem *
node_mem(const struct object *o)
{
	static const struct radix_mem anon = { node_alloc, node_free };
	static const struct radix_mem file = { file_node_alloc, file_node_free };

	return o->ops == NULL ? &anon : &file;
}

/* ---- life ---- */

void
object_init(struct object *o, const struct object_ops *ops)
{
	mutex_init(&o->lock, "object", RANK_OBJECT);
	radix_init(&o->pages);
	o->near.n = o->window.n = 0;
	o->npages = o->ndirty = o->nwriteback = 0;
	o->dirty_first = UINT32_MAX;
	o->dirty_end = 0;
	list_init(&o->regions);
	o->ops = ops;
	o->refs = 1;
	o->size = 0;
	o->growing = false;
	spin_init(&o->wait_lock, "page wait", RANK_WAIT);
	waitq_init(&o->wait, "page");
	o->wait_turn = 0;
	list_init(&o->all_link);
	o->walkers = 0;
}

void
object_fini(struct object *o)
{
	assert(o->npages == 0 && list_empty(&o->regions));
	spin_lock(&files.lock);
	while (o->walkers > 0)
		waitq_wait(&files.walked, &files.lock);
	assert(list_empty(&o->all_link));
	spin_unlock(&files.lock);
}

struct object *
object_create_anon(void)
{
	struct object *o = slab_alloc(&object_cache);

	if (o != NULL)
		object_init(o, NULL);
	return o;
}

void
object_get(struct object *o)
{
	if (o->ops != NULL)
		o->ops->get(o);
	else
		atomic_add_relaxed(&o->refs, 1);
}

void
object_put(struct object *o)
{
	if (o->ops != NULL) {
		o->ops->put(o);
		return;
	}
	if (atomic_sub_release(&o->refs, 1) > 0)
		return;
	atomic_fence_acquire();
	object_drop_all(o);
	object_fini(o);
	slab_free(&object_cache, o);
}

/* ---- waiting for BUSY and WRITEBACK pages ---- */

/* Gives the object's lock up; look everything up again. */
static void
wait_for_page(struct object *o, struct page *p) RELEASES(o->lock)
{
	uint32_t turn = atomic_load(&o->wait_turn);

	p->flags |= PAGE_WANTED;
	mutex_unlock(&o->lock);
	spin_lock(&o->wait_lock);
	while (o->wait_turn == turn)
		waitq_wait(&o->wait, &o->wait_lock);
	spin_unlock(&o->wait_lock);
}

static void
wake_page(struct object *o, struct page *p, uint16_t ended) REQUIRES(o->lock)
{
	bool wanted = p->flags & PAGE_WANTED;

	p->flags &= (uint16_t)~(ended | PAGE_WANTED);
	if (!wanted)
		return;
	spin_lock(&o->wait_lock);
	o->wait_turn++;
	waitq_wake_all(&o->wait);
	spin_unlock(&o->wait_lock);
}

/* ---- mappings ---- */

/* What every region maps of page INDEX keeps at most PROT (0: nothing). */
static void
restrict_mappings(struct object *o, uint32_t index, prot_t prot) REQUIRES(o->lock)
{
	struct region *r;

	list_for(r, &o->regions, object_link) {
		vaddr_t va;

		if (index < r->objpage || index - r->objpage >= (r->end - r->start) >> PAGE_SHIFT)
			continue;
		va = r->start + ((vaddr_t)(index - r->objpage) << PAGE_SHIFT);
		if (prot == 0)
			pmap_remove(r->space->pmap, va, PAGE_SIZE);
		else
			pmap_protect(r->space->pmap, va, PAGE_SIZE, prot);
	}
}

static bool
in_a_region(struct object *o, uint32_t index) REQUIRES(o->lock)
{
	struct region *r;

	list_for(r, &o->regions, object_link)
		if (index >= r->objpage && index - r->objpage < (r->end - r->start) >> PAGE_SHIFT)
			return true;
	return false;
}

void
object_set_bounds(struct region *r, vaddr_t start, vaddr_t end, uint64_t objpage) NO_TSA
{
	struct object *o = r->object;

	if (o != NULL)
		mutex_lock(&o->lock);
	r->start = start;
	r->end = end;
	r->objpage = objpage;
	if (o != NULL) {
		if (list_empty(&r->object_link))
			list_append(&o->regions, &r->object_link);
		mutex_unlock(&o->lock);
	}
}

void
object_detach(struct region *r)
{
	if (r->object == NULL)
		return;
	mutex_lock(&r->object->lock);
	list_remove(&r->object_link);
	mutex_unlock(&r->object->lock);
}

#define PROT_NOT_W (PROT_R | PROT_X | PROT_U)

/* ---- the pages ---- */

struct page *
object_lookup_far(struct object *o, uint32_t index)
{
	o->near = radix_leaf(&o->pages, index);
	return o->near.n == 0 ? NULL : o->near.slot[index - o->near.first];
}

const char *
object_window_move(struct object *o, uint64_t off, size_t n)
{
	size_t at = (size_t)off % PAGE_SIZE;
	struct page *p;

	if (off > UINT32_MAX || off + n > o->size || at + n > PAGE_SIZE)
		return NULL;
	p = object_lookup(o, (uint32_t)(off >> PAGE_SHIFT));
	if (p == NULL || p->flags & PAGE_BUSY)
		return NULL;
	p->flags |= PAGE_USED;
	o->window = (struct object_window){ (size_t)off - at,
		(size_t)MIN(o->size - off + at, PAGE_SIZE), page_virt(p) };
	return o->window.va + at;
}

static bool
beyond_end(const struct object *o, uint32_t index)
{
	return o->ops != NULL && ((uint64_t)index << PAGE_SHIFT) >= o->size;
}

/* P becomes page INDEX, with the object's reference and a pin. false: out of memory. */
static bool
insert(struct object *o, uint32_t index, struct page *p) REQUIRES(o->lock)
{
	if (object_slots(o, index) != NULL) {
		radix_leaf_insert(&o->near, index, p);
	} else {
		o->near.n = 0;		/* the tree may grow */
		if (!radix_insert(&o->pages, index, p, node_mem(o)))
			return false;
	}
	p->obj = o;
	p->index = index;
	page_get(p);
	if (o->npages++ == 0 && o->ops != NULL) {
		spin_lock(&files.lock);
		list_append(&files.list, &o->all_link);
		spin_unlock(&files.lock);
	}
	return true;
}

static void
set_dirty(struct object *o, struct page *p) REQUIRES(o->lock)
{
	if (p->flags & PAGE_DIRTY)
		return;
	p->flags |= PAGE_DIRTY;
	o->ndirty++;
	o->dirty_first = MIN(o->dirty_first, p->index);
	o->dirty_end = MAX(o->dirty_end, p->index + 1);
	if (!(p->flags & PAGE_WRITEBACK))
		atomic_add(&dirty_total, 1);
}

static void
set_clean(struct object *o, struct page *p) REQUIRES(o->lock)
{
	if (p->flags & PAGE_DIRTY) {
		p->flags &= (uint16_t)~PAGE_DIRTY;
		atomic_store_release(&o->ndirty, o->ndirty - 1);
		if (o->ndirty == 0) {
			o->dirty_first = UINT32_MAX;
			o->dirty_end = 0;
		}
		if (!(p->flags & PAGE_WRITEBACK))
			atomic_sub(&dirty_total, 1);
	}
}

/* O has no pages any more. Who would come to it next goes to the one behind. */
static void
files_leave(struct object *o)
{
	struct walk *w;

	spin_lock(&files.lock);
	list_for(w, &files.walks, link)
		if (w->next == &o->all_link)
			w->next = o->all_link.next;
	list_remove(&o->all_link);
	spin_unlock(&files.lock);
}

/* Take P, mapped nowhere, neither BUSY nor WRITEBACK, out of the object. */
static void
remove(struct object *o, struct page *p) REQUIRES(o->lock)
{
	void *was = radix_remove(&o->pages, p->index, node_mem(o));

	assert(was == p && !(p->flags & (PAGE_BUSY | PAGE_WRITEBACK)));
	set_clean(o, p);
	o->near.n = o->window.n = 0;
	p->obj = NULL;
	if (--o->npages == 0 && o->ops != NULL)
		files_leave(o);
	page_put(p);
}

/*
 * A frame for a page that nobody has seen. File pages may draw on the emergency stock: a
 * program's text must not be lost to somebody's greed. They do so before other pages that
 * programs map are taken, or the few that one needs at a time would drive each other out.
 */
static struct page *
new_frame(struct object *o)
{
	struct page *p;

	if (o->ops == NULL)
		return page_alloc_wait(PAGE_ANON);
	p = page_alloc(PAGE_FILE);
	if (p == NULL) {
		(void)mem_reclaim_unused(1);
		p = page_alloc_urgent(PAGE_FILE);
	}
	while (p == NULL && mem_reclaim(1) == OK)
		p = page_alloc_urgent(PAGE_FILE);
	return p;
}

/*
 * Find page INDEX, waiting until it is not BUSY, or put one there that is
 * BUSY. Pinned; *CREATED says which. What lies beyond the end is a writer's own, who may be us.
 */
static err_t
find_or_create(struct object *o, uint32_t index, struct page **out, bool *created)
{
	struct page *p, *fresh = NULL;
	err_t err = OK;

	for (;;) {
		mutex_lock(&o->lock);
		p = beyond_end(o, index) ? NULL : object_lookup(o, index);
		if (p != NULL && (p->flags & PAGE_BUSY)) {
			wait_for_page(o, p);
			continue;
		}
		if (p != NULL || beyond_end(o, index))
			break;
		if (fresh != NULL && insert(o, index, fresh)) {
			fresh->flags = PAGE_BUSY;
			break;
		}
		mutex_unlock(&o->lock);
		if (fresh != NULL && (err = mem_reclaim(1)) != OK)
			goto out;
		if (fresh == NULL && (fresh = new_frame(o)) == NULL)
			return ERR(ENOMEM);
	}
	if (p != NULL) {
		p->flags |= PAGE_USED;
		page_get(p);
	} else if (fresh == NULL || fresh->obj == NULL) {
		err = ERR(EFAULT);
	}
	mutex_unlock(&o->lock);
	*created = p == NULL && err == OK;
	*out = *created ? fresh : p;
	if (*created)
		return OK;
out:
	if (fresh != NULL)
		page_put(fresh);
	return err;
}

uint32_t
object_fill_begin(struct object *o, uint32_t index, struct page **p, uint32_t n)
{
	uint32_t i = 0;

	mutex_lock(&o->lock);
	while (i < n && !beyond_end(o, index + i) && object_lookup(o, index + i) == NULL &&
	    insert(o, index + i, p[i]))
		p[i++]->flags = PAGE_BUSY;
	mutex_unlock(&o->lock);
	return i;
}

void
object_fill_end(struct object *o, struct page **p, uint32_t n, bool backed, bool failed)
{
	mutex_lock(&o->lock);
	for (uint32_t i = 0; i < n; i++) {
		assert(p[i]->obj == o && (p[i]->flags & PAGE_BUSY));
		wake_page(o, p[i], PAGE_BUSY);
		if (backed)
			p[i]->flags |= PAGE_BACKED;
		if (failed)
			remove(o, p[i]);
	}
	mutex_unlock(&o->lock);
	for (uint32_t i = 0; i < n; i++)
		page_put(p[i]);
}

/* Fill P, BUSY and pinned; when that fails it is gone, with the pin. */
static err_t
fill_page(struct object *o, struct page *p)
{
	bool backed = false;
	err_t err = OK;

	page_get(p);		/* fill_end drops one pin, the caller's remains */
	if (o->ops == NULL)
		md_page_clear(page_virt(p));
	else
		err = o->ops->fill(o, p, &backed);
	object_fill_end(o, &p, 1, backed, err != OK);
	if (err != OK)
		page_put(p);
	return err;
}

err_t
object_page(struct object *o, uint32_t index, struct page **out)
{
	bool created;
	struct page *p = NULL;
	err_t err = find_or_create(o, index, &p, &created);

	if (err == OK && created)
		err = fill_page(o, p);
	if (err == OK)
		*out = p;
	return err;
}

void
object_mark_dirty(struct object *o, struct page *p, bool backed)
{
	mutex_lock(&o->lock);
	if (p->obj == o) {	/* else truncated away meanwhile */
		set_dirty(o, p);
		if (backed)
			p->flags |= PAGE_BACKED;
	}
	mutex_unlock(&o->lock);
}

/* ---- for regions ---- */

void
object_drop_unreachable(struct object *o, uint64_t first, uint64_t end)
{
	uint32_t i = (uint32_t)first;
	struct page *p;

	if (o == NULL || o->ops != NULL)
		return;
	mutex_lock(&o->lock);
	for (; (p = radix_next(&o->pages, &i)) != NULL && i < end; i++)
		if (!(p->flags & PAGE_BUSY) && !in_a_region(o, i))
			remove(o, p);
	mutex_unlock(&o->lock);
}

err_t
object_adopt(struct object *o, uint32_t index, struct page *p)
{
	bool in;

	mutex_lock(&o->lock);
	in = insert(o, index, p);	/* its pin becomes the object's reference */
	mutex_unlock(&o->lock);
	return in ? OK : ERR(ENOMEM);
}

size_t
object_resident(struct region *r)
{
	struct object *o = r->object;
	uint64_t end = r->objpage + ((r->end - r->start) >> PAGE_SHIFT);
	uint32_t i = (uint32_t)r->objpage;
	size_t n = 0;

	if (o == NULL)
		return 0;
	mutex_lock(&o->lock);
	for (; radix_next(&o->pages, &i) != NULL && i < end; i++) {
		struct overlay_path at;

		overlay_find(&r->overlay, r->start + ((vaddr_t)(i - r->objpage) << PAGE_SHIFT),
		    &at);
		n += at.page == NULL;
	}
	mutex_unlock(&o->lock);
	return n;
}

/* ---- size ---- */

/* The page that SIZE ends in, when it is there and SIZE is not at its end. */
static struct page *
last_page(struct object *o, uint64_t size) REQUIRES(o->lock)
{
	return size % PAGE_SIZE == 0 ? NULL : object_lookup(o, (uint32_t)(size >> PAGE_SHIFT));
}

static void
zero_beyond(struct page *p, uint64_t size)
{
	uint32_t keep = (uint32_t)(size % PAGE_SIZE);

	memset((char *)page_virt(p) + keep, 0, PAGE_SIZE - keep);
}

/* Lock the object with page INDEX, if it is there, neither BUSY nor WRITEBACK. */
static struct page *
lock_settled(struct object *o, uint32_t index) ACQUIRES(o->lock)
{
	struct page *p;

	for (;;) {
		mutex_lock(&o->lock);
		p = object_lookup(o, index);
		if (p == NULL || !(p->flags & (PAGE_BUSY | PAGE_WRITEBACK)))
			return p;
		wait_for_page(o, p);
	}
}

/* Lock the object with its last page settled, its mappings read-only, not BACKED. */
static struct page *
lock_last_page(struct object *o) ACQUIRES(o->lock)
{
	struct page *p = lock_settled(o, (uint32_t)(o->size >> PAGE_SHIFT));

	p = last_page(o, o->size);
	if (p != NULL) {
		restrict_mappings(o, p->index, PROT_NOT_W);
		p->flags &= (uint16_t)~PAGE_BACKED;
	}
	return p;
}

void
object_zero_tail(struct object *o)
{
	struct page *p = lock_last_page(o);

	if (p != NULL)
		zero_beyond(p, o->size);
	o->growing = true;
	mutex_unlock(&o->lock);
}

/* Drop pages from FIRST on; R7: the caller holds no lock that a BUSY page's thread may want. */
static void
drop_from(struct object *o, uint32_t first) EXCLUDES(o->lock)
{
	mutex_lock(&o->lock);
	for (;;) {
		uint32_t index = first;
		struct page *p = radix_next(&o->pages, &index);

		if (p == NULL)
			break;
		if (p->flags & (PAGE_BUSY | PAGE_WRITEBACK)) {
			wait_for_page(o, p);
			mutex_lock(&o->lock);
			continue;
		}
		restrict_mappings(o, index, 0);
		remove(o, p);
	}
	mutex_unlock(&o->lock);
}

uint32_t
object_insert_beyond(struct object *o, uint32_t index, struct page **p, uint32_t n)
{
	uint32_t i = 0;

	mutex_lock(&o->lock);
	while (i < n && insert(o, index + i, p[i]))
		p[i++]->flags = PAGE_BUSY;
	mutex_unlock(&o->lock);
	return i;
}

void
object_grow(struct object *o, uint64_t size, struct page **p, uint32_t n, uint32_t backed)
{
	if (o->size % PAGE_SIZE == 0)
		mutex_lock(&o->lock);
	else
		(void)lock_last_page(o);
	assert(size >= o->size);
	o->size = size;
	o->growing = false;
	for (uint32_t i = 0; i < n; i++) {
		wake_page(o, p[i], PAGE_BUSY);
		set_dirty(o, p[i]);
		if (backed >> i & 1)
			p[i]->flags |= PAGE_BACKED;
	}
	mutex_unlock(&o->lock);
}

void
object_set_size(struct object *o, uint64_t size)
{
	uint64_t end = DIV_UP(size, PAGE_SIZE);
	struct page *p;

	(void)lock_last_page(o);
	assert(size <= o->size);
	o->size = size;
	o->window.n = 0;
	o->growing = false;
	mutex_unlock(&o->lock);
	if (end <= UINT32_MAX)
		drop_from(o, (uint32_t)end);
	p = lock_settled(o, (uint32_t)(size >> PAGE_SHIFT));
	p = last_page(o, size);
	if (p != NULL) {
		restrict_mappings(o, p->index, PROT_NOT_W);
		zero_beyond(p, size);
	}
	mutex_unlock(&o->lock);
}

void
object_drop_all(struct object *o)
{
	drop_from(o, 0);
}

/* ---- write-back ---- */

static void
begin_writeback(struct object *o, struct page *p) REQUIRES(o->lock)
{
	p->flags |= PAGE_WRITEBACK;	/* first: it stays in dirty_total */
	o->nwriteback++;	/* see object_is_clean */
	set_clean(o, p);
	page_get(p);
	restrict_mappings(o, p->index, PROT_NOT_W);
	if (!o->growing && p == last_page(o, o->size))
		zero_beyond(p, o->size);
}

uint32_t
object_writeback_begin(struct object *o, uint32_t *index, bool wait, struct page **batch,
    uint32_t max)
{
	uint32_t i = *index, n = 0;
	struct page *p;

	if (atomic_load_relaxed(&o->ndirty) == 0)
		return 0;
	mutex_lock(&o->lock);
	for (i = MAX(i, o->dirty_first); n < max && i < o->dirty_end; i++) {
		p = object_lookup(o, i);
		if (p == NULL && (p = radix_next(&o->pages, &i)) == NULL)
			break;
		if (!(p->flags & PAGE_DIRTY))
			continue;
		if (!(p->flags & PAGE_WRITEBACK)) {
			begin_writeback(o, p);
			batch[n++] = p;
		} else if (wait) {
			if (n > 0)
				break;	/* with what we have begun, others may wait for us */
			wait_for_page(o, p);
			mutex_lock(&o->lock);
			i--;
		}
	}
	mutex_unlock(&o->lock);
	*index = i;
	return n;
}

void
object_writeback_end(struct object *o, struct page *p, bool failed)
{
	mutex_lock(&o->lock);
	assert(p->obj == o && (p->flags & PAGE_WRITEBACK));
	wake_page(o, p, PAGE_WRITEBACK);
	if (!(p->flags & PAGE_DIRTY))
		atomic_sub(&dirty_total, 1);
	if (failed)
		set_dirty(o, p);
	atomic_store_release(&o->nwriteback, o->nwriteback - 1);
	mutex_unlock(&o->lock);
	page_put(p);
}

void
object_writeback_wait(struct object *o)
{
	mutex_lock(&o->lock);
	for (uint32_t i = 0; o->nwriteback > 0; i++) {
		struct page *p = radix_next(&o->pages, &i);

		if (p == NULL)
			break;
		if (p->flags & PAGE_WRITEBACK) {
			wait_for_page(o, p);
			mutex_lock(&o->lock);
		}
	}
	mutex_unlock(&o->lock);
}

size_t
object_dirty_total(void)
{
	return atomic_load_relaxed(&dirty_total);
}

size_t
object_dirty_limit(void)
{
	return page_count_total() / 4;
}

void
object_dirty_throttle(void)
{
	while (object_dirty_total() > object_dirty_limit() && writer != NULL)
		if (writer(object_dirty_limit() / 8 + 1) == 0)
			break;
}

void
object_set_writer(size_t (*write_some)(size_t want))
{
	writer = write_some;
}

/* ---- all file objects: counting and reclaim ---- */

static void
walk_begin(struct walk *w)
{
	spin_lock(&files.lock);
	w->next = files.list.next;
	list_append(&files.walks, &w->link);
	spin_unlock(&files.lock);
}

/* The next object, held by `walkers`. NULL: that was all; W begins anew. */
static struct object *
walk_next(struct walk *w)
{
	struct object *o = NULL;

	spin_lock(&files.lock);
	if (w->next != &files.list) {
		o = list_entry(w->next, struct object, all_link);
		o->walkers++;
	}
	w->next = w->next->next;
	spin_unlock(&files.lock);
	return o;
}

static void
walk_end(struct object *o)
{
	spin_lock(&files.lock);
	if (--o->walkers == 0)
		waitq_wake_all(&files.walked);
	spin_unlock(&files.lock);
}

static size_t
files_on_list(void)
{
	struct list *l;
	size_t n = 0;

	spin_lock(&files.lock);
	for (l = files.list.next; l != &files.list; l = l->next)
		n++;
	spin_unlock(&files.lock);
	return n;
}

/* Pages of O that a region maps. */
static size_t
pages_in_regions(struct object *o) REQUIRES(o->lock)
{
	size_t n = 0;

	if (list_empty(&o->regions))
		return 0;
	for (uint32_t i = 0; radix_next(&o->pages, &i) != NULL; i++)
		n += in_a_region(o, i);
	return n;
}

/* SPEC 2.2: file pages that are in no region. */
static size_t
count_unmapped(void)
{
	struct object *o;
	struct walk w;
	size_t n = 0;

	walk_begin(&w);
	while ((o = walk_next(&w)) != NULL) {
		mutex_lock(&o->lock);
		n += o->npages - pages_in_regions(o);
		mutex_unlock(&o->lock);
		walk_end(o);
	}
	spin_lock(&files.lock);
	list_remove(&w.link);
	spin_unlock(&files.lock);
	return n;
}

/*
 * Free clean, unpinned pages of O. A page that was USED since the last time gets another round; one
 * in a region goes only when MAPPED.
 */
static size_t
shrink_object(struct object *o, size_t want, bool mapped) REQUIRES(o->lock)
{
	struct page *p;
	size_t n = 0;

	for (uint32_t i = 0; n < want && (p = radix_next(&o->pages, &i)) != NULL; i++) {
		if (p->flags & (PAGE_BUSY | PAGE_DIRTY | PAGE_WRITEBACK) || page_refs(p) > 1)
			continue;
		if (!mapped && in_a_region(o, i))
			continue;
		if (p->flags & PAGE_USED) {
			p->flags &= (uint16_t)~PAGE_USED;
			o->window.n = 0;
			continue;
		}
		restrict_mappings(o, i, 0);
		remove(o, p);
		n++;
	}
	return n;
}

static size_t
shrink_round(size_t want, bool mapped)
{
	size_t n = 0;

	for (size_t left = files_on_list() + 1; left > 0 && n < want; left--) {
		struct object *o = walk_next(&hand);

		if (o == NULL)
			continue;
		mutex_lock(&o->lock);
		n += shrink_object(o, want - n, mapped);
		mutex_unlock(&o->lock);
		walk_end(o);
	}
	spin_lock(&files.lock);
	reclaimed += n;
	spin_unlock(&files.lock);
	return n;
}

static size_t
shrink_files(size_t want, enum shrink_effort effort)
{
	int rounds = effort == SHRINK_UNUSED ? 2 : 4;
	size_t n = 0;

	for (int round = 0; round < rounds && n < want; round++)
		n += shrink_round(want - n, round >= 2);
	if (n > 0 || effort < SHRINK_WRITE || writer == NULL || object_dirty_total() == 0)
		return n;
	(void)writer(want);
	for (int round = 0; round < 2 && n < want; round++)
		n += shrink_round(want - n, round > 0);
	return n;
}

uint64_t
object_pages_reclaimed(void)
{
	uint64_t n;

	spin_lock(&files.lock);
	n = reclaimed;
	spin_unlock(&files.lock);
	return n;
}

void
object_subsystem_init(void)
{
	static struct shrinker s = { .name = "file pages", .order = 5,
		.shrink = shrink_files, .count = count_unmapped };

	mem_shrinker_add(&s);
	walk_begin(&hand);
}
