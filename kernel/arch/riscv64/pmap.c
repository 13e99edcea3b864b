/*
 * Sv39 page tables; the contract is md/pmap.h. Source: RISC-V Privileged
 * Specification 1.12, 4.3-4.4.
 *
 * What is the same in each table is in mem/table.h. Root entries of
 * the kernel half are all made before the first pmap, and copied to each.
 *
 * A change is three steps (R4): under the lock, entries are changed and
 * tables unlinked; with the lock released, processors that may have the old
 * ones cached are made to forget them; then the tables are freed.
 */
#include "md/pmap.h"

#include "arch/riscv64/csr.h"
#include "arch/riscv64/port.h"
#include "arch/riscv64/sbi.h"
#include "kern/print.h"
#include "kern/spinlock.h"
#include "lib/atomic.h"
#include "mem/page.h"
#include "mem/slab.h"
#include "mem/table.h"

#define PTE_V		0x001ul
#define PTE_R		0x002ul
#define PTE_W		0x004ul
#define PTE_X		0x008ul
#define PTE_U		0x010ul
#define PTE_G		0x020ul
#define PTE_A		0x040ul
#define PTE_D		0x080ul
#define PTE_COW		0x100ul		/* the two bits that hardware leaves to software */
#define PTE_SHARED	0x200ul
#define PTE_RWX		(PTE_R | PTE_W | PTE_X)
#define PTE_PPN_SHIFT	10		/* the bits above the number are 0 */

#define ENTRIES		TABLE_ENTRIES
#define TOP		2u		/* level of the root's entries */
#define SPAN(level)	(1ul << (PAGE_SHIFT + 9 * (level)))
#define USER_ROOTS	(ENTRIES / 2)	/* root entries of the user half */
#define FENCE_PAGES	16		/* beyond so many pages a full flush is cheaper */

#define NO_LEAF		DIRECT_MAP	/* leaf_va: none, or it may be gone */

#define SHARE_COPIES	(64 / TABLE_PER_PART)	/* parts of a range that fork copies at most */
#define SHARE_PARTS	1u		/* that it keeps when it may drop the others */
#define SHARE_ALL	(UINT32_MAX / TABLE_PER_PART)

/* Leaf tables of the stack window made at boot: enough for 512 processes and the daemons. */
#define STACK_TABLES	5

struct pmap {
	struct spinlock lock;
	uint64_t *root;			/* c; entries: lock */
	uint64_t satp;			/* c: that says so */
	/* lock: inner tables of the user half (kernel_pmap: kernel half) */
	size_t	 ntables;
	vaddr_t	 leaf_va;		/* lock: where the leaf table last looked up begins ... */
	uint64_t *leaf;			/* ... and that table */
	unsigned long active;		/* @: processors whose satp it is */
	unsigned long istale;		/* @: processors to fence.i before they run its user code */
	/* Of whoever forks, one at a time: */
	bool	 stale;			/* pmap_share changed what pmap_flush will flush */
	struct page_chain doomed;	/* the tables it unlinked */
};

static struct pmap kernel_tables = { .lock = SPINLOCK_INIT("pmap", RANK_PMAP),
	.leaf_va = NO_LEAF };
struct pmap *const kernel_pmap = &kernel_tables;
unsigned long cpus_online;

SLAB_CACHE(pmap_cache, struct pmap);

/* A change of a range, and what is to be done after it. */
struct change {
	struct pmap *pm;
	bool	 remove;		/* entries go; else */
	unsigned long keep, label;	/* they keep these rights, and gain this label */
	bool	 any;			/* one changed */
	struct page_chain chain;	/* unlinked tables */
};

static inline unsigned
index_of(vaddr_t va, unsigned level)
{
	return va >> (PAGE_SHIFT + 9 * level) & (ENTRIES - 1);
}

static inline paddr_t
pte_phys(uint64_t e)
{
	return e >> PTE_PPN_SHIFT << PAGE_SHIFT;
}

static inline bool
pte_is_table(uint64_t e)
{
	return (e & (PTE_V | PTE_RWX)) == PTE_V;
}

