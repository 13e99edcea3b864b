/*
 * Slabs: kernel objects of one size, several to a frame. A frame whose
 * objects are all free is kept (one per cache) or given back by slab_shrink.
 * Debug builds poison freed objects and check them when they are handed out
 * again; freeing twice or freeing what was never allocated fails an assertion.
 * Nothing here sleeps or reclaims.
 */
#ifndef MEM_SLAB_H
#define MEM_SLAB_H

#include "kern/spinlock.h"
#include "lib/list.h"
#include "mem/page.h"

#define SLAB_STOCK	16		/* free objects a processor keeps */

struct slab_stock {
	/* RANK_SLAB_STOCK; taken by its processor, or by slab_shrink */
	struct spinlock lock;
	uint32_t n;			/* lock */
	int32_t	 used;			/* lock: handed out less given back, by this processor */
	int32_t	 cached;		/* @: of those in use, that a shrinker would free */
	void	*obj[SLAB_STOCK];	/* lock */
} __attribute__((aligned(64)));

struct slab_cache {
	const char *name;
	uint32_t size;			/* c: bytes an object */
	uint32_t per_frame;		/* c: 0 until first used */
	struct spinlock lock;		/* RANK_SLAB */
	struct slab_cache *next;	/* c: all caches */
	uint32_t partial;		/* lock: frames with free objects, list by number */
	uint32_t nempty;		/* lock: of these, without any used object */
	uint32_t nframes;		/* lock */
	struct slab_stock stock[MAX_CPUS];
};

/* A cache is static storage; it registers itself at first use. Objects are aligned to 16 bytes. */
#define SLAB_CACHE(var, type)                                                  \
	static struct slab_cache var = { .name = #type, .size = sizeof(type),  \
		.lock = SPINLOCK_INIT(#type, RANK_SLAB) }
#define SLAB_CACHE_SIZED(var, label, bytes)                                    \
	static struct slab_cache var = { .name = label, .size = bytes,         \
		.lock = SPINLOCK_INIT(label, RANK_SLAB) }

void	*slab_alloc(struct slab_cache *c);	/* NULL: out of memory; contents undefined */
void	*slab_alloc_zero(struct slab_cache *c);
/* After slab_alloc failed: another frame of objects, from page_alloc_urgent. */
bool	slab_grow_urgent(struct slab_cache *c);
void	slab_free(struct slab_cache *c, void *obj);
/* N more (or fewer) of the cache's objects are held by caches alone. */
static inline void
slab_note_cached(struct slab_cache *c, int n)
{
	atomic_add_relaxed(&c->stock[md_cpu_id()].cached, n);
}

/* Any size up to 8 pages; for buffers of changing size. */
void	*kmem_alloc(size_t size);
void	kmem_free(void *p, size_t size);

size_t	slab_shrink(void);			/* give empty frames back; how many */
/*
 * Frames that all caches hold, counted by their used objects alone (rounded up
 * per cache), so that allocating and freeing again leaves it as it was.
 */
size_t	slab_frames_needed(void);
size_t	slab_frames_held(void);
size_t	slab_used(struct slab_cache *c);	/* objects handed out */
size_t	slab_cached(struct slab_cache *c);	/* of these, held by caches alone */
bool	slab_check(void);			/* all free lists sound; debug builds */
struct slab_cache *slab_next(struct slab_cache *c);	/* NULL: the first */

#endif
