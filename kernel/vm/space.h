/*
 * An address space: the regions one process can touch, and the page table
 * that caches them.
 *
 * Field key:   s  space->lock    c  constant after creation    @  atomic
 */
#ifndef VM_SPACE_H
#define VM_SPACE_H

#include "abi/info.h"
#include "kern/mutex.h"
#include "lib/tree.h"
#include "md/pmap.h"
#include "md/trap.h"
#include "vm/object.h"

#define OVERLAY_MAX_LEVELS 5		/* 30 bits of page number */

struct region;
struct overlay_node;

/* A slot on a path that is the region's own; good until the overlay changes otherwise. */
struct overlay_slot {
	struct overlay_node *path[OVERLAY_MAX_LEVELS];
	unsigned depth;
	struct page **at;
};

/*
 * Where the last store went that got a page of its own, for the next ones beside it: LEN bytes
 * from START of REGION, which may be stored to, have their slots in LEAF. Forgotten by
 * whoever changes anything else: space_lock. What is counted of the pages put there since is low
 * and end of LEAF; space_settle counts the rest.
 */
struct last_store {
	vaddr_t	 start, len;		/* len 0: nothing is known */
	struct overlay_node *leaf;	/* its slots begin at a multiple of their number */
	prot_t	 prot;			/* of the entries */
	bool	 zero;			/* an empty slot gets zeroes: there is no object */
	unsigned fresh;			/* pages in slots that were empty, not counted yet */
	struct overlay_slot slot;	/* the path to LEAF */
	struct region *region;
};

struct space {
	struct mutex lock;		/* RANK_SPACE */
	struct tree regions;		/* s: by start, never overlapping */
	struct pmap *pmap;		/* c: a cache; see I2 */
	vaddr_t	 heap_start;		/* s: where the break begins; set by exec */
	vaddr_t	 brk;			/* s: to the byte */
	size_t	 vpages;		/* s: numvp() */
	uint32_t refs;			/* @ */
	struct space_list *all;		/* c: the list of all spaces that it is on */
	struct list all_link;		/* its lock */
	struct last_store last;		/* s */
};

void	space_subsystem_init(void);
void	space_get(struct space *s);
/* the last one takes everything down; not while active */
void	space_put(struct space *s);

/*
 * A copy-on-write copy (a real one with the boot parameter fork=copy). The
 * parent may run on another processor. -ENOMEM: nothing changed.
 */
err_t	space_fork(struct space *parent, struct space **child) MUST_CHECK;

struct map_request {
	vaddr_t	 start;			/* page aligned; 0 with ANYWHERE: top-down from USER_MAX */
	size_t	 len;			/* bytes, rounded up */
	prot_t	 prot, maxprot;		/* PROT_R, _W, _X */
	bool	 shared;
	bool	 anywhere;		/* START is a hint */
	bool	 replace;		/* MAP_FIXED: unmap what is there */
	unsigned flags;			/* KREG_GUARD, KREG_STACK, KREG_HEAP */
	struct object *object;		/* a reference is taken; NULL: zero on touch */
	uint64_t objpage;		/* page of the object at START */
	/* space_append alone: */
	bool	 resident;		/* all pages get frames */
	struct page **last;		/* anonymous pages that become its last ones */
	unsigned nlast;
};
/* *AT: where it is. -EINVAL, -EEXIST (something is there), -ENOMEM: nothing changed. */
err_t	space_map(struct space *s, const struct map_request *r, vaddr_t *at) MUST_CHECK;
/*
 * exec makes a new space from its lowest region up. Nobody else finds it before it is finished,
 * so it is not locked. NULL: out of memory.
 */
struct space *space_begin(void);
/*
 * Region M, of whole pages, above all others. References of pages are taken, their places in
 * M->last become NULL. -ENOMEM, -EFAULT, -EIO: only space_put comes after that.
 */
err_t	space_append(struct space *s, const struct map_request *m) MUST_CHECK;
void	space_finish(struct space *s, vaddr_t heap);	/* begins there (page aligned), empty */
/*
 * Any range of user space, holes allowed. -EINVAL; -ENOMEM (a split needs a region): nothing
 * changed.
 */
