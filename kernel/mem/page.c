/* See mem/page.h. */
#include "mem/page.h"

#include "kern/print.h"
#include "kern/thread.h"
#include "lib/string.h"
#include "md/usercopy.h"
#include "mem/reclaim.h"

#define BATCH_ORDER	8
#define BATCH		(1u << BATCH_ORDER)	/* single frames that move together */
#define EMERGENCY	32		/* frames that only page_alloc_urgent takes */
#define POISON		((unsigned long)0xdbdbdbdbdbdbdbdb)

/*
 * The free frames of all RAM: blocks of the buddy system, and batches of single frames
 * as processors gave them back, which are only made into blocks when one is wanted. The frames
 * of a batch are linked through `next`, batches through the `prev` of their first frame.
 */
static struct {
	struct spinlock lock;
	uint32_t head[MAX_ORDER + 1];	/* lock: first free block of an order */
	uint32_t batches;		/* lock: first frame of the first batch */
	size_t	 nfree;			/* lock: frames, in blocks and batches */
	size_t	 total;			/* c */
	size_t	 low;			/* c */
	void	 (*low_hook)(void);	/* c */
} zone = { .lock = SPINLOCK_INIT("zone", RANK_PAGE) };

/*
 * A processor's own frames and its part of the statistics. Two batches, so that neither a
 * run of allocations nor one of frees goes to the zone more often than once in BATCH.
 */
static struct page_stock {
	struct spinlock lock;		/* RANK_PAGE_STOCK: the processor's own, or a thief's */
	struct page_chain open;		/* lock: fewer than BATCH, or as many */
	struct page_chain full;		/* lock: BATCH, or none */
	long	 by_state[PAGE_TABLE + 1];	/* lock: taken less given back */
} __attribute__((aligned(64))) stocks[MAX_CPUS];

struct page *page_frames READ_MOSTLY;
uint32_t page_frame_first READ_MOSTLY, page_frame_end READ_MOSTLY;

/* ---- the buddy system; zone.lock held ---- */

static void
block_push(struct page *p, unsigned order)
{
	uint32_t pfn = page_pfn(p), head = zone.head[order];

	p->state = PAGE_FREE;
	p->order = (uint8_t)order;
	p->prev = PFN_NONE;
	p->next = head;
	if (head != PFN_NONE)
		page_of_pfn(head)->prev = pfn;
	zone.head[order] = pfn;
}

static void
block_unlink(struct page *p)
{
	if (p->prev == PFN_NONE)
		zone.head[p->order] = p->next;
	else
		page_of_pfn(p->prev)->next = p->next;
	if (p->next != PFN_NONE)
		page_of_pfn(p->next)->prev = p->prev;
	p->state = PAGE_RESERVED;	/* no longer the head of a free block */
}

static struct page *
block_take(unsigned order)
{
	unsigned have = order;

	while (have <= MAX_ORDER && zone.head[have] == PFN_NONE)
		have++;
	if (have > MAX_ORDER)
		return NULL;

	struct page *p = page_of_pfn(zone.head[have]);

	block_unlink(p);
	while (have > order) {
		have--;
		block_push(p + ((size_t)1 << have), have);
	}
	zone.nfree -= (size_t)1 << order;
	return p;
}

static bool
is_free_block(uint32_t pfn, unsigned order)
{
	if (pfn < page_frame_first || pfn >= page_frame_end)
		return false;

	const struct page *p = page_of_pfn(pfn);

	return p->state == PAGE_FREE && p->order == order;
}

static void
block_give(struct page *p, unsigned order)
{
	uint32_t pfn = page_pfn(p);

	zone.nfree += (size_t)1 << order;
	p->state = PAGE_RESERVED;
	for (; order < MAX_ORDER; order++) {
		uint32_t buddy = pfn ^ (1u << order);

		if (!is_free_block(buddy, order))
			break;
		block_unlink(page_of_pfn(buddy));
		pfn &= ~(1u << order);
	}
	block_push(page_of_pfn(pfn), order);
}

/* ---- batches; zone.lock held ---- */

static void
batch_push(struct page_chain *c)
{
	page_of_pfn(c->first)->prev = zone.batches;
	zone.batches = c->first;
	zone.nfree += c->n;
	*c = PAGE_CHAIN_EMPTY;
}

/* Makes blocks of the first batch. false: there is none. */
static bool
batch_dissolve(void)
{
	uint32_t pfn = zone.batches;

	if (pfn == PFN_NONE)
		return false;
	zone.batches = page_of_pfn(pfn)->prev;
	zone.nfree -= BATCH;
	while (pfn != PFN_NONE) {
		struct page *p = page_of_pfn(pfn);

		pfn = p->next;
		block_give(p, 0);
	}
	return true;
}