static inline uint64_t *
pte_table(uint64_t e)
{
	return md_phys_to_virt(pte_phys(e));
}

_Static_assert(PROT_RWX << 1 == PTE_RWX && PROT_U << 1 == PTE_U && PROT_COW << 1 == PTE_COW &&
    PROT_SHARED << 1 == PTE_SHARED && PROT_W == PTE_R, "pte_make shifts");

/* P8; and the hardware has no write-only pages. */
static inline uint64_t
pte_make(paddr_t pa, prot_t prot)
{
	uint64_t w = prot & PROT_W, global = ~prot & PROT_U;

	return pa >> (PAGE_SHIFT - PTE_PPN_SHIFT) | (uint64_t)prot << 1 | w | w * (PTE_D / PROT_W) |
	    global * (PTE_G / PROT_U) | PTE_V | PTE_A;
}

static prot_t
pte_prot(uint64_t e)
{
	return (e & PTE_R ? PROT_R : 0) | (e & PTE_W ? PROT_W : 0) | (e & PTE_X ? PROT_X : 0) |
	    (e & PTE_U ? PROT_U : 0) | (e & PTE_COW ? PROT_COW : 0) |
	    (e & PTE_SHARED ? PROT_SHARED : 0);
}

/* The entry that translates VA, and its level; 0: none. */
static uint64_t
lookup(const struct pmap *pm, vaddr_t va, unsigned *level)
{
	const uint64_t *t = pm->root;

	for (*level = TOP;; --*level) {
		uint64_t e = atomic_load_relaxed(&t[index_of(va, *level)]);

		if (!pte_is_table(e))
			return e;
		assert(*level > 0);
		t = pte_table(e);
	}
}

/* ---- other processors ---- */

static unsigned long
users_of(const struct pmap *pm)
{
	return atomic_load(pm == kernel_pmap ? &cpus_online : &pm->active);
}

/*
 * No processor uses an old entry of [va, va + len) from now on. The caller
 * changed the entries before; a processor that activates PM and is not in
 * the mask we read flushes after it entered itself there, hence after our change.
 */
static void
shootdown(const struct pmap *pm, vaddr_t va, size_t len)
{
	unsigned long self = 1ul << md_cpu_id(), cpus;
	bool all = len > FENCE_PAGES * PAGE_SIZE;

	atomic_fence();
	cpus = users_of(pm);
	if (cpus & self) {
		if (!all)
			for (vaddr_t p = va; p != va + len; p += PAGE_SIZE)
				sfence_page(p);
		else if (pm == kernel_pmap)
			sfence_all();
		else
			sfence_user();
	}
	if (cpus & ~self)
		sbi_remote_sfence(cpus & ~self, all ? 0 : va, all ? -1ul : len);
}

/*
 * P7, before an executable page is entered in PM. Who runs PM now is
 * interrupted; the others are marked and see to it in pmap_activate. Both sides
 * write their word before they read the other's, so none is missed.
 */
static void
icache_sync(struct pmap *pm)
{
	unsigned long self = 1ul << md_cpu_id(), others;

	fence_i();
	atomic_or(&pm->istale, ~self);
	others = users_of(pm) & ~self;
	if (others != 0)
		sbi_remote_fence_i(others);
}

/*
 * The mask gains us before satp is loaded: a shootdown that comes too early
 * hurts nobody, one that misses us would. It loses us after the flush, when
 * nothing of the old table is cached here.
 */
void
pmap_activate(struct pmap *pm, struct pmap *old)
{
	unsigned long self = 1ul << md_cpu_id();

	atomic_or_relaxed(&pm->active, self);
	atomic_fence();
	csr_write(satp, pm->satp);
	sfence_user();
	atomic_and_release(&old->active, ~self);
	if (unlikely(atomic_load_relaxed(&pm->istale) & self)) {
		atomic_and(&pm->istale, ~self);
		fence_i();
	}
}

/* ---- entering ---- */

