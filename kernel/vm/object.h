/*
 * An object: pages by number that one or many regions map. A file's contents
 * (the page cache, embedded in an inode) or anonymous shared memory. It is not
 * an address space and knows no addresses; regions translate.
 *
 * For vm a file is four callbacks. Of the locks from RANK_SPACE to RANK_OBJECT
 * none is held when fill and prepare_write are called (R3).
 *
 * Field key:   o  object->lock    c  constant    @  atomic    w  object->wait_lock
 *              g  the lock of the list of all file objects
 */
#ifndef VM_OBJECT_H
#define VM_OBJECT_H

#include "kern/mutex.h"
#include "lib/atomic.h"
#include "lib/err.h"
#include "lib/list.h"
#include "lib/radix.h"
#include "mem/page.h"

struct object;

struct object_ops {
	/*
	 * Read the contents of BUSY page P, zeroes beyond the end of file;
	 * *BACKED: every block of it below the end exists. -EIO, -ENOMEM.
	 */
	err_t	(*fill)(struct object *o, struct page *p, bool *backed);
	/*
	 * Make pinned, filled page P storable: allocate the blocks that it lacks
	 * below the end of file, then object_mark_dirty. -ENOSPC, -EIO, -EROFS, -ENOMEM.
	 */
	err_t	(*prepare_write)(struct object *o, struct page *p);
	/* A reference to the inode the object is part of. */
	void	(*get)(struct object *o);
	void	(*put)(struct object *o);
};

/* Bytes [at, at + n) of a file, all in one page that is there. N 0: none. */
struct object_window {
	size_t at, n;
	const char *va;
};

struct object {
	struct mutex lock;		/* RANK_OBJECT */
	struct object_window window;	/* o: where the last short read was */
	struct radix pages;		/* o */
	struct radix_leaf near;		/* o: of them, where the last look was */
	uint32_t npages;		/* o; read without by counters */
	uint32_t ndirty;		/* o; read without */
	uint32_t dirty_first, dirty_end; /* o: pages outside are clean */
	uint32_t nwriteback;		/* o: pages on their way to the disk */
	uint32_t refs;			/* @: of anonymous memory */
	struct list regions;		/* o: that map it, by region.object_link */
	const struct object_ops *ops;	/* c: NULL for anonymous memory */
	/* o: of a file, bytes; read without by its inode.io holder */
	uint64_t size;
	struct spinlock wait_lock;	/* RANK_WAIT */
	struct waitq wait;		/* w: for BUSY and WRITEBACK to end */
	uint32_t wait_turn;		/* w: ends seen so far */
	uint32_t walkers;		/* g: who walks the list is here */
	struct list all_link;		/* g: file objects that have pages */
	/* o: what is beyond the end is about to be part of the file */
	bool	 growing;
};

/* OPS NULL: anonymous, one reference. */
void	object_init(struct object *o, const struct object_ops *ops);
/* Of a file object before its memory is freed: no pages, no regions. */
void	object_fini(struct object *o);
struct object *object_create_anon(void);		/* NULL: out of memory */
void	object_get(struct object *o);
void	object_put(struct object *o) EXCLUDES(o->lock);	/* R2: with no space locked */

/* ---- pages; a pin is a reference, page_put lets go ---- */

/*
 * The page at INDEX, filled and pinned. Waits for the disk, reclaims memory.
 * -EFAULT: beyond the end of file; -EIO; -ENOMEM.
 */
err_t	object_page(struct object *o, uint32_t index, struct page **p) EXCLUDES(o->lock) MUST_CHECK;
/* The page that is there now, BUSY or not, or NULL. Not pinned. */
struct page *object_lookup_far(struct object *o, uint32_t index) REQUIRES(o->lock);
static inline struct page *
object_lookup(struct object *o, uint32_t index) REQUIRES(o->lock)
{
	uint32_t i = index - o->near.first;

	return likely(i < o->near.n) ? o->near.slot[i] : object_lookup_far(o, index);
}
/*
 * The window is moved to the N bytes at OFF. NULL: they are not all below the end of file and in
 * one page that is there. It closes when that page goes, the file becomes smaller, or the clock
 * hand passes, which is to know whether the page is used.
 */