/* A batch from the list, or made of a block. */
static bool
batch_take(struct page_chain *c)
{
	struct page *p;

	if (zone.batches != PFN_NONE) {
		c->first = zone.batches;
		c->last = PFN_NONE;	/* not known: chains of a stock are never joined */
		c->n = BATCH;
		zone.batches = page_of_pfn(c->first)->prev;
		zone.nfree -= BATCH;
		return true;
	}
	p = block_take(BATCH_ORDER);
	if (p == NULL)
		return false;
	/* From the end, so that it is handed out in order. */
	for (unsigned i = BATCH; i-- > 0;) {
		p[i].state = PAGE_RESERVED;
		page_chain_push(c, &p[i]);
	}
	return true;
}

/* ---- stocks ---- */

/*
 * Single frames, here or in a batch, are RESERVED, so that the buddy system leaves them
 * alone. S is full: what it has too much goes to the zone.
 */
static void
stock_push_slow(struct page_stock *s)
{
	if (s->full.n > 0) {
		spin_lock(&zone.lock);
		batch_push(&s->full);
		spin_unlock(&zone.lock);
	}
	s->full = s->open;
	s->open = PAGE_CHAIN_EMPTY;
}

static inline void
stock_push(struct page_stock *s, struct page *p)
{
	if (unlikely(s->open.n == BATCH))
		stock_push_slow(s);
	p->state = PAGE_RESERVED;
	page_chain_push(&s->open, p);
}

/*
 * Fill S from the zone; false: too little is left there. *LOW: the hook is due. Of the last
 * frames one at a time: what is in the stock, anybody takes.
 */
static bool
stock_fill(struct page_stock *s, bool urgent, bool *low)
{
	size_t keep = urgent ? 0 : EMERGENCY;
	struct page *p;

	if (s->full.n > 0) {
		s->open = s->full;
		s->full = PAGE_CHAIN_EMPTY;
		return true;
	}
	spin_lock(&zone.lock);
	if (zone.nfree < EMERGENCY + BATCH || !batch_take(&s->open)) {
		while (batch_dissolve())
			;
		while (s->open.n < BATCH && zone.nfree > (s->open.n == 0 ? keep : EMERGENCY) &&
		    (p = block_take(0)) != NULL)
			page_chain_push(&s->open, p);
	}
	*low = zone.nfree < zone.low;
	spin_unlock(&zone.lock);
	return s->open.n > 0;
}

/* The zone is empty: what processors have parked goes back to it. */
static void
stocks_recall(void)
{
	for (unsigned i = 0; i < MAX_CPUS; i++) {
		struct page_stock *s = &stocks[i];

		spin_lock(&s->lock);
		spin_lock(&zone.lock);
		while (s->open.n > 0)
			block_give(page_chain_pop(&s->open), 0);
		while (s->full.n > 0)
			block_give(page_chain_pop(&s->full), 0);
		spin_unlock(&zone.lock);
		spin_unlock(&s->lock);
	}
}

void
page_refill_emergency(void)
{
	if (atomic_load_relaxed(&zone.nfree) < EMERGENCY)
		stocks_recall();
}

/* ---- allocation ---- */

#ifdef DEBUG
/*
 * In frames as they are freed; those that nobody has used yet are left alone, for the boot's sake.
 */
static void
poison(struct page *p, unsigned order)
{
	unsigned long *w = page_virt(p);

	for (size_t i = 0; i < (PAGE_SIZE << order) / sizeof(*w); i++)
		w[i] = POISON;
	for (unsigned i = 0; i < 1u << order; i++)
		p[i].flags = PAGE_POISONED;
}

static void
check_poison_frame(struct page *p)
{
	const unsigned long *w = page_virt(p);

	if (!(p->flags & PAGE_POISONED))
		return;
	for (size_t i = 0; i < PAGE_SIZE / sizeof(*w); i++)
		if (w[i] != POISON)
			panic("free frame %u was written to: %lx at %p", page_pfn(p), w[i],
			    (const void *)&w[i]);
	p->flags = 0;
}

static void
check_poison(struct page *p, unsigned order)
{
	for (unsigned i = 0; i < 1u << order; i++)
		check_poison_frame(&p[i]);
}
#else
#define poison(p, order)	((void)(p), (void)(order))
#define check_poison(p, order)	((void)(p), (void)(order))
#endif