/* The leaf entry for VA, or NULL: a table is missing. */
static inline uint64_t *
leaf_find(struct pmap *pm, vaddr_t va) REQUIRES(pm->lock)
{
	uint64_t e;

	if (unlikely(va - pm->leaf_va >= SPAN(1))) {
		e = pm->root[index_of(va, 2)];
		e = e == 0 ? 0 : pte_table(e)[index_of(va, 1)];
		if (e == 0)
			return NULL;
		pm->leaf_va = ROUND_DOWN(va, SPAN(1));
		pm->leaf = pte_table(e);
	}
	return &pm->leaf[index_of(va, 0)];
}

static unsigned
tables_missing(const struct pmap *pm, vaddr_t va)
{
	unsigned level;
	uint64_t e = lookup(pm, va, &level);

	assert(e == 0 || level == 0);		/* no leaf of a kernel mapping in large pages */
	return level;
}

/* The leaf entry for VA, with tables from SPARE where they are missing. */
static uint64_t *
leaf_make(struct pmap *pm, vaddr_t va, struct page_chain *spare) REQUIRES(pm->lock)
{
	uint64_t *t = pm->root;

	for (unsigned level = TOP; level > 0; level--) {
		uint64_t *e = &t[index_of(va, level)];

		if (*e == 0) {
			struct page *p = page_chain_pop(spare);

			p->pmap = pm;
			table_note(e);
			pm->ntables++;
			atomic_store_release(e,
			    page_phys(p) >> PAGE_SHIFT << PTE_PPN_SHIFT | PTE_V);
		}
		t = pte_table(*e);
	}
	return &t[index_of(va, 0)];
}

/*
 * With PM locked, VA's leaf entry, for which tables are missing: they can't be allocated under
 * the lock. NULL: out of memory, and not locked.
 */
static __attribute__((noinline)) uint64_t *
new_leaf(struct pmap *pm, vaddr_t va) NO_TSA
{
	struct page_chain spare = PAGE_CHAIN_EMPTY;
	struct page *p;
	unsigned need;

	while ((need = tables_missing(pm, va)) != spare.n) {
		spin_unlock(&pm->lock);
		if (need < spare.n) {		/* somebody was faster */
			table_free(&spare, TABLE_INNER);
		} else if ((p = table_alloc(TABLE_INNER)) != NULL) {
			page_chain_push(&spare, p);
		} else {
			table_give_up(&spare);
			return NULL;
		}
		spin_lock(&pm->lock);
	}
	return leaf_make(pm, va, &spare);
}

/* Lock PM and find VA's leaf entry. NULL: out of memory, and not locked. */
static uint64_t *
lock_leaf(struct pmap *pm, vaddr_t va) NO_TSA
{
	uint64_t *e;

	spin_lock(&pm->lock);
	e = leaf_find(pm, va);
	return likely(e != NULL) ? e : new_leaf(pm, va);
}

/* Nobody may use the entry that was where NEW is now. */
static __attribute__((noinline)) void
entry_replaced(const struct pmap *pm, vaddr_t va, bool changed)
{
	if (changed)
		shootdown(pm, va, PAGE_SIZE);
	else
		sfence_page(va);
}

/* What was at E before NEW. */
static inline uint64_t
entry_set(uint64_t *e, uint64_t new)
{
	uint64_t old = *e;

	if (old == 0)
		table_note(e);
	atomic_store_release(e, new);
	return old;
}

/*
 * In the leaf table last looked up, with nobody in the way. Nobody is told when an entry appears
 * where none was: a processor that has the absence cached faults, and comes here again with the
 * entry in place.
 */
bool
pmap_try_enter(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot) NO_TSA
{
	uint64_t old, new = pte_make(pa, prot);
	size_t i;

	if (unlikely((prot & PROT_X) || !spin_try_masked(&pm->lock)))
		return false;
	i = (va - pm->leaf_va) >> PAGE_SHIFT;
	old = likely(i < ENTRIES) ? entry_set(&pm->leaf[i], new) : 0;
	spin_unlock_masked(&pm->lock);
	if (old != 0)
		entry_replaced(pm, va, old != new);
	return i < ENTRIES;
}

