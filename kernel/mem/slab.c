/*
 * See mem/slab.h. A frame of a cache: `cache`, `first_free` = byte offset of its first
 * free object (the objects chain on by their first word); `refs` counts the cache and
 * each used object; frames with a free object are linked through next and prev.
 */
#include "mem/slab.h"

#include "kern/print.h"
#include "lib/string.h"
#include "mem/reclaim.h"

#define NO_OBJECT	0xffffu
#define EMPTY_KEPT	1		/* frames without a used object that a cache keeps */
#define POISON_BYTE	0x6b
#define UNINITIALISED	0xa7

static struct slab_cache *caches;	/* @: every cache that was ever used */
static struct spinlock caches_lock = SPINLOCK_INIT("slab caches", RANK_SLAB);

struct free_object {
	uint32_t next;			/* offset in the frame */
	uint32_t mark;			/* debug builds: FREE_MARK */
};
#define FREE_MARK	0xf4eef4eeu

/* ---- poison, debug builds ---- */

#ifdef DEBUG
static void
mark_free(struct slab_cache *c, struct free_object *o)
{
	o->mark = FREE_MARK;
	memset(o + 1, POISON_BYTE, c->size - sizeof(*o));
}

static void
check_free(struct slab_cache *c, const struct free_object *o)
{
	const unsigned char *b = (const void *)(o + 1);

	if (o->mark != FREE_MARK)
		panic("%s %p: written to after free", c->name, (const void *)o);
	for (size_t i = 0; i < c->size - sizeof(*o); i++)
		if (b[i] != POISON_BYTE)
			panic("%s %p: byte %zu written to after free", c->name, (const void *)o,
			    i + sizeof(*o));
}

/* Handed out: uninitialised use shows, and freeing it untouched is no mistake. */
static void
mark_used(struct slab_cache *c, struct free_object *o)
{
	memset(o, UNINITIALISED, c->size);
}

/* The mark can be a live object's own data: then the poison behind it decides. */
static void
check_not_free(struct slab_cache *c, const struct free_object *o)
{
	const unsigned char *b = (const void *)(o + 1);
	size_t i = 0;

	if (o->mark != FREE_MARK)
		return;
	while (i < c->size - sizeof(*o) && b[i] == POISON_BYTE)
		i++;
	if (i > 0 && i == c->size - sizeof(*o))
		panic("%s %p: freed twice", c->name, (const void *)o);
}
#else
#define mark_free(c, o)		((void)(c), (void)(o))
#define check_free(c, o)	((void)(c), (void)(o))
#define mark_used(c, o)		((void)(c), (void)(o))
#define check_not_free(c, o)	((void)(c), (void)(o))
#endif

/* ---- frames; c->lock held ---- */

static void
frame_link(struct slab_cache *c, struct page *p)
{
	p->prev = PFN_NONE;
	p->next = c->partial;
	if (p->next != PFN_NONE)
		page_of_pfn(p->next)->prev = page_pfn(p);
	c->partial = page_pfn(p);
}

static void
frame_unlink(struct slab_cache *c, struct page *p)
{
	if (p->prev == PFN_NONE)
		c->partial = p->next;
	else
		page_of_pfn(p->prev)->next = p->next;
	if (p->next != PFN_NONE)
		page_of_pfn(p->next)->prev = p->prev;
}

static struct free_object *
object_at(struct page *p, uint32_t offset)
{
	return (struct free_object *)((char *)page_virt(p) + offset);
}

/* Objects in use. Guarded as the lists are, though it is a page's reference count. */
static uint32_t
used_in(const struct page *p)
{
	return p->refs - 1;
}

static bool
frame_add(struct slab_cache *c, struct page *p)
{
	if (p == NULL)
		return false;
	p->cache = c;
	p->first_free = NO_OBJECT;
	for (uint32_t i = c->per_frame; i-- > 0;) {
		struct free_object *o = object_at(p, i * c->size);

		o->next = p->first_free;
		mark_free(c, o);
		p->first_free = (uint16_t)(i * c->size);
	}
	frame_link(c, p);
	c->nframes++;
	c->nempty++;
	return true;
}

static void *
frame_take(struct slab_cache *c)
{
	struct page *p = page_of_pfn(c->partial);
	struct free_object *o = object_at(p, p->first_free);

	p->first_free = (uint16_t)o->next;
	if (p->refs++ == 1)
		c->nempty--;
	if (p->first_free == NO_OBJECT)
		frame_unlink(c, p);
	return o;
}