static inline struct page *
hand_out(struct page *p, enum page_state state, unsigned order)
{
	check_poison(p, order);
	*p = (struct page){ .state = (uint8_t)state, .order = (uint8_t)order, .refs = 1 };
	return p;
}

/* S has one. */
static inline struct page *
stock_take(struct page_stock *s, enum page_state state)
{
	struct page *p = page_chain_pop(&s->open);

	s->by_state[state]++;
	return hand_out(p, state, 0);
}

static struct page *
alloc_one(enum page_state state, bool urgent)
{
	bool low = false;
	struct page_stock *s = cpu_head()->pages;
	struct page *p = NULL;

	spin_lock(&s->lock);
	if (s->open.n > 0 || stock_fill(s, urgent, &low))
		p = stock_take(s, state);
	spin_unlock(&s->lock);
	if (unlikely(low) && zone.low_hook != NULL)
		zone.low_hook();
	return p;
}

static __attribute__((noinline)) struct page *
alloc_slowly(enum page_state state, bool urgent)
{
	struct page *p = alloc_one(state, urgent);

	if (p == NULL) {
		stocks_recall();
		p = alloc_one(state, urgent);
	}
	return p;
}

/* It calls nothing. */
struct page *
page_try_alloc(enum page_state state)
{
	struct page_stock *s = cpu_head()->pages;
	struct page *p = NULL;

	if (unlikely(!spin_try_masked(&s->lock)))
		return NULL;
	if (likely(s->open.n > 0))
		p = stock_take(s, state);
	spin_unlock_masked(&s->lock);
	return p;
}

struct page *
page_alloc(enum page_state state)
{
	struct page *p;

	if (mem_should_fail())
		return NULL;
	intr_push();
	p = page_try_alloc(state);
	intr_pop();
	return likely(p != NULL) ? p : alloc_slowly(state, false);
}

unsigned
page_alloc_many(enum page_state state, struct page **p, unsigned n)
{
	struct page_stock *s = cpu_head()->pages;
	unsigned i = 0;

	while (i < n && (p[i] = page_alloc(state)) != NULL) {	/* which fills the stock */
		spin_lock(&s->lock);
		for (i++; i < n && s->open.n > 0 && !mem_should_fail(); i++)
			p[i] = stock_take(s, state);
		spin_unlock(&s->lock);
	}
	return i;
}

struct page *
page_alloc_urgent(enum page_state state)
{
	return alloc_slowly(state, true);
}

struct page *
page_alloc_zero(enum page_state state)
{
	struct page *p = page_alloc(state);

	if (p != NULL)
		md_page_clear(page_virt(p));
	return p;
}

static struct page *
alloc_block(unsigned order)
{
	struct page *p = NULL;

	spin_lock(&zone.lock);
	if (zone.nfree > EMERGENCY + ((size_t)1 << order))
		do
			p = block_take(order);
		while (p == NULL && batch_dissolve());
	spin_unlock(&zone.lock);
	return p;
}

struct page *
page_alloc_order(enum page_state state, unsigned order)
{
	struct page *p;
	struct page_stock *s;

	if (order == 0)
		return page_alloc(state);
	if (order > MAX_ORDER || mem_should_fail())
		return NULL;
	p = alloc_block(order);
	if (p == NULL) {
		stocks_recall();
		p = alloc_block(order);
	}
	if (p == NULL)
		return NULL;
	s = cpu_head()->pages;
	spin_lock(&s->lock);
	s->by_state[state] += 1l << order;
	spin_unlock(&s->lock);
	return hand_out(p, state, order);
}

void
page_free(struct page *p, int32_t left)
{
	struct page_stock *s = cpu_head()->pages;
	unsigned order = p->order;

	assert(left == 0 && p->state > PAGE_FREE);
	atomic_fence_acquire();
	poison(p, order);
	spin_lock(&s->lock);
	s->by_state[p->state] -= 1l << order;
	if (order == 0)
		stock_push(s, p);
	spin_unlock(&s->lock);
	if (order > 0) {
		spin_lock(&zone.lock);
		block_give(p, order);
		spin_unlock(&zone.lock);
	}
}