err_t
pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot) NO_TSA
{
	uint64_t *e, old, new = pte_make(pa, prot);

	assert(prot & PROT_RWX && ((va | pa) & PAGE_MASK) == 0);
	assert(pm == kernel_pmap ? va >= KSTACK_WINDOW : va < USER_MAX && (prot & PROT_U));
	if (prot & PROT_X)
		icache_sync(pm);
	e = lock_leaf(pm, va);
	if (e == NULL)
		return ERR(ENOMEM);
	old = entry_set(e, new);
	spin_unlock(&pm->lock);
	/* The kernel's own entries get no second chance: they are announced. */
	if (old != 0 || pm == kernel_pmap)
		entry_replaced(pm, va, old != new);
	return OK;
}

/*
 * The distance of two struct page times this is the distance of their frames in an entry: a
 * division without a rest, modulo 2^64.
 */
#define FRAME_SCALE	(0xaaaaaaaaaaaaaaabul << (PTE_PPN_SHIFT - 3))
_Static_assert(sizeof(struct page) * FRAME_SCALE == 1ul << PTE_PPN_SHIFT, "not exact");

/* A leaf table's part of a run: the pages' contents come before the entries. */
static unsigned
enter_run_leaf(uint64_t *e, const struct page_run *run, unsigned n, uint64_t bits)
{
	struct page *const *p = run->page;
	const uint64_t *end = e + n;
	const unsigned mask = run->mask, want = run->want;
	unsigned total = 0;

	bits -= (uintptr_t)page_frames * FRAME_SCALE;
	atomic_fence_release();
	while (e < end) {
		const uint64_t *stop = MIN(table_next_part(e), end);
		long entered = stop - e;

		for (; e < stop; e++, p++) {
			if (unlikely(*p == NULL || *e != 0 || ((*p)->flags & mask) != want))
				entered--;
			else
				atomic_store_relaxed(e, bits + (uintptr_t)*p * FRAME_SCALE);
		}
		if (entered > 0)
			table_note(e - 1);
		total += (unsigned)entered;
	}
	return total;
}

unsigned
pmap_enter_run(struct pmap *pm, vaddr_t va, const struct page_run *run, prot_t prot) NO_TSA
{
	uint64_t bits = pte_make(0, prot);
	struct page_run part = *run;
	unsigned entered = 0;

	assert(va + run->n * PAGE_SIZE <= USER_MAX && (prot & PROT_U) && (prot & PROT_RWX));
	if (prot & PROT_X)
		icache_sync(pm);
	for (unsigned n; part.n > 0; page_run_advance(&part, n)) {
		uint64_t *e;

		n = page_run_skip(&part);
		va += n * PAGE_SIZE;
		/* A table is made for what is entered only. */
		e = part.n > 0 ? lock_leaf(pm, va) : NULL;
		if (e == NULL)
			break;
		n = MIN(part.n, ENTRIES - index_of(va, 0));
		entered += enter_run_leaf(e, &part, n, bits);
		spin_unlock(&pm->lock);
		va += n * PAGE_SIZE;
	}
	return entered;
}

/* ---- changing and removing ---- */

/* Unlink the tables that entries [i, stop) of T, of level LEVEL, lead to, and those below. */
static void
drop_tables(struct pmap *pm, struct page_chain *chain, uint64_t *t, unsigned i, unsigned stop,
    unsigned level)
{
	const struct page *p = table_frame(t);
	size_t seen = 0;

	pm->leaf_va = NO_LEAF;
	for (unsigned k = i; level > 1 && seen < pm->ntables && (k = table_next_used(p, k)) < stop;
	    k++)
		if (t[k] != 0) {
			drop_tables(pm, chain, pte_table(t[k]), 0, ENTRIES, level - 1);
			seen++;
		}
	/* Of all tables, T and those above it but for the root are not below it. */
	pm->ntables -= table_unlink(chain, t, i, stop, PTE_PPN_SHIFT, pm->ntables - (TOP - level));
}

