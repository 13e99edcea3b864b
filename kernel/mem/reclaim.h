/*
 * Getting memory back. Caches register a shrinker. mem_reclaim may sleep and
 * take any lock from RANK_INODE_IO's inside on: call it with none of
 * these held (allocate before locking, or let go, reclaim, start over).
 */
#ifndef MEM_RECLAIM_H
#define MEM_RECLAIM_H

#include "lib/err.h"
#include "lib/list.h"
#include "lib/util.h"
#include "mem/slab.h"

enum shrink_effort {
	SHRINK_UNUSED,			/* only what no process misses */
	SHRINK_CLEAN,			/* also file pages in regions: they can be read again */
	SHRINK_WRITE,			/* may write dirty things out and wait */
};

struct shrinker {
	const char *name;
	int	 order;			/* low first: what is cheap to get back */
	/* Free about WANT frames' worth; how many it freed. */
	size_t	 (*shrink)(size_t want, enum shrink_effort effort);
	/*
	 * Whole frames held by the cache alone, free for the asking (not those in slabs). NULL:
	 * none.
	 */
	size_t	 (*count)(void);
	struct list link;
};

void	mem_shrinker_add(struct shrinker *s);	/* again (each mount): nothing happens */
/*
 * Try to make WANT frames free; first what is clean, then by writing out.
 * -ENOMEM: nothing more could be freed.
 */
err_t	mem_reclaim(size_t want) MUST_CHECK;
/* The same, but programs keep the file pages they map. How many it freed. */
size_t	mem_reclaim_unused(size_t want);
/* SPEC 2.2: getNumFreePages(). */
size_t	mem_available(void);
/* Starts the daemon that keeps a few frames free, for allocations that cannot reclaim. */
err_t	mem_start_reclaimer(void) MUST_CHECK;

/*
 * Allocation that reclaims as long as that helps. NULL: out of memory. Same locks as mem_reclaim.
 */
struct page *page_alloc_wait(enum page_state state);
void	*slab_alloc_reclaim(struct slab_cache *c);	/* after slab_alloc failed */
static inline void *
slab_alloc_wait(struct slab_cache *c)
{
	void *obj = slab_alloc(c);

	return likely(obj != NULL) ? obj : slab_alloc_reclaim(c);
}

/*
 * Fault injection (debug builds): the N-th allocation from now on fails, of
 * frames and slab objects alike; 0: off. Returns how many were counted.
 */
uint64_t mem_fail_nth(uint64_t n);
#ifdef DEBUG
bool	mem_should_fail(void);
#else
static inline bool
mem_should_fail(void)
{
	return false;
}
#endif

#endif