const char *object_window_move(struct object *o, uint64_t off, size_t n) REQUIRES(o->lock);
/* The N bytes at OFF if they are in the window, or it can be moved there; or NULL. */
static inline const char *
object_bytes(struct object *o, uint64_t off, size_t n) REQUIRES(o->lock)
{
	size_t at = (size_t)off - o->window.at;

	if (likely(off <= SIZE_MAX && at <= o->window.n && n <= o->window.n - at))
		return o->window.va + at;
	return object_window_move(o, off, n);
}
/* Its slot and those behind it, to a multiple of RADIX_SLOTS. NULL: no leaf, at most page 0. */
static inline struct page *const *
object_slots(struct object *o, uint32_t index) REQUIRES(o->lock)
{
	(void)object_lookup(o, index);
	return o->near.n < RADIX_SLOTS ? NULL :
	    (struct page *const *)&o->near.slot[index - o->near.first];
}
/*
 * For reading ahead: frames of the caller's become pages from INDEX on, BUSY, as far as none are
 * there and the end of file; the object has references of its own. How many of N: fewer also
 * without memory. End it with object_fill_end, from any thread.
 */
uint32_t object_fill_begin(struct object *o, uint32_t index, struct page **p, uint32_t n)
	    EXCLUDES(o->lock);
/* The N pages P[i] are no longer BUSY; unpins them. FAILED: they are removed. */
void	object_fill_end(struct object *o, struct page **p, uint32_t n, bool backed, bool failed)
	    EXCLUDES(o->lock);

/* Pinned page P is newer than the disk. BACKED: all its blocks below the end of file exist. */
void	object_mark_dirty(struct object *o, struct page *p, bool backed) EXCLUDES(o->lock);

/* ---- size (R7, I3). The caller holds inode.io or what else orders changes of size ---- */

/*
 * Before bytes beyond the end are written or the file grows: what mappings
 * stored beyond the end in the last page becomes zero. From now until
 * object_set_size write-back leaves alone what is put there.
 */
void	object_zero_tail(struct object *o) EXCLUDES(o->lock);
/*
 * A smaller size, or the same. The old last page loses BACKED and its writable mappings. Pages
 * wholly beyond SIZE are dropped from every mapping and from the object,
 * after waiting for BUSY and WRITEBACK ones; the tail of the new last page is zeroed.
 */
void	object_set_size(struct object *o, uint64_t size) EXCLUDES(o->lock);
/* As object_fill_begin, beyond the end of file, with frames that the caller filled. */
uint32_t object_insert_beyond(struct object *o, uint32_t index, struct page **p, uint32_t n)
	    EXCLUDES(o->lock);
/*
 * A larger size. The old last page, which the caller has pinned, as object_set_size; the N pages
 * P[i] are dirty and no longer BUSY, and backed if bit i of BACKED is set.
 */
void	object_grow(struct object *o, uint64_t size, struct page **p, uint32_t n, uint32_t backed)
	    EXCLUDES(o->lock);

/* Drop all pages; waits for BUSY and WRITEBACK ones. Nothing maps them any more. */
void	object_drop_all(struct object *o) EXCLUDES(o->lock);

/* ---- write-back ---- */

/*
 * Up to MAX dirty pages at or after *INDEX, which moves behind them, become clean, WRITEBACK and
 * pinned, their mappings read-only, their bytes beyond the end of file zero (unless it grows).
 * How many; 0: there is none. WAIT: for those that are under write-back and dirty again;
 * otherwise they are passed over.
 */
uint32_t object_writeback_begin(struct object *o, uint32_t *index, bool wait, struct page **p,
	    uint32_t max) EXCLUDES(o->lock);
/* Not from an interrupt. FAILED: the page is dirty again. Unpins. */
void	object_writeback_end(struct object *o, struct page *p, bool failed) EXCLUDES(o->lock);
/*
 * No page is dirty or under write-back; O need not be locked. A page that begins is counted in
 * nwriteback before it leaves ndirty, and back again when it failed: hence the second look.
 */
static inline bool
object_is_clean(const struct object *o)
{
	return atomic_load_acquire(&o->ndirty) == 0 && atomic_load_acquire(&o->nwriteback) == 0 &&
	    atomic_load_relaxed(&o->ndirty) == 0;
}
/* Until no page is under write-back. */
void	object_writeback_wait(struct object *o) EXCLUDES(o->lock);

/*
 * Pages dirty or under write-back in the whole system, and their limit, a quarter of RAM (SPEC
 * 2.3).
 */
size_t	object_dirty_total(void);
size_t	object_dirty_limit(void);
/*
 * Before an operation that dirties pages, with no lock held: write some out while there are too
 * many.
 */
void	object_dirty_throttle(void);
/* The file system's writer: writes about WANT dirty pages out and waits for them; how many. */
void	object_set_writer(size_t (*write_some)(size_t want));

uint64_t object_pages_reclaimed(void);		/* since boot */
void	object_subsystem_init(void);

#endif