/* [va, end), which leaf table T covers. Is it empty then? */
static bool
change_leaf(struct change *c, uint64_t *t, vaddr_t va, vaddr_t end)
{
	unsigned i = index_of(va, 0), stop = i + (unsigned)((end - va) >> PAGE_SHIFT);

	c->any |= c->remove ? table_clear(t, i, stop) :
	    table_change(t, i, stop, c->keep, c->label, PTE_RWX);
	return table_is_empty(t);
}

/*
 * [va, end), which root entry TOP_ENTRY covers. The kernel's tables stay for good: all
 * pmaps share them.
 */
static void
change_middle(struct change *c, uint64_t *top_entry, vaddr_t va, vaddr_t end)
{
	bool may_drop = c->pm != kernel_pmap, whole = may_drop && c->remove;
	uint64_t *table = pte_table(*top_entry);
	vaddr_t next;

	for (; va < end; va = next) {
		unsigned i = index_of(va, 1), n = 1;

		next = MIN(end, ROUND_DOWN(va, SPAN(1)) + SPAN(1));
		if (table[i] == 0)
			continue;
		assert(pte_is_table(table[i]));
		if (whole && next - va == SPAN(1)) {
			next = ROUND_DOWN(end, SPAN(1));
			n = (unsigned)((next - va) / SPAN(1));
		} else if (!change_leaf(c, pte_table(table[i]), va, next) || !may_drop) {
			continue;
		}
		drop_tables(c->pm, &c->chain, table, i, i + n, 1);
	}
	if (may_drop && table_is_empty(table)) {
		unsigned i = index_of(end - 1, TOP);

		drop_tables(c->pm, &c->chain, c->pm->root, i, i + 1, TOP);
	}
}

/* A root entry's part at a time under the lock. */
static void
change_entries(struct change *c, vaddr_t va, size_t len)
{
	struct pmap *pm = c->pm;
	vaddr_t end = va + len, next;

	assert(((va | len) & PAGE_MASK) == 0 && end >= va);
	assert(pm == kernel_pmap ? va >= KSTACK_WINDOW : end <= USER_MAX);
	c->chain = PAGE_CHAIN_EMPTY;
	for (; va < end; va = next) {
		uint64_t *e = &pm->root[index_of(va, TOP)];

		next = MIN(end, ROUND_DOWN(va, SPAN(TOP)) + SPAN(TOP));
		if (atomic_load_relaxed(e) == 0)
			continue;
		spin_lock(&pm->lock);
		if (*e != 0)
			change_middle(c, e, va, next);
		spin_unlock(&pm->lock);
	}
}

/* One flush for all of a change; then its tables go. */
static void
change(struct change *c, vaddr_t va, size_t len)
{
	change_entries(c, va, len);
	if (c->chain.n > 0)
		shootdown(c->pm, 0, -1ul);
	else if (c->any)
		shootdown(c->pm, va, len);
	table_free(&c->chain, TABLE_INNER);
}

void
pmap_remove(struct pmap *pm, vaddr_t va, size_t len)
{
	struct change c = { .pm = pm, .remove = true };

	change(&c, va, len);
}

void
pmap_protect(struct pmap *pm, vaddr_t va, size_t len, prot_t prot)
{
	struct change c = { .pm = pm, .keep = ~PTE_RWX };

	if (prot & PROT_R)
		c.keep |= PTE_R;
	if ((prot & (PROT_R | PROT_W)) == (PROT_R | PROT_W))
		c.keep |= PTE_W;
	if (prot & PROT_X)
		c.keep |= PTE_X;
	if (prot & PROT_COW)
		c.label = PTE_COW;
	change(&c, va, len);
}

/* ---- fork ---- */

/* COPY to END, of the leaf table that begins at BASE, as far as there is memory. */
static void
enter_copies(struct pmap *pm, vaddr_t base, const struct table_copy *copy,
    const struct table_copy *end) NO_TSA
{
	uint64_t *t = copy < end ? lock_leaf(pm, base) : NULL;

	if (t == NULL)
		return;
	table_enter_copies(t, copy, end);
	spin_unlock(&pm->lock);
}