static void
frame_give(struct slab_cache *c, void *obj)
{
	struct page *p = page_of_virt(obj);
	struct free_object *o = obj;
	uint32_t offset = (uint32_t)((char *)obj - (char *)page_virt(p));

	assert(p->state == PAGE_SLAB && p->cache == c && offset % c->size == 0 && used_in(p) > 0);
	if (p->first_free == NO_OBJECT)
		frame_link(c, p);
	o->next = p->first_free;
	p->first_free = (uint16_t)offset;
	p->refs--;
	if (used_in(p) > 0)
		return;
	if (c->nempty >= EMPTY_KEPT) {
		frame_unlink(c, p);
		c->nframes--;
		page_put(p);
	} else {
		c->nempty++;
	}
}

/* ---- caches ---- */

static __attribute__((noinline)) void
cache_register(struct slab_cache *c)
{
	spin_lock(&caches_lock);
	if (c->per_frame == 0) {
		c->size = ROUND_UP(MAX(c->size, (uint32_t)sizeof(struct free_object)), 16);
		assert(c->size <= PAGE_SIZE);
		c->partial = PFN_NONE;
		for (unsigned i = 0; i < MAX_CPUS; i++)
			spin_init(&c->stock[i].lock, c->name, RANK_SLAB_STOCK);
		c->next = caches;
		atomic_store_release(&caches, c);
		atomic_store_release(&c->per_frame, PAGE_SIZE / c->size);
	}
	spin_unlock(&caches_lock);
}

/* Of the processor we are on; the kernel is not preempted, so that it stays so until we sleep. */
static struct slab_stock *
stock_here(struct slab_cache *c)
{
	return &c->stock[md_cpu_id()];
}

static __attribute__((noinline)) void
stock_fill(struct slab_cache *c, struct slab_stock *s)
{
	spin_lock(&c->lock);
	while (s->n < SLAB_STOCK / 2 && (c->partial != PFN_NONE ||
	    (s->n == 0 && frame_add(c, page_alloc(PAGE_SLAB)))))
		s->obj[s->n++] = frame_take(c);
	spin_unlock(&c->lock);
}

static __attribute__((noinline)) void
stock_drain(struct slab_cache *c, struct slab_stock *s, uint32_t keep)
{
	spin_lock(&c->lock);
	while (s->n > keep)
		frame_give(c, s->obj[--s->n]);
	spin_unlock(&c->lock);
}

/* S, locked and not empty, hands out an object. */
static inline void *
stock_pop(struct slab_stock *s)
{
	s->used++;
	return s->obj[--s->n];
}

static inline void *
handed_out(struct slab_cache *c, void *obj)
{
	check_free(c, obj);
	mark_used(c, obj);
	return obj;
}

static __attribute__((noinline)) void *
alloc_slow(struct slab_cache *c)
{
	struct slab_stock *s = stock_here(c);
	void *obj = NULL;

	if (atomic_load_acquire(&c->per_frame) == 0)
		cache_register(c);
	spin_lock(&s->lock);
	if (s->n == 0)
		stock_fill(c, s);
	if (s->n > 0)
		obj = stock_pop(s);
	spin_unlock(&s->lock);
	return obj == NULL ? NULL : handed_out(c, obj);
}

/* What is usual needs no call: it is short. An unregistered cache has nothing in stock. */
void *
slab_alloc(struct slab_cache *c)
{
	struct slab_stock *s = stock_here(c);
	void *obj;

	if (mem_should_fail())
		return NULL;
	if (unlikely(!spin_try(&s->lock)))
		return alloc_slow(c);
	if (unlikely(s->n == 0)) {
		spin_unlock(&s->lock);
		return alloc_slow(c);
	}
	obj = stock_pop(s);
	spin_unlock(&s->lock);
	return handed_out(c, obj);
}

bool
slab_grow_urgent(struct slab_cache *c)
{
	bool grown;

	spin_lock(&c->lock);
	grown = frame_add(c, page_alloc_urgent(PAGE_SLAB));
	spin_unlock(&c->lock);
	return grown;
}

void *
slab_alloc_zero(struct slab_cache *c)
{
	void *obj = slab_alloc(c);

	if (obj != NULL)
		memset(obj, 0, c->size);
	return obj;
}

static __attribute__((noinline)) void
free_slow(struct slab_cache *c, void *obj)
{
	struct slab_stock *s = stock_here(c);

	spin_lock(&s->lock);
	if (s->n == SLAB_STOCK)
		stock_drain(c, s, SLAB_STOCK / 2);
	s->obj[s->n++] = obj;
	s->used--;
	spin_unlock(&s->lock);
}

void
slab_free(struct slab_cache *c, void *obj)
{
	struct slab_stock *s = stock_here(c);

	check_not_free(c, obj);
	mark_free(c, obj);
	if (unlikely(s->n == SLAB_STOCK || !spin_try(&s->lock))) {
		free_slow(c, obj);
		return;
	}
	s->obj[s->n++] = obj;
	s->used--;
	spin_unlock(&s->lock);
}