err_t	space_unmap(struct space *s, vaddr_t start, size_t len) MUST_CHECK;
err_t	space_protect(struct space *s, vaddr_t start, size_t len, prot_t prot) MUST_CHECK;
/* Give every page of the range, within one region, a frame. -ENOMEM, -EFAULT, -EIO. */
err_t	space_populate(struct space *s, vaddr_t start, size_t len) MUST_CHECK;
/* Store N bytes at VA of a space nobody runs in yet, whatever the region's rights. */
err_t	space_store(struct space *s, vaddr_t va, const void *src, size_t n) MUST_CHECK;

#define BREAK_EAGER	1	/* all pages now */
#define BREAK_PAGES	2	/* by N bytes from the next page border on */
/* SPEC 2.2. *OLD: the break before. HOW: BREAK_*. -ENOMEM: nothing changed. */
err_t	space_sbrk(struct space *s, intptr_t n, unsigned how, vaddr_t *old) MUST_CHECK;
/*
 * The region at *VA, for msync: *O is its file's object, referenced, when it is shared,
 * else NULL; *VA becomes its end. -ENOMEM: nothing is mapped there.
 */
err_t	space_shared_file(struct space *s, vaddr_t *va, struct object **o) MUST_CHECK;
/* vm/share.c: SPEC 2.2's calls for memory at the break. Errors change nothing. */

/*
 * vmgrow: LEN bytes at AT, or at the break (0), which becomes their end. -EINVAL, -EEXIST, -ENOMEM.
 */
err_t	space_grow_at(struct space *s, size_t len, vaddr_t at, vaddr_t *start) MUST_CHECK;
/* mapshared. -EEXIST: there is one already. */
err_t	space_mapshared(struct space *s, vaddr_t *va) MUST_CHECK;
vaddr_t	space_getshared(struct space *s);	/* 0: none */
err_t	space_unmapshared(struct space *s) MUST_CHECK;	/* -EINVAL: none */
/*
 * The pages of [va, va + size) of SRC become shared memory and appear at DST's break;
 * *AT is where VA is there. -EFAULT: a page that is not mapped. SRC is not DST.
 */
err_t	space_share_pages(struct space *src, struct space *dst, vaddr_t va, size_t size,
	    vaddr_t *at)
	    MUST_CHECK;
/* -EINVAL: a page of the range is not in a shared mapping. */
err_t	space_unshare_pages(struct space *s, vaddr_t va, size_t size) MUST_CHECK;

size_t	space_vpages(struct space *s);
size_t	space_ppages(struct space *s);

enum fault_why {
	FAULT_OK,
	FAULT_NO_MAPPING,
	FAULT_READ_ONLY,
	FAULT_NO_RIGHT,			/* to read or to execute */
	FAULT_GUARD,
	FAULT_PAST_END,
	FAULT_NO_MEMORY,
	FAULT_IO,			/* the disk: an error, or full */
};
/* Serve an access of ACC to VA; FAULT_OK: it will now succeed. Sleeps. */
enum fault_why space_fault(struct space *s, vaddr_t va, enum access acc) EXCLUDES(s->lock);
/*
 * A store to VA, with interrupts disabled, which stay so: if it is beside the last one that got a
 * page (struct last_store), and nobody has to be waited for. false: nothing has changed.
 */
bool	space_store_beside(struct space *s, vaddr_t va) EXCLUDES(s->lock);
const char *fault_why_text(enum fault_why w);	/* "no mapping", ... (SPEC 2.3) */
int	fault_signal(enum fault_why w);		/* SIGSEGV, SIGBUS, SIGKILL */
/*
 * The first region with end > START; all but `ino`. *FILE: the object of the file it maps,
 * referenced, or NULL. false: no more.
 */
bool	space_region_info(struct space *s, vaddr_t start, struct kinfo_region *out,
	    struct object **file);

/* vm/users.c: how many pages of processes are frame P, which one of them has at VA. Slow. */
uint32_t space_page_users(const struct page *p, vaddr_t va);

enum vm_activity {
	VM_RUNS,		/* anything may happen meanwhile */
	VM_HALTED,		/* no other process runs: I1 holds, but for pins of file pages */
	VM_STILL,		/* nothing else runs */
};
/* vm/check.c: verify the invariants, print what is wrong. */
bool	vm_check_all(enum vm_activity activity);

#endif