/* [va, end), which leaf table T covers. What S has no parts for goes. true: all of T may. */
static bool
share_leaf(struct pmap *pm, struct table_sharing *s, uint64_t *t, vaddr_t va, vaddr_t end)
{
	unsigned i = index_of(va, 0), stop = i + (unsigned)((end - va) >> PAGE_SHIFT);

	if (stop - i > s->parts * TABLE_PER_PART && table_is_unused(t, 0, i) &&
	    table_is_unused(t, stop, ENTRIES)) {
		pm->stale = true;
		return true;
	}
	i = table_share(s, t, i, stop);
	if (i < stop)
		s->changed |= table_clear(t, i, stop);
	pm->stale |= s->changed;
	return table_is_empty(t);
}

/* The part of [va, end) that one leaf table covers, or several that go; where it ends. */
static vaddr_t
share_table(struct pmap *pm, struct table_sharing *s, vaddr_t va, vaddr_t end, bool drop)
    REQUIRES(pm->lock)
{
	uint64_t *top_entry = &pm->root[index_of(va, TOP)], *table;
	vaddr_t next = MIN(end, ROUND_DOWN(va, SPAN(TOP)) + SPAN(TOP)), stop = next;
	unsigned i = index_of(va, 1);

	if (*top_entry == 0)
		return next;
	table = pte_table(*top_entry);
	next = MIN(end, ROUND_DOWN(va, SPAN(1)) + SPAN(1));
	if (drop && next - va == SPAN(1)) {
		next = ROUND_DOWN(stop, SPAN(1));
		drop_tables(pm, &pm->doomed, table, i, i + (unsigned)((next - va) / SPAN(1)), 1);
		pm->stale = true;
	} else if (table[i] != 0 && share_leaf(pm, s, pte_table(table[i]), va, next)) {
		drop_tables(pm, &pm->doomed, table, i, i + 1, 1);
	}
	if (table_is_empty(table)) {
		i = index_of(va, TOP);
		drop_tables(pm, &pm->doomed, pm->root, i, i + 1, TOP);
	}
	return next;
}

void
pmap_share(struct pmap *dst, struct pmap *src, vaddr_t va, size_t len, bool writable, bool drop)
{
	struct table_copy copy[SHARE_COPIES + 1];
	struct table_sharing s = { .write = writable ? PTE_W : 0, .label = PTE_COW,
		.parts = drop ? SHARE_PARTS : SHARE_ALL, .room = SHARE_COPIES };
	vaddr_t end = va + len, next;

	for (; va < end && (writable || s.room > 0); va = next) {
		s.copy = copy;
		spin_lock(&src->lock);
		next = share_table(src, &s, va, end, drop);
		spin_unlock(&src->lock);
		enter_copies(dst, ROUND_DOWN(va, SPAN(1)), copy, s.copy);
	}
}

void
pmap_flush(struct pmap *pm)
{
	if (pm->stale)
		shootdown(pm, 0, -1ul);
	pm->stale = false;
	table_free(&pm->doomed, TABLE_INNER);
}

/* ---- looking ---- */

bool
pmap_extract(struct pmap *pm, vaddr_t va, paddr_t *pa, prot_t *prot)
{
	unsigned level;
	uint64_t e;

	spin_lock(&pm->lock);
	e = lookup(pm, va, &level);
	spin_unlock(&pm->lock);
	if (e == 0)
		return false;
	*pa = pte_phys(e) + (PAGE_DOWN(va) & (SPAN(level) - 1));
	*prot = pte_prot(e);
	return true;
}

bool
pmap_kernel_mapped(vaddr_t va)
{
	unsigned level;

	return va >= DIRECT_MAP && kernel_pmap->root != NULL && lookup(kernel_pmap, va,
	    &level) != 0;
}

size_t
pmap_table_pages(struct pmap *pm)
{
	size_t user = pm == kernel_pmap ? 0 : atomic_load_relaxed(&pm->ntables);

	return 1 + user + atomic_load_relaxed(&kernel_pmap->ntables);
}