/* ---- any size ---- */

#define KMEM_CACHE(bytes) { .name = "kmem-" #bytes, .size = bytes,             \
	.lock = SPINLOCK_INIT("kmem-" #bytes, RANK_SLAB) }

static struct slab_cache kmem_caches[] = { KMEM_CACHE(32), KMEM_CACHE(64), KMEM_CACHE(128),
	KMEM_CACHE(256), KMEM_CACHE(512), KMEM_CACHE(1024), KMEM_CACHE(2048) };

static struct slab_cache *
kmem_cache(size_t size)
{
	for (size_t i = 0; i < ARRAY_LEN(kmem_caches); i++)
		if (size <= 32u << i)
			return &kmem_caches[i];
	return NULL;
}

static unsigned
kmem_order(size_t size)
{
	unsigned order = 0;

	while ((size_t)PAGE_SIZE << order < size)
		order++;
	return order;
}

void *
kmem_alloc(size_t size)
{
	struct slab_cache *c = kmem_cache(size);
	struct page *p;

	if (c != NULL)
		return slab_alloc(c);
	p = page_alloc_order(PAGE_KERNEL, kmem_order(size));
	return p == NULL ? NULL : page_virt(p);
}

void
kmem_free(void *p, size_t size)
{
	struct slab_cache *c = kmem_cache(size);

	if (p == NULL)
		return;
	if (c != NULL)
		slab_free(c, p);
	else
		page_put(page_of_virt(p));
}

/* ---- all caches ---- */

struct slab_cache *
slab_next(struct slab_cache *c)
{
	return c == NULL ? atomic_load_acquire(&caches) : c->next;
}

static size_t
shrink_cache(struct slab_cache *c)
{
	size_t n = 0;

	for (unsigned i = 0; i < MAX_CPUS; i++) {
		struct slab_stock *s = &c->stock[i];

		spin_lock(&s->lock);
		stock_drain(c, s, 0);
		spin_unlock(&s->lock);
	}
	spin_lock(&c->lock);
	for (uint32_t pfn = c->partial, next; pfn != PFN_NONE; pfn = next) {
		struct page *p = page_of_pfn(pfn);

		next = p->next;
		if (used_in(p) > 0)
			continue;
		frame_unlink(c, p);
		c->nframes--;
		c->nempty--;
		page_put(p);
		n++;
	}
	spin_unlock(&c->lock);
	return n;
}

size_t
slab_shrink(void)
{
	size_t before = page_count_free(), after;

	for (struct slab_cache *c = slab_next(NULL); c != NULL; c = c->next)
		shrink_cache(c);
	after = page_count_free();
	return after > before ? after - before : 0;
}

size_t
slab_used(struct slab_cache *c)
{
	int32_t n = 0;

	for (unsigned i = 0; i < MAX_CPUS; i++)
		n += atomic_load_relaxed(&c->stock[i].used);
	return n < 0 ? 0 : (size_t)n;
}

size_t
slab_cached(struct slab_cache *c)
{
	int32_t n = 0;

	for (unsigned i = 0; i < MAX_CPUS; i++)
		n += atomic_load_relaxed(&c->stock[i].cached);
	return n < 0 ? 0 : (size_t)n;
}

size_t
slab_frames_needed(void)
{
	size_t n = 0;

	for (struct slab_cache *c = slab_next(NULL); c != NULL; c = c->next) {
		size_t used = slab_used(c);

		n += DIV_UP(used - MIN(used, slab_cached(c)), c->per_frame);
	}
	return n;
}

size_t
slab_frames_held(void)
{
	size_t n = 0;

	for (struct slab_cache *c = slab_next(NULL); c != NULL; c = c->next)
		n += atomic_load_relaxed(&c->nframes);
	return n;
}

/* Free objects on the partial list must be as many as the frames say, and untouched. */
static bool
check_cache(struct slab_cache *c)
{
	bool good = true;

	spin_lock(&c->lock);
	for (uint32_t pfn = c->partial; pfn != PFN_NONE; pfn = page_of_pfn(pfn)->next) {
		struct page *p = page_of_pfn(pfn);
		uint32_t nfree = 0;

		for (uint32_t o = p->first_free; o != NO_OBJECT && nfree <= c->per_frame; nfree++) {
			check_free(c, object_at(p, o));
			o = object_at(p, o)->next;
		}
		good &= p->state == PAGE_SLAB && p->cache == c &&
		    nfree + used_in(p) == c->per_frame;
	}
	spin_unlock(&c->lock);
	if (!good)
		kprintf("slab %s: free list damaged\n", c->name);
	return good;
}

bool
slab_check(void)
{
	bool good = true;

	for (struct slab_cache *c = slab_next(NULL); c != NULL; c = c->next)
		good &= check_cache(c);
	return good;
}
