/* See fs/buf.h. */
#include "fs/buf.h"

#include "fs/io.h"
#include "fs/mount.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

#define HASH_SIZE	512		/* a power of two */
#define IDLE_KEPT	16		/* unused buffers that stay for when memory is full */

SLAB_CACHE(buf_cache, struct buf);
SLAB_CACHE_SIZED(data_cache, "struct buf data", FS_BLOCK_SIZE);

static struct {
	struct spinlock lock;		/* RANK_SPIN_OUTER */
	struct waitq wait;		/* lock: for `busy` to end */
	struct buf *hash[HASH_SIZE];	/* lock */
	struct list lru;		/* lock: unused ones, oldest first */
	uint32_t nidle;			/* lock: on lru */
} cache = { .lock = SPINLOCK_INIT("buffers", RANK_SPIN_OUTER),
	.wait = WAITQ_INIT(cache.wait, "disk"), .lru = LIST_INIT(cache.lru) };

static struct buf **
find(uint32_t block)
{
	struct buf **p = &cache.hash[block % HASH_SIZE];

	while (*p != NULL && (*p)->block != block)
		p = &(*p)->hash_next;
	return p;
}

static struct buf *
buf_alloc(void)
{
	struct buf *b = slab_alloc(&buf_cache);

	if (b == NULL)
		return NULL;
	b->data = slab_alloc(&data_cache);
	if (b->data == NULL) {
		slab_free(&buf_cache, b);
		return NULL;
	}
	slab_note_cached(&buf_cache, 1);
	slab_note_cached(&data_cache, 1);
	list_init(&b->lru_link);
	return b;
}

static void
buf_free(struct buf *b)
{
	slab_note_cached(&data_cache, -1);
	slab_note_cached(&buf_cache, -1);
	slab_free(&data_cache, b->data);
	slab_free(&buf_cache, b);
}

/* Take the oldest unused buffer out of the cache; NULL: there is none. */
static struct buf *
take_idle(void)
{
	struct list *l = list_pop(&cache.lru);
	struct buf *b;

	if (l == NULL)
		return NULL;
	cache.nidle--;
	b = list_entry(l, struct buf, lru_link);
	*find(b->block) = b->hash_next;
	return b;
}

/* A buffer to fill, new or reused. */
static struct buf *
obtain(void)
{
	struct buf *b = buf_alloc();

	if (b != NULL)
		return b;
	spin_lock(&cache.lock);
	b = take_idle();
	spin_unlock(&cache.lock);
	return b;
}

static void
take_ref(struct buf *b)
{
	if (b->refs++ == 0) {
		list_remove(&b->lru_link);
		cache.nidle--;
	}
}

struct buf *
buf_find(uint32_t block)
{
	struct buf *b;

	spin_lock(&cache.lock);
	b = *find(block);
	if (b != NULL)
		take_ref(b);
	spin_unlock(&cache.lock);
	return b;
}

/* BLOCK's buffer, valid or not, with a reference; NULL: out of memory. */
static struct buf *
lookup(uint32_t block)
{
	struct buf *b = buf_find(block), *fresh;

	if (b != NULL || (fresh = obtain()) == NULL)
		return b;
	spin_lock(&cache.lock);
	b = *find(block);
	if (b != NULL) {
		take_ref(b);
	} else {
		b = fresh;
		fresh = NULL;
		b->block = block;
		b->refs = 1;
		b->valid = b->busy = false;
		b->slot = 0;
		b->hash_next = NULL;
		*find(block) = b;
	}
	spin_unlock(&cache.lock);
	if (fresh != NULL)
		buf_free(fresh);
	return b;
}

/* Wait until nobody fills B; true: it is for the caller to do. */
static bool
claim(struct buf *b)
{
	bool mine;

	spin_lock(&cache.lock);
	while (b->busy)
		waitq_wait(&cache.wait, &cache.lock);
	mine = !b->valid;
	b->busy = mine;
	spin_unlock(&cache.lock);
	return mine;
}

static void
settle(struct buf *b, bool valid)
{
	spin_lock(&cache.lock);
	b->busy = false;
	b->valid = valid;
	waitq_wake_all(&cache.wait);
	spin_unlock(&cache.lock);
}

err_t
buf_read(uint32_t block, struct buf **out)
{
	struct buf *b;
	err_t err = OK;

	if (block < FS_SUPER_BLOCK || block >= fs.geo.nblocks)
		return fs_damaged("block number out of range", block);
	b = lookup(block);
	if (b == NULL)
		return ERR(ENOMEM);
	if (claim(b)) {
		err = io_do(BIO_READ, block, b->data, FS_BLOCK_SIZE);
		settle(b, err == OK);
	}
	if (err != OK)
		buf_put(b);
	else
		*out = b;
	return err;
}

err_t
buf_new(uint32_t block, struct buf **out)
{
	struct buf *b = lookup(block);

	assert(fs_is_data_block(block));
	if (b == NULL)
		return ERR(ENOMEM);
	(void)claim(b);
	memset(b->data, 0, FS_BLOCK_SIZE);
	settle(b, true);
	*out = b;
	return OK;
}

void
buf_get(struct buf *b)
{
	spin_lock(&cache.lock);
	take_ref(b);
	spin_unlock(&cache.lock);
}

void
buf_put(struct buf *b)
{
	if (b == NULL)
		return;
	spin_lock(&cache.lock);
	assert(b->refs > 0);
	if (--b->refs == 0) {
		list_append(&cache.lru, &b->lru_link);
		cache.nidle++;
	}
	spin_unlock(&cache.lock);
}

void
buf_invalidate(struct buf *b)
{
	spin_lock(&cache.lock);
	b->valid = false;
	spin_unlock(&cache.lock);
}

/* Free up to MAX unused buffers but leave KEEP; how many. */
static size_t
shrink_to(size_t max, size_t keep)
{
	struct buf *b;
	size_t n = 0;

	do {
		spin_lock(&cache.lock);
		b = n < max && cache.nidle > keep ? take_idle() : NULL;
		spin_unlock(&cache.lock);
		if (b != NULL)
			buf_free(b);
		n += b != NULL;
	} while (b != NULL);
	return n;
}

static size_t
shrink(size_t want, enum shrink_effort effort)
{
	(void)effort;
	return shrink_to(want * (PAGE_SIZE / FS_BLOCK_SIZE),
	    IDLE_KEPT) / (PAGE_SIZE / FS_BLOCK_SIZE);
}

void
buf_init(void)
{
	static struct shrinker s = { .name = "buffers", .order = 3, .shrink = shrink };

	mem_shrinker_add(&s);
}

void
buf_drop_all(void)
{
	shrink_to(SIZE_MAX, 0);
}
