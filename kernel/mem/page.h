/*
 * Page frames: a buddy allocator with a small stock per processor, and one
 * struct page for every frame of RAM.
 *
 * A frame is in one state; who allocates it says which. `refs` counts the
 * holders (I1); page_put frees at exactly 0. Nothing here sleeps or
 * reclaims: page_alloc returns NULL when no frame is free (but for a small
 * emergency stock that only reclaim and write-back may draw on), and
 * the caller, holding no lock that reclaim may need, calls mem_reclaim and starts over.
 *
 * Field key:  z  zone lock while FREE   @  atomic   o  lock of the object   h  whoever holds it
 */
#ifndef MEM_PAGE_H
#define MEM_PAGE_H

#include "lib/atomic.h"
#include "md/boot.h"
#include "md/types.h"

enum page_state {
	PAGE_RESERVED,		/* firmware, kernel image, frame array */
	PAGE_FREE,
	PAGE_SLAB,
	PAGE_KERNEL,		/* stacks, page tables, buffers */
	PAGE_ANON,		/* private or shared memory of processes */
	PAGE_FILE,		/* in a file's object */
	PAGE_TABLE,		/* page table of a process */
};

#define PAGE_BUSY	0x01	/* o: one thread fills it; mapped nowhere (I4) */
#define PAGE_WANTED	0x02	/* o: somebody waits for BUSY or WRITEBACK to end */
#define PAGE_DIRTY	0x04	/* o: newer than the disk */
#define PAGE_BACKED	0x08	/* o: every block below the end of file is allocated */
#define PAGE_WRITEBACK	0x10	/* o: on its way to the disk */
#define PAGE_USED	0x20	/* o: touched since the clock hand last passed */
#define PAGE_POISONED	0x40	/* z: debug builds: free, and filled with a pattern */

struct page {
	uint8_t	 state;
	uint8_t	 order;			/* z: of a free block, or of what was allocated */
	union {
		uint16_t flags;		/* o; z of a free page */
		uint16_t first_free;	/* SLAB: see slab.c */
	};
	uint32_t refs;			/* @ */
	union {
		struct object *obj;	/* o: FILE and shared ANON pages in an object */
		struct slab_cache *cache; /* SLAB */
		struct pmap *pmap;	/* TABLE */
	};
	union {
		uint32_t index;		/* o: in the object; h: the port's for a TABLE */
		uint32_t prev;		/* z: free lists, by frame number; SLAB */
	};
	union {
		uint32_t next;		/* z: the same; h: of a chain; SLAB */
		uint32_t aux;		/* h: in no chain; 0 at first */
	};
};
_Static_assert(sizeof(struct page) <= 24, "the frame array is a cost");

#define MAX_ORDER	10		/* blocks of up to 4 MiB */

extern struct page *page_frames;	/* by number; from page_frame_first to page_frame_end */
extern uint32_t page_frame_first, page_frame_end;

static inline uint32_t
page_pfn(const struct page *p)
{
	return (uint32_t)(p - page_frames);
}

static inline struct page *
page_of_pfn(uint32_t pfn)
{
	return &page_frames[pfn];
}

static inline paddr_t
page_phys(const struct page *p)
{
	return (paddr_t)(p - page_frames) << PAGE_SHIFT;
}

static inline struct page *
page_of_phys(paddr_t pa)
{
	return page_of_pfn((uint32_t)(pa >> PAGE_SHIFT));
}

static inline void *
page_virt(const struct page *p)
{
	return md_phys_to_virt(page_phys(p));
}

static inline struct page *
page_of_virt(const void *v)
{
	return page_of_phys(md_virt_to_phys(v));
}

/* RAM from the boot information; sets up the frame array in it. */
void	page_init(struct bootinfo *bi);

/* One frame, or 2^order contiguous ones, refs 1. Contents undefined. NULL: none. */
struct page *page_alloc(enum page_state state);
/*
 * The same where interrupts are disabled, and stay so. NULL: the processor's own stock has none, or
 * somebody is at it.
 */
struct page *page_try_alloc(enum page_state state);
/* N times page_alloc; how many, at the beginning of P: fewer when no more are free. */
unsigned page_alloc_many(enum page_state state, struct page **p, unsigned n);
struct page *page_alloc_zero(enum page_state state);
struct page *page_alloc_order(enum page_state state, unsigned order);
/* May use the emergency stock: write-back, reclaim and what they call. */
struct page *page_alloc_urgent(enum page_state state);
/*
 * After frames were reclaimed: if the emergency stock was drawn on they go there, before
 * anybody takes them.
 */
void	page_refill_emergency(void);

static inline void
page_get(struct page *p)
{
	atomic_add_relaxed(&p->refs, 1);
}
/* The last reference has gone: LEFT is 0, or less when there was none. */
void	page_free(struct page *p, int32_t left);
static inline void
page_put(struct page *p)
{
	int32_t left = (int32_t)atomic_sub_release(&p->refs, 1);

	if (unlikely(left <= 0))
		page_free(p, left);
}
/* page_put of each of the N pages in SLOT, NULL ones left out; nobody else puts or gets them. */
void	page_put_many(void *const *slot, unsigned n);
static inline uint32_t
page_refs(const struct page *p)
{
	return atomic_load_acquire(&p->refs);
}

/* N slots in a row: the pages in them whose flags, of those in MASK, are WANT. */
struct page_run {
	struct page *const *page;
	unsigned n;
	unsigned mask, want;
};

static inline void
page_run_advance(struct page_run *r, unsigned n)
{
	r->page += n;
	r->n -= n;
}

/* Leave out the slots before the first page; how many. */
static inline unsigned
page_run_skip(struct page_run *r)
{
	unsigned i = 0;

	while (i < r->n && (r->page[i] == NULL || (r->page[i]->flags & r->mask) != r->want))
		i++;
	page_run_advance(r, i);
	return i;
}

#define PFN_NONE	0xffffffffu

/* Frames linked through `next`. */
struct page_chain {
	uint32_t first, last;		/* frame numbers; PFN_NONE: empty */
	uint32_t n;
};
#define PAGE_CHAIN_EMPTY	((struct page_chain){ PFN_NONE, PFN_NONE, 0 })

static inline void
page_chain_push(struct page_chain *c, struct page *p)
{
	p->next = c->first;
	c->first = page_pfn(p);
	if (c->n++ == 0)
		c->last = c->first;
}

static inline struct page *
page_chain_pop(struct page_chain *c)
{
	struct page *p = page_of_pfn(c->first);

	c->first = p->next;
	c->n--;
	p->aux = 0;
	return p;
}

/* All of FROM goes to the front of C. */
static inline void
page_chain_join(struct page_chain *c, struct page_chain *from)
{
	if (from->n == 0)
		return;
	page_of_pfn(from->last)->next = c->first;
	c->first = from->first;
	if (c->n == 0)
		c->last = from->last;
	c->n += from->n;
	*from = PAGE_CHAIN_EMPTY;
}

size_t	page_count_total(void);			/* frames managed */
size_t	page_count_free(void);			/* with nobody, stocks included */
size_t	page_count_state(enum page_state s);
/*
 * Called by an allocation that finds fewer than LOW frames free, under spinlocks: it may wake a
 * thread, no more.
 */
void	page_set_low_hook(size_t low, void (*hook)(void));

#endif