void
page_put_many(void *const *slot, unsigned n)
{
	struct page_stock *s = cpu_head()->pages;

	spin_lock(&s->lock);
	for (unsigned i = 0; i < n; i++) {
		struct page *p = slot[i];

		if (p == NULL)
			continue;
		if (page_refs(p) != 1) {	/* 1 is ours, and nobody else can raise it */
			if (atomic_sub_release(&p->refs, 1) > 0)
				continue;
			atomic_fence_acquire();
		}
		assert(p->state > PAGE_FREE && p->order == 0);
		atomic_store_relaxed(&p->refs, 0);
		s->by_state[p->state]--;
		poison(p, 0);
		stock_push(s, p);
	}
	spin_unlock(&s->lock);
}

/* ---- counting ---- */

size_t
page_count_total(void)
{
	return zone.total;
}

size_t
page_count_free(void)
{
	size_t n = atomic_load_relaxed(&zone.nfree);

	for (unsigned i = 0; i < MAX_CPUS; i++)
		n += atomic_load_relaxed(&stocks[i].open.n) +
		    atomic_load_relaxed(&stocks[i].full.n);
	return n;
}

size_t
page_count_state(enum page_state state)
{
	long n = 0;

	for (unsigned i = 0; i < MAX_CPUS; i++)
		n += atomic_load_relaxed(&stocks[i].by_state[state]);
	return (size_t)n;
}

void
page_set_low_hook(size_t low, void (*hook)(void))
{
	zone.low = low;
	zone.low_hook = hook;
}

/* ---- start-up ---- */

/*
 * The first part of [*start, end) that no reserved range touches; false when
 * there is none. *start and *stop are its bounds.
 */
static bool
usable(const struct bootinfo *bi, paddr_t *start, paddr_t end, paddr_t *stop)
{
	bool moved;

	do {
		moved = false;
		for (unsigned i = 0; i < bi->nreserved; i++) {
			const struct boot_range *r = &bi->reserved[i];

			if (r->start <= *start && *start < r->end) {
				*start = PAGE_UP(r->end);
				moved = true;
			}
		}
	} while (moved);
	if (*start >= end)
		return false;
	*stop = end;
	for (unsigned i = 0; i < bi->nreserved; i++) {
		const struct boot_range *r = &bi->reserved[i];

		if (r->start > *start && r->start < *stop)
			*stop = PAGE_DOWN(r->start);
	}
	return true;
}

/* The frame array goes to the end of the highest usable range that holds it. */
static void
place_frame_array(struct bootinfo *bi, size_t bytes)
{
	paddr_t best = 0;

	for (unsigned i = 0; i < bi->nram; i++) {
		paddr_t at = bi->ram[i].start, stop;

		for (; usable(bi, &at, bi->ram[i].end, &stop); at = stop)
			if (stop > at && stop - at >= bytes)
				best = stop - bytes;
	}
	if (best == 0 || bi->nreserved == BOOT_MAX_RANGES)
		panic("no room for %zu bytes of frame array", bytes);
	memset(md_phys_to_virt(best), 0, bytes);
	page_frames = (struct page *)md_phys_to_virt(best) - page_frame_first;
	bi->reserved[bi->nreserved++] = (struct boot_range){ best, best + bytes };
}

static void
give_range(paddr_t start, paddr_t end)
{
	uint32_t pfn = (uint32_t)(start >> PAGE_SHIFT), stop = (uint32_t)(end >> PAGE_SHIFT);

	zone.total += stop - pfn;
	while (pfn < stop) {
		unsigned order = 0;

		while (order < MAX_ORDER && pfn % (2u << order) == 0 && pfn + (2u << order) <= stop)
			order++;
		block_give(page_of_pfn(pfn), order);
		pfn += 1u << order;
	}
}

void
page_init(struct bootinfo *bi)
{
	assert(bi->nram > 0);
	for (unsigned i = 0; i <= MAX_ORDER; i++)
		zone.head[i] = PFN_NONE;
	zone.batches = PFN_NONE;
	for (unsigned i = 0; i < MAX_CPUS; i++) {
		spin_init(&stocks[i].lock, "page stock", RANK_PAGE_STOCK);
		stocks[i].open = stocks[i].full = PAGE_CHAIN_EMPTY;
		cpus[i].head.pages = &stocks[i];
	}
	page_frame_first = (uint32_t)(bi->ram[0].start >> PAGE_SHIFT);
	page_frame_end = (uint32_t)(bi->ram[bi->nram - 1].end >> PAGE_SHIFT);
	place_frame_array(bi, PAGE_UP((page_frame_end - page_frame_first) * sizeof(struct page)));
	for (unsigned i = 0; i < bi->nram; i++) {
		paddr_t at = bi->ram[i].start, stop;

		for (; usable(bi, &at, bi->ram[i].end, &stop); at = stop)
			give_range(at, stop);
	}
}
