/*
 * An object: pages by number that one or many regions map. A file's contents
 * (the page cache, owned by an inode) or anonymous shared memory. It is not an
 * address space and knows no addresses; regions translate.
 *
 * For vm a file is three callbacks. None of the locks from RANK_SPACE to RANK_OBJECT
 * is held when they are called (R3).
 *
 * Field key:   o  object->lock    c  constant    @  atomic    g  lock of the list of all file objects
 */
#ifndef VM_OBJECT_H
#define VM_OBJECT_H

#include "kern/mutex.h"
#include "lib/err.h"
#include "lib/list.h"
#include "lib/radix.h"
#include "mem/page.h"

struct object;

struct object_ops {
	/* Read the contents of BUSY page P (zeroes beyond the end of file); set BACKED if all blocks are there. */
	err_t	(*fill)(struct object *o, struct page *p);
	/*
	 * Make the page storable: allocate what blocks it lacks below the end of file, then object_mark_dirty.
	 * Called for a pinned, filled page. -ENOSPC, -EIO, -EROFS.
	 */
	err_t	(*prepare_write)(struct object *o, struct page *p);
	/* The last reference has gone. */
	void	(*last_put)(struct object *o);
};

struct object {
	struct mutex lock;		/* RANK_OBJECT */
	struct radix pages;		/* o */
	uint32_t npages;		/* o */
	uint32_t ndirty;		/* o */
	struct list regions;		/* o: that map it, by region.object_link */
	const struct object_ops *ops;	/* c: NULL for anonymous memory */
	uint32_t refs;			/* @ */
	uint64_t size;			/* o: of a file, bytes; pages at or beyond it do not exist */
	struct list all_link;		/* g: file objects with pages */
};

void	object_init(struct object *o, const struct object_ops *ops);
/* All pages are gone, no region maps it. */
void	object_fini(struct object *o);
struct object *object_create_anon(void);		/* NULL: out of memory */
void	object_get(struct object *o);
void	object_put(struct object *o) EXCLUDES(o->lock);	/* R2: with no space locked */

/*
 * The page at INDEX, filled and pinned (page_put lets go). Waits for
 * the disk, reclaims memory. -EFAULT: beyond the end of file; -EIO; -ENOMEM.
 */
err_t	object_page(struct object *o, uint32_t index, struct page **p) EXCLUDES(o->lock) MUST_CHECK;
/* The same, but a page that is not there is made of zeroes instead of filled, also beyond the end. */
err_t	object_page_fresh(struct object *o, uint32_t index, struct page **p)
	    EXCLUDES(o->lock) MUST_CHECK;
/* What is there now, BUSY or not, or NULL. Not pinned. */
struct page *object_lookup(struct object *o, uint32_t index) REQUIRES(o->lock);
/* Pin and lock nothing: pages [index, index + n) that are absent get filled together if the file reads ahead. */

/* P, pinned, is newer than the disk. BACKED: all its blocks below the end exist (prepare_write). */
void	object_mark_dirty(struct object *o, struct page *p, bool backed) EXCLUDES(o->lock);
/* A file that grows or shrinks: see R7. Zeroes the tail of the old last page,
 * write-protects its mappings and clears BACKED (I3); when shrinking, waits for
 * BUSY and WRITEBACK pages beyond the end and drops them from every mapping.
 */
void	object_set_size(struct object *o, uint64_t size) EXCLUDES(o->lock);
/* Drop all pages that are neither pinned nor dirty nor in a region; how many. Last put: drop them all. */
size_t	object_drop_clean(struct object *o) EXCLUDES(o->lock);
void	object_drop_all(struct object *o) EXCLUDES(o->lock);

/*
 * Write-back. The first dirty page at or after *INDEX becomes clean,
 * WRITEBACK and pinned, its mappings read-only; sets *INDEX. NULL: none.
 * WAIT: one that is under write-back already is waited for, otherwise passed over.
 */
struct page *object_writeback_begin(struct object *o, uint32_t *index, bool wait) EXCLUDES(o->lock);
/* Any thread. FAILED: the page is dirty again. Unpins. */
void	object_writeback_end(struct object *o, struct page *p, bool failed) EXCLUDES(o->lock);
/* Wait until no page is under write-back. */
void	object_writeback_wait(struct object *o) EXCLUDES(o->lock);

/* Pages dirty in the whole system, and their limit, a quarter of RAM (SPEC 2.3). */
size_t	object_dirty_total(void);
size_t	object_dirty_limit(void);
/* Before an operation that dirties pages, with no lock held: wait for room. */
void	object_dirty_throttle(void);
/* The file system's writer: told when there is too much that is dirty; write some out and return. */
void	object_set_writer(size_t (*write_some)(size_t want));

void	object_subsystem_init(void);

#endif