/* See pmap_next; in TABLE, whose entries are of level LEVEL and whose first address is BASE. */
static bool
next_entry(uint64_t *table, unsigned level, vaddr_t base, struct pmap_entry *e)
{
	unsigned i = e->va > base ? index_of(e->va, level) : 0;
	unsigned n = level == TOP ? USER_ROOTS : ENTRIES;

	for (; i < n; i++) {
		vaddr_t va = base + i * SPAN(level);
		uint64_t pte = table[i];

		if (pte == 0)
			continue;
		if (va > e->va || (va == e->va && (!e->table || level < e->level))) {
			*e = (struct pmap_entry){ .va = va, .pa = pte_phys(pte), .level = level,
				.table = pte_is_table(pte), .prot = pte_prot(pte) };
			return true;
		}
		if (pte_is_table(pte) && next_entry(pte_table(pte), level - 1, va, e))
			return true;
	}
	return false;
}

bool
pmap_next(struct pmap *pm, struct pmap_entry *e)
{
	bool found;

	spin_lock(&pm->lock);
	found = e->va < USER_MAX && next_entry(pm->root, TOP, 0, e);
	spin_unlock(&pm->lock);
	return found;
}

/* ---- making and unmaking ---- */

static bool pmaps_exist;		/* @: the kernel half's root entries are final */

static void
copy_kernel_half(uint64_t *root)
{
	atomic_store_relaxed(&pmaps_exist, true);
	for (unsigned i = USER_ROOTS; i < ENTRIES; i++)
		if (kernel_pmap->root[i] != 0) {
			table_note(&root[i]);
			root[i] = kernel_pmap->root[i];
		}
}

static void
set_root(struct pmap *pm, uint64_t *root)
{
	pm->root = root;
	pm->satp = 8ul << 60 | md_virt_to_phys(root) >> PAGE_SHIFT;
}

struct pmap *
pmap_create(void)
{
	struct pmap *pm = slab_alloc(&pmap_cache);
	struct page *root;

	if (pm == NULL)
		return NULL;
	root = table_alloc(TABLE_ROOT);
	if (root == NULL) {
		slab_free(&pmap_cache, pm);
		return NULL;
	}
	*pm = (struct pmap){ .istale = ~0ul, .leaf_va = NO_LEAF, .doomed = PAGE_CHAIN_EMPTY };
	set_root(pm, page_virt(root));
	spin_init(&pm->lock, "pmap", RANK_PMAP);
	root->pmap = pm;
	if (table_is_empty(pm->root))
		copy_kernel_half(pm->root);
	return pm;
}

void
pmap_destroy(struct pmap *pm) NO_TSA		/* nobody else has it */
{
	struct page_chain inner = PAGE_CHAIN_EMPTY, root = PAGE_CHAIN_EMPTY;

	assert(atomic_load(&pm->active) == 0 && pm->doomed.n == 0);
	drop_tables(pm, &inner, pm->root, 0, USER_ROOTS, TOP);
	assert(pm->ntables == 0);
	page_chain_push(&root, table_frame(pm->root));
	table_free(&inner, TABLE_INNER);
	table_free(&root, TABLE_ROOT);
	slab_free(&pmap_cache, pm);
}

/* ---- the kernel half ---- */

static struct bootinfo *boot;		/* NULL once there is a page allocator */
static struct spinlock device_lock = SPINLOCK_INIT("device mappings", RANK_DEVICE);

uint64_t
pmap_kernel_satp(void)
{
	return kernel_pmap->satp;
}

/* A zeroed page behind the kernel image, which is reserved with it. */
static paddr_t
boot_page(void)
{
	struct boot_range *kernel = NULL;
	paddr_t pa;

	for (unsigned i = 0; i < boot->nreserved; i++)
		if (boot->reserved[i].start == md_virt_to_phys(__text))
			kernel = &boot->reserved[i];
	assert(kernel != NULL);
	pa = kernel->end;
	for (unsigned i = 0; i < boot->nreserved; i++)
		if (boot->reserved[i].start == pa)
			panic("boot: no room behind the kernel");
	kernel->end += PAGE_SIZE;
	return pa;
}

