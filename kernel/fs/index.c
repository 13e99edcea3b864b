/* See fs/index.h. */
#include "fs/index.h"

#include "fs/inode.h"
#include "lib/assert.h"
#include "mem/page.h"
#include "mem/reclaim.h"

#define BYTES_A_BUCKET	16	/* a bucket for each three entries */

static struct {
	struct spinlock lock;		/* RANK_SPIN_OUTER */
	struct list list;		/* lock: oldest first */
	size_t npages;			/* lock; read without */
} all = { .lock = SPINLOCK_INIT("folder indexes", RANK_SPIN_OUTER), .list = LIST_INIT(all.list) };

static uint32_t
hash(const union name *name)
{
	uint32_t h = 0;

	for (size_t i = 0; i < ARRAY_LEN(name->w); i++) {
		h = (h ^ name->w[i]) * 0x9e3779b1u;
		h ^= h >> 15;
	}
	return h;
}

static uint32_t
link_of(uint32_t word)
{
	return word & INDEX_NONE;
}

static uint32_t
tag_of(uint32_t h)
{
	return h & ~INDEX_NONE;
}

/* ---- all of them ---- */

/* Take its pages from X. */
static struct page *
detach(struct dir_index *x) REQUIRES(all.lock)
{
	struct page *p = x->pages;

	if (p != NULL) {
		list_remove(&x->link);
		all.npages -= (size_t)1 << x->order;
		x->pages = NULL;
	}
	return p;
}

void
dir_index_drop(struct dir_index *x)
{
	struct page *p;

	if (x->bucket == NULL)
		return;	/* it never had pages */
	spin_lock(&all.lock);
	p = detach(x);
	spin_unlock(&all.lock);
	if (p != NULL)
		page_put(p);
}

/* The pages of an index that nobody is using; NULL: there is none. */
static struct page *
take_oldest(size_t *n) NO_TSA
{
	struct dir_index *x;
	struct page *p = NULL;

	spin_lock(&all.lock);
	list_for (x, &all.list, link) {
		struct inode *ip = container_of(x, struct inode, index);

		if (!mutex_try(&ip->io))
			continue;
		*n += (size_t)1 << x->order;
		p = detach(x);
		mutex_unlock(&ip->io);
		break;
	}
	spin_unlock(&all.lock);
	return p;
}

static size_t
shrink(size_t want, enum shrink_effort effort)
{
	struct page *p;
	size_t n = 0;

	(void)effort;
	while (n < want && (p = take_oldest(&n)) != NULL)
		page_put(p);
	return n;
}

static size_t
count(void)
{
	return atomic_load_relaxed(&all.npages);
}

/* ---- one ---- */

void
dir_index_init(struct dir_index *x)
{
	static struct shrinker s = {
		.name = "folder indexes", .order = 6, .shrink = shrink, .count = count
	};
	static bool registered;		/* by the mount, for the root */

	if (!registered)
		mem_shrinker_add(&s);
	registered = true;
	x->pages = NULL;
	x->bucket = NULL;
	list_init(&x->link);
}

static uint32_t
buckets_in(uint32_t order)
{
	return ((uint32_t)PAGE_SIZE << order) / BYTES_A_BUCKET;
}

static uint32_t
room_in(uint32_t order)
{
	return ((uint32_t)PAGE_SIZE << order) / sizeof(uint32_t) - buckets_in(order);
}

static uint32_t *
bucket_of(const struct dir_index *x, uint32_t h)
{
	return &x->bucket[h & (buckets_in(x->order) - 1)];
}

bool
dir_index_create(struct dir_index *x, uint32_t n)
{
	uint32_t buckets;

	x->order = 0;
	while (x->order < MAX_ORDER && room_in(x->order) <= n)
		x->order++;
	if (n >= INDEX_NONE || room_in(x->order) <= n)
		return false;
	x->pages = page_alloc_order(PAGE_KERNEL, x->order);
	if (x->pages == NULL)
		return false;
	buckets = buckets_in(x->order);
	x->bucket = page_virt(x->pages);
	x->chain = x->bucket + buckets;
	x->room = MIN(room_in(x->order), INDEX_NONE);
	x->empty = INDEX_NONE;
	for (uint32_t i = 0; i < buckets; i++)
		x->bucket[i] = INDEX_NONE;
	spin_lock(&all.lock);
	list_append(&all.list, &x->link);
	all.npages += (size_t)1 << x->order;
	spin_unlock(&all.lock);
	return true;
}

uint32_t
dir_index_next(const struct dir_index *x, const union name *name, uint32_t at)
{
	uint32_t h = hash(name);

	at = at == INDEX_NONE ? *bucket_of(x, h) : link_of(x->chain[at]);
	while (at != INDEX_NONE && tag_of(x->chain[at]) != tag_of(h))
		at = link_of(x->chain[at]);
	return at;
}

uint32_t
dir_index_empty(const struct dir_index *x)
{
	return x->empty;
}

void
dir_index_add(struct dir_index *x, uint32_t n, const union name *name)
{
	uint32_t h = hash(name), *bucket = bucket_of(x, h);

	if (n >= x->room) {	/* the next one made is larger */
		dir_index_drop(x);
		return;
	}
	if (n == x->empty)
		x->empty = link_of(x->chain[n]);
	x->chain[n] = tag_of(h) | *bucket;
	*bucket = n;
}

void
dir_index_add_empty(struct dir_index *x, uint32_t n)
{
	x->chain[n] = x->empty;
	x->empty = n;
}

void
dir_index_remove(struct dir_index *x, uint32_t n, const union name *name)
{
	uint32_t *at = bucket_of(x, hash(name));

	for (; link_of(*at) != n; at = &x->chain[link_of(*at)])
		assert(link_of(*at) != INDEX_NONE);
	*at = tag_of(*at) | link_of(x->chain[n]);
	dir_index_add_empty(x, n);
}