static uint64_t *
kernel_table(void)
{
	struct page *p;
	uint64_t *t;

	if (boot == NULL) {
		p = page_alloc_zero(PAGE_KERNEL);
		return p == NULL ? NULL : page_virt(p);
	}
	t = md_phys_to_virt(boot_page());
	for (unsigned i = 0; i < ENTRIES; i++)
		t[i] = 0;
	return t;
}

/* The table below entry E of the kernel half; NULL: out of memory. */
static uint64_t *
kernel_descend(uint64_t *e)
{
	uint64_t *t;

	if (*e != 0)
		return pte_table(*e);
	t = kernel_table();
	if (t == NULL)
		return NULL;
	kernel_pmap->ntables++;
	atomic_store_release(e, md_virt_to_phys(t) >> PAGE_SHIFT << PTE_PPN_SHIFT | PTE_V);
	return t;
}

/*
 * [pa, end) in the direct map, in the largest pages that fit. What is mapped
 * already stays: in the direct map it can only be the same.
 */
static bool
map_direct(paddr_t pa, paddr_t end, prot_t prot)
{
	while (pa < end) {
		vaddr_t va = (vaddr_t)md_phys_to_virt(pa);
		uint64_t *e = &kernel_pmap->root[index_of(va, TOP)];
		unsigned level = TOP;

		while (level > 0 && (pte_is_table(*e) || (*e == 0 &&
		    ((pa & (SPAN(level) - 1)) != 0 ||
		    end - pa < SPAN(level))))) {
			uint64_t *t = kernel_descend(e);

			if (t == NULL)
				return false;
			e = &t[index_of(va, --level)];
		}
		if (*e == 0)
			atomic_store_release(e, pte_make(pa, prot));
		pa = ROUND_DOWN(pa, SPAN(level)) + SPAN(level);
	}
	return true;
}

void
pmap_bootstrap(struct bootinfo *bi)
{
	paddr_t text = md_virt_to_phys(__text), rodata = md_virt_to_phys(__rodata);
	paddr_t data = md_virt_to_phys(__data);

	boot = bi;
	set_root(kernel_pmap, kernel_table());
	for (unsigned i = 0; i < bi->nram; i++) {
		paddr_t start = bi->ram[i].start, end = bi->ram[i].end;

		if (start <= text && text < end) {
			map_direct(start, text, PROT_R | PROT_W);
			map_direct(text, rodata, PROT_R | PROT_X);
			map_direct(rodata, data, PROT_R);
			start = data;
		}
		map_direct(start, end, PROT_R | PROT_W);
	}
	csr_write(satp, pmap_kernel_satp());
	sfence_all();
}

void
pmap_init(void)
{
	boot = NULL;
	for (unsigned i = 0; i < STACK_TABLES; i++) {
		vaddr_t va = KSTACK_WINDOW + i * SPAN(1);
		uint64_t *t = kernel_descend(&kernel_pmap->root[index_of(va, TOP)]);

		if (t == NULL || kernel_descend(&t[index_of(va, 1)]) == NULL)
			panic("no memory for the tables of kernel stacks");
	}
	sfence_all();
}

/* Devices appear in the direct map, where no RAM is. */
void *
pmap_map_device(paddr_t pa, size_t len)
{
	paddr_t start = PAGE_DOWN(pa), end = PAGE_UP(pa + len);
	bool ok = end <= DIRECT_MAX && start < end;

	spin_lock(&device_lock);
	for (paddr_t g = ROUND_DOWN(start, SPAN(TOP)); ok && pmaps_exist && g < end; g += SPAN(TOP))
		ok = kernel_pmap->root[index_of((vaddr_t)md_phys_to_virt(g), TOP)] != 0;
	ok = ok && map_direct(start, end, PROT_R | PROT_W);
	spin_unlock(&device_lock);
	if (!ok)
		return NULL;
	shootdown(kernel_pmap, 0, -1ul);
	return md_phys_to_virt(pa);
}
