/*
 * Two-level page tables; the contract is md/pmap.h. Source: Intel 64 and IA-32
 * Architectures Software Developer's Manual, volume 3, 4.3 and 4.10.
 *
 * Table pages come from the page allocator; struct page's aux counts the
 * entries in use, so that an emptied table is found at once. Root entries of
 * the kernel half are all made at boot, and copied to each new root.
 *
 * A change is three steps (R4): under the lock, entries are changed and
 * tables unlinked; with the lock released, processors that may have the old
 * ones cached are made to forget them; then the tables are freed.
 */
#include "md/pmap.h"

#include "arch/i386/port.h"
#include "arch/i386/trapframe.h"
#include "arch/i386/x86.h"
#include "kern/print.h"
#include "kern/spinlock.h"
#include "lib/atomic.h"
#include "mem/page.h"
#include "mem/slab.h"
#include "mem/table.h"

#define PTE_P		0x001u
#define PTE_W		0x002u
#define PTE_U		0x004u
#define PTE_UNCACHED	0x018u
#define PTE_A		0x020u
#define PTE_D		0x040u
#define PTE_LARGE	0x080u		/* in the root: 4 MB */
#define PTE_G		0x100u
#define PTE_COW		0x200u		/* the three bits that hardware leaves to software */
#define PTE_SHARED	0x400u
#define PTE_X		0x800u
#define PTE_PHYS	0xfffff000u
/*
 * Readable, by name: the hardware sets the dirty bit only where it lets us write,
 * and what is writable is readable.
 */
#define PTE_R		PTE_D
#define PTE_RWX		(PTE_R | PTE_W | PTE_X)

#define ENTRIES		1024u
#define PER_PART	(ENTRIES / TABLE_PARTS)
#define SPAN		0x400000u	/* bytes a root entry covers */
#define USER_ROOTS	(USER_MAX / SPAN)
#define FLUSH_PAGES	16		/* beyond so many pages a full flush is cheaper */

#define SHARE_MAX	24		/* entries of a range that fork copies at most */

#define STACK_TABLES	(KSTACK_SLOTS * KSTACK_SLOT / SPAN)

typedef uint32_t pte_t;

struct pmap {
	struct spinlock lock;
	pte_t	*root;			/* c; entries: lock */
	/* lock: tables of the user half (kernel_pmap: kernel half) */
	size_t	 ntables;
	unsigned long active;		/* @: processors whose cr3 it is */
	bool	 stale;			/* lock: pmap_share changed what pmap_flush will flush */
	struct page_chain doomed;	/* lock: the tables it unlinked */
};

typedef pte_t table_t[ENTRIES] __attribute__((aligned(PAGE_SIZE)));

static table_t kernel_root;
static table_t low_table;		/* the first 4 MB of RAM, where the kernel is */
static table_t device_table;
static table_t stack_tables[STACK_TABLES];

static struct pmap kernel_tables = { .lock = SPINLOCK_INIT("pmap", RANK_PMAP),
	.root = kernel_root, .ntables = 2 + STACK_TABLES };
struct pmap *const kernel_pmap = &kernel_tables;
static struct {
	struct pmap *pm;		/* NULL: kernel_pmap */
} __attribute__((aligned(64))) current[MAX_CPUS];	/* each processor's own */
static paddr_t direct_end;		/* c: end of the direct map */
unsigned long cpus_online;

SLAB_CACHE(pmap_cache, struct pmap);

/* An entry that fork copies. */
struct shared_entry {
	vaddr_t	 va;
	pte_t	 entry;
};

/* A change of a range, and what is to be done after it. */
struct change {
	struct pmap *pm;
	bool	 drop;			/* tables that lie wholly in the range go */
	pte_t	 keep, label;		/* rights that stay, label that comes */
	vaddr_t	 first, last;		/* pages whose entries changed lie between */
	bool	 any, tables;
	struct page_chain chain;	/* unlinked tables */
	struct shared_entry *copy;	/* where entries, as they are then, are copied to */
	unsigned room;			/* for how many */
};

static inline unsigned
root_index(vaddr_t va)
{
	return va / SPAN;
}

static inline unsigned
leaf_index(vaddr_t va)
{
	return va >> PAGE_SHIFT & (ENTRIES - 1);
}

static inline bool
pte_is_table(pte_t e)
{
	return (e & (PTE_P | PTE_LARGE)) == PTE_P;
}

static inline pte_t *
pte_table(pte_t e)
{
	return md_phys_to_virt(e & PTE_PHYS);
}

static inline pte_t
pte_make(paddr_t pa, prot_t prot)
{
	pte_t e = pa | PTE_P | PTE_A;

	e |= prot & (PROT_R | PROT_W) ? PTE_R : 0;
	e |= prot & PROT_W ? PTE_W : 0;
	e |= prot & PROT_X ? PTE_X : 0;
	e |= prot & PROT_U ? PTE_U : PTE_G;
	e |= prot & PROT_COW ? PTE_COW : 0;
	e |= prot & PROT_SHARED ? PTE_SHARED : 0;
	return e;
}

static prot_t
pte_prot(pte_t e)
{
	return (e & PTE_R ? PROT_R : 0) | (e & PTE_W ? PROT_W : 0) | (e & PTE_X ? PROT_X : 0) |
	    (e & PTE_U ? PROT_U : 0) | (e & PTE_COW ? PROT_COW : 0) |
	    (e & PTE_SHARED ? PROT_SHARED : 0);
}

/* ---- other processors ---- */

/* What one processor asks of others, by its number. */
static struct request {
	bool	 kernel;		/* a range of the kernel half */
	vaddr_t	 va;
	size_t	 len;
	unsigned long pending;		/* @: who has not done it yet */
} requests[MAX_CPUS];

static void
flush_here(bool kernel, vaddr_t va, size_t len)
{
	if (len <= FLUSH_PAGES * PAGE_SIZE) {
		for (vaddr_t p = va; p != va + len; p += PAGE_SIZE)
			invlpg(p);
	} else if (kernel && (reg_read(cr4) & CR4_PGE)) {
		reg_write(cr4, reg_read(cr4) & ~CR4_PGE);
		reg_write(cr4, reg_read(cr4) | CR4_PGE);
	} else {
		flush_user();
	}
}

/* Do what others ask of this processor. */
void
shootdown_serve(void)
{
	unsigned long self = 1ul << md_cpu_id();

	for (unsigned i = 0; i < MAX_CPUS; i++) {
		struct request *r = &requests[i];

		if ((atomic_load(&r->pending) & self) == 0)
			continue;
		flush_here(r->kernel, r->va, r->len);
		atomic_and(&r->pending, ~self);
	}
}

static unsigned long
users_of(const struct pmap *pm)
{
	return atomic_load(pm == kernel_pmap ? &cpus_online : &pm->active);
}

/*
 * No processor uses an old entry of [va, va + len) from now on. The caller
 * changed the entries before; a processor that activates PM and is not in
 * the mask we read loads cr3 after it entered itself there, hence after our change.
 *
 * P5: who waits serves the others meanwhile, so two that ask each other both get their answer, with
 * interrupts on or off; whoever has them off because it waits for a lock gets it from a holder that
 * does not wait here.
 */
static void
shootdown(const struct pmap *pm, vaddr_t va, size_t len)
{
	unsigned cpu = md_cpu_id();
	unsigned long self = 1ul << cpu, cpus;
	struct request *r = &requests[cpu];

	atomic_fence();
	cpus = users_of(pm);
	if (cpus & self)
		flush_here(pm == kernel_pmap, va, len);
	cpus &= ~self;
	if (cpus == 0)
		return;
	r->kernel = pm == kernel_pmap;
	r->va = va;
	r->len = len;
	atomic_store(&r->pending, cpus);
	lapic_send(cpus, VEC_SHOOTDOWN);
	while (atomic_load(&r->pending) != 0) {
		shootdown_serve();
		if (unlikely(atomic_load_relaxed(&panicking)))
			panic_stop();	/* who is asked may be stopped already */
		md_pause();
	}
}

/*
 * The mask gains us before cr3 is loaded: a shootdown that comes too early
 * hurts nobody, one that misses us would. It loses us after the load, when
 * nothing of the old table is cached here.
 */
void
pmap_activate(struct pmap *pm)
{
	unsigned cpu = md_cpu_id();
	unsigned long self = 1ul << cpu;
	struct pmap *old = current[cpu].pm;

	if (pm == old)
		return;
	atomic_or(&pm->active, self);
	reg_write(cr3, md_virt_to_phys(pm->root));
	current[cpu].pm = pm;
	if (old != NULL)
		atomic_and(&old->active, ~self);
}

/* ---- entering ---- */

/* The frame of the table that E lies in. */
static inline struct page *
frame_of(const pte_t *e)
{
	return page_of_virt(e);
}

/*
 * Lock PM with a table in place for VA, which can't be allocated under the lock; VA's entry in it.
 * NULL: out of memory, and not locked.
 */
static pte_t *
lock_leaf(struct pmap *pm, vaddr_t va) NO_TSA
{
	struct page_chain spare = PAGE_CHAIN_EMPTY;
	pte_t *e = &pm->root[root_index(va)];
	struct page *p;

	spin_lock(&pm->lock);
	while (*e == 0 && spare.n == 0) {
		spin_unlock(&pm->lock);
		p = table_alloc();
		if (p == NULL)
			return NULL;
		page_chain_push(&spare, p);
		spin_lock(&pm->lock);
	}
	if (*e == 0) {
		p = page_chain_pop(&spare);
		p->pmap = pm;
		pm->ntables++;
		table_note(frame_of(e), (vaddr_t)e & PAGE_MASK);
		atomic_store_release(e, page_phys(p) | PTE_P | PTE_W | PTE_U | PTE_A);
	} else if (spare.n > 0) {	/* somebody was faster */
		spin_unlock(&pm->lock);
		table_free(&spare);
		return lock_leaf(pm, va);
	}
	return &pte_table(*e)[leaf_index(va)];
}

/* Entry E of a leaf table, empty, is about to be used. */
static inline void
entry_used(const pte_t *e)
{
	struct page *p = frame_of(e);

	table_note(p, (vaddr_t)e & PAGE_MASK);
	p->aux++;
}

/* Nobody may use the entry that was where there is another one now. */
static __attribute__((noinline)) err_t
entry_replaced(const struct pmap *pm, vaddr_t va, bool changed)
{
	if (changed)
		shootdown(pm, va, PAGE_SIZE);
	else
		invlpg(va);
	return OK;
}

/*
 * Put NEW at E and unlock PM. Nobody is told when an entry appears where none was: the
 * hardware does not remember what it did not find.
 */
static inline err_t
entry_set(struct pmap *pm, vaddr_t va, pte_t *e, pte_t new) RELEASES(pm->lock)
{
	pte_t old = *e;

	if (old == 0)
		entry_used(e);
	atomic_store_release(e, new);
	spin_unlock(&pm->lock);
	return old == 0 ? OK : entry_replaced(pm, va, old != new);
}

static __attribute__((noinline)) err_t
enter_slowly(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot) NO_TSA
{
	pte_t *e = lock_leaf(pm, va);

	return e != NULL ? entry_set(pm, va, e, pte_make(pa, prot)) : ERR(ENOMEM);
}

/* With the table there and nobody in the way it calls nothing. */
err_t
pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot) NO_TSA
{
	pte_t e;

	assert(prot & PROT_RWX && ((va | pa) & PAGE_MASK) == 0);
	assert(pm == kernel_pmap ? va >= KSTACK_WINDOW : va < USER_MAX && (prot & PROT_U));
	if (unlikely(!spin_try(&pm->lock)))
		return enter_slowly(pm, va, pa, prot);
	e = pm->root[root_index(va)];
	if (likely(e != 0))
		return entry_set(pm, va, &pte_table(e)[leaf_index(va)], pte_make(pa, prot));
	spin_unlock(&pm->lock);
	return enter_slowly(pm, va, pa, prot);
}

/*
 * The distance of two struct page times this is the distance of their frames in bytes: a division
 * without a rest, modulo 2^32.
 */
#define FRAME_SCALE	((pte_t)(0xcccccccdu << (PAGE_SHIFT - 2)))
_Static_assert((pte_t)(sizeof(struct page) * FRAME_SCALE) == PAGE_SIZE, "not exact");

/* A leaf table's part of a run: the pages' contents come before the entries. */
static unsigned
enter_run_leaf(pte_t *e, const struct page_run *run, pte_t bits)
{
	struct page *table = frame_of(e), *const *p = run->page + run->n;
	const unsigned mask = run->mask, want = run->want;
	unsigned left = run->n;

	bits -= (uintptr_t)page_frames * FRAME_SCALE;
	for (unsigned i = 0; i < run->n; i += PER_PART)
		table_note(table, (vaddr_t)&e[i] & PAGE_MASK);
	e += run->n;
	table_note(table, (vaddr_t)(e - 1) & PAGE_MASK);
	atomic_fence_release();
	for (long i = -(long)run->n; i != 0; i++) {
		if (unlikely(p[i] == NULL || e[i] != 0 || (p[i]->flags & mask) != want))
			left--;
		else
			atomic_store_relaxed(&e[i], bits + (uintptr_t)p[i] * FRAME_SCALE);
	}
	table->aux += left;
	return left;
}

unsigned
pmap_enter_run(struct pmap *pm, vaddr_t va, const struct page_run *run, prot_t prot) NO_TSA
{
	pte_t bits = pte_make(0, prot);
	struct page_run part = *run;
	unsigned entered = 0;

	assert(va + run->n * PAGE_SIZE <= USER_MAX && (prot & PROT_U) && (prot & PROT_RWX));
	for (unsigned left = run->n; left > 0; left -= part.n) {
		pte_t *e = lock_leaf(pm, va);

		if (e == NULL)
			break;
		part.n = MIN(left, ENTRIES - leaf_index(va));
		entered += enter_run_leaf(e, &part, bits);
		spin_unlock(&pm->lock);
		part.page += part.n;
		va += part.n * PAGE_SIZE;
	}
	return entered;
}

/* ---- changing and removing ---- */

static void
note_page(struct change *c, vaddr_t va)
{
	if (!c->any)
		c->first = va;
	c->last = va;
	c->any = true;
}

/* Of the table in frame P, the next entry from I on that may be in use; ENTRIES or more: none. */
static inline unsigned
next_used(const struct page *p, unsigned i)
{
	if (i >= ENTRIES || p->index >> (i / PER_PART) & 1)
		return i;
	for (i = i / PER_PART + 1; i < TABLE_PARTS; i++)
		if (p->index >> i & 1)
			break;
	return i * PER_PART;
}

/* Unlink the table that root entry E leads to. */
static void
drop_table(struct change *c, pte_t *e)
{
	struct page *p = frame_of(pte_table(*e));

	atomic_store_relaxed(e, 0);
	c->pm->ntables--;
	c->tables = true;
	page_chain_push(&c->chain, p);
}

/* [va, end), which one leaf table covers, E being VA's entry. Is the table empty then? */
static bool
change_leaves(struct change *c, pte_t *e, vaddr_t va, vaddr_t end)
{
	const pte_t keep = c->keep, label = c->label;
	struct page *p = frame_of(e);
	unsigned i = leaf_index(va), stop = i + ((end - va) >> PAGE_SHIFT);
	struct shared_entry *copy = c->copy, *copy_end = copy + c->room;

	for (e -= i, va -= i * PAGE_SIZE; (i = next_used(p, i)) < stop;)
		for (unsigned end_part = MIN(ROUND_DOWN(i, PER_PART) + PER_PART, stop);
		    i < end_part; i++) {
			pte_t old = e[i], new = (old & keep) | label;

			if (old == 0)
				continue;
			if ((new & PTE_RWX) == 0)
				new = 0;
			if (new != old) {
				atomic_store_relaxed(&e[i], new);
				p->aux -= new == 0;
				note_page(c, va + i * PAGE_SIZE);
			}
			if (copy < copy_end && new != 0)
				*copy++ = (struct shared_entry){ va + i * PAGE_SIZE, new };
		}
	c->room = (unsigned)(copy_end - copy);
	c->copy = copy;
	return p->aux == 0;
}

/*
 * [va, end), which root entry E covers. The kernel's tables stay for good: all
 * roots share them.
 */
static void
change_table(struct change *c, pte_t *e, vaddr_t va, vaddr_t end)
{
	bool may_drop = c->pm != kernel_pmap;

	assert(pte_is_table(*e));
	if (c->drop && may_drop && end - va == SPAN)
		drop_table(c, e);
	else if (change_leaves(c, &pte_table(*e)[leaf_index(va)], va, end) && may_drop)
		drop_table(c, e);
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
		pte_t *e = &pm->root[root_index(va)];

		next = MIN(end, ROUND_DOWN(va, SPAN) + SPAN);
		if (atomic_load_relaxed(e) == 0)
			continue;
		spin_lock(&pm->lock);
		if (*e != 0)
			change_table(c, e, va, next);
		spin_unlock(&pm->lock);
	}
}

/* One flush for all of a change; then its tables go. */
static void
change(struct change *c, vaddr_t va, size_t len)
{
	change_entries(c, va, len);
	if (c->tables)
		shootdown(c->pm, 0, USER_MAX);
	else if (c->any)
		shootdown(c->pm, c->first, c->last - c->first + PAGE_SIZE);
	table_free(&c->chain);
}

void
pmap_remove(struct pmap *pm, vaddr_t va, size_t len)
{
	struct change c = { .pm = pm, .drop = true };

	change(&c, va, len);
}

static struct change
change_to(struct pmap *pm, prot_t prot)
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
	return c;
}

void
pmap_protect(struct pmap *pm, vaddr_t va, size_t len, prot_t prot)
{
	struct change c = change_to(pm, prot);

	change(&c, va, len);
}

/* ---- fork ---- */

/* DST is nobody else's: its tables stay where they are when it is unlocked. */
static void
enter_copies(struct pmap *dst, const struct shared_entry *copy,
    const struct shared_entry *end) NO_TSA
{
	pte_t *table = NULL;

	for (vaddr_t base = 0; copy < end; copy++) {
		pte_t *e;

		if (table == NULL || copy->va - base >= SPAN) {
			base = ROUND_DOWN(copy->va, SPAN);
			table = lock_leaf(dst, base);
			if (table == NULL)
				return;
			spin_unlock(&dst->lock);
		}
		e = &table[leaf_index(copy->va)];
		entry_used(e);
		atomic_store_relaxed(e, copy->entry);
	}
}

void
pmap_share(struct pmap *dst, struct pmap *src, vaddr_t va, size_t len, prot_t prot, bool drop)
{
	struct shared_entry copy[SHARE_MAX];
	struct change c = change_to(src, prot);

	c.drop = drop;
	c.copy = copy;
	c.room = SHARE_MAX;
	change_entries(&c, va, len);
	if (c.any || c.tables) {
		spin_lock(&src->lock);
		src->stale = true;
		page_chain_join(&src->doomed, &c.chain);
		spin_unlock(&src->lock);
	}
	enter_copies(dst, copy, c.copy);
}

void
pmap_flush(struct pmap *pm)
{
	struct page_chain doomed;
	bool stale;

	spin_lock(&pm->lock);
	stale = pm->stale;
	doomed = pm->doomed;
	pm->stale = false;
	pm->doomed = PAGE_CHAIN_EMPTY;
	spin_unlock(&pm->lock);
	if (stale)
		shootdown(pm, 0, USER_MAX);
	table_free(&doomed);
}

/* ---- looking ---- */

/* The entry that translates VA; 0: none. */
static pte_t
lookup(const struct pmap *pm, vaddr_t va)
{
	pte_t e = atomic_load_relaxed(&pm->root[root_index(va)]);

	return pte_is_table(e) ? atomic_load_relaxed(&pte_table(e)[leaf_index(va)]) : e;
}

bool
pmap_extract(struct pmap *pm, vaddr_t va, paddr_t *pa, prot_t *prot)
{
	pte_t e;

	spin_lock(&pm->lock);
	e = lookup(pm, va);
	spin_unlock(&pm->lock);
	if (e == 0)
		return false;
	*pa = e & PTE_PHYS;
	if (e & PTE_LARGE)
		*pa += PAGE_DOWN(va) & (SPAN - 1);
	*prot = pte_prot(e);
	return true;
}

bool
pmap_kernel_mapped(vaddr_t va)
{
	return va >= DIRECT_MAP && lookup(kernel_pmap, va) != 0;
}

size_t
pmap_table_pages(struct pmap *pm)
{
	size_t user = pm == kernel_pmap ? 0 : atomic_load_relaxed(&pm->ntables);

	return 1 + user + kernel_pmap->ntables;
}

/* See pmap_next. */
static bool
next_entry(struct pmap *pm, struct pmap_entry *e)
{
	vaddr_t va = e->va;

	for (unsigned r = root_index(va); r < USER_ROOTS; va = ++r * SPAN) {
		pte_t t = pm->root[r];

		if (t == 0)
			continue;
		if (r * SPAN == va && !(e->table && e->va == va)) {
			*e = (struct pmap_entry){ .va = va, .pa = t & PTE_PHYS, .level = 1,
				.table = true };
			return true;
		}
		for (unsigned i = leaf_index(va); i < ENTRIES; i++) {
			pte_t pte = pte_table(t)[i];

			if (pte == 0)
				continue;
			*e = (struct pmap_entry){ .va = r * SPAN + i * PAGE_SIZE,
				.pa = pte & PTE_PHYS, .prot = pte_prot(pte) };
			return true;
		}
	}
	return false;
}

bool
pmap_next(struct pmap *pm, struct pmap_entry *e)
{
	bool found;

	spin_lock(&pm->lock);
	found = e->va < USER_MAX && next_entry(pm, e);
	spin_unlock(&pm->lock);
	return found;
}

/* ---- making and unmaking ---- */

static void
copy_kernel_half(struct pmap *pm, struct page *root)
{
	static uint32_t kernel_parts;	/* @: of the root, which is final */
	uint32_t parts = atomic_load_relaxed(&kernel_parts);

	if (parts == 0) {
		for (unsigned i = USER_ROOTS; i < ENTRIES; i++)
			if (kernel_root[i] != 0)
				parts |= 1u << (i / PER_PART);
		atomic_store_relaxed(&kernel_parts, parts);
	}
	root->index |= parts;
	for (unsigned i = USER_ROOTS; (i = next_used(root, i)) < ENTRIES; i++)
		pm->root[i] = kernel_root[i];
}

struct pmap *
pmap_create(void)
{
	struct pmap *pm = slab_alloc(&pmap_cache);
	struct page *root;

	if (pm == NULL)
		return NULL;
	root = table_alloc();
	if (root == NULL) {
		slab_free(&pmap_cache, pm);
		return NULL;
	}
	*pm = (struct pmap){ .root = page_virt(root), .doomed = PAGE_CHAIN_EMPTY };
	spin_init(&pm->lock, "pmap", RANK_PMAP);
	root->pmap = pm;
	copy_kernel_half(pm, root);
	return pm;
}

void
pmap_destroy(struct pmap *pm) NO_TSA		/* nobody else has it */
{
	struct change c = { .pm = pm, .chain = PAGE_CHAIN_EMPTY };
	struct page *root = frame_of(pm->root);

	assert(atomic_load(&pm->active) == 0 && pm->doomed.n == 0);
	for (unsigned i = 0; (i = next_used(root, i)) < USER_ROOTS; i++)
		if (pm->root[i] != 0)
			drop_table(&c, &pm->root[i]);
	assert(pm->ntables == 0);
	page_chain_push(&c.chain, root);
	table_free(&c.chain);
	slab_free(&pmap_cache, pm);
}

/* ---- the kernel half ---- */

static struct spinlock device_lock = SPINLOCK_INIT("device mappings", RANK_DEVICE);

paddr_t
pmap_kernel_root(void)
{
	return md_virt_to_phys(kernel_root);
}

static void
set_table(vaddr_t va, table_t table)
{
	kernel_root[root_index(va)] = md_virt_to_phys(table) | PTE_P | PTE_W | PTE_A;
}

/* The part of RAM that the kernel is in, in small pages: its sections have rights of their own. */
static void
map_low(void)
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		paddr_t pa = i * PAGE_SIZE;
		const char *va = md_phys_to_virt(pa);
		bool writable = va < __text || va >= __data;

		low_table[i] = pte_make(pa, writable ? PROT_R | PROT_W : PROT_R | PROT_X);
	}
	low_table[leaf_index((vaddr_t)boot_root)] = 0;	/* guards the boot processor's stack */
	set_table(DIRECT_MAP, low_table);
}

void
pmap_bootstrap(struct bootinfo *bi)
{
	direct_end = ROUND_UP(bi->ram[bi->nram - 1].end, SPAN);
	map_low();
	for (paddr_t pa = SPAN; pa < direct_end; pa += SPAN)
		kernel_root[root_index(DIRECT_MAP + pa)] = pte_make(pa,
		    PROT_R | PROT_W) | PTE_LARGE;
	for (unsigned i = 0; i < STACK_TABLES; i++)
		set_table(KSTACK_WINDOW + i * SPAN, stack_tables[i]);
	set_table(DEVICE_WINDOW, device_table);
	cpus_online = 1;
	reg_write(cr3, pmap_kernel_root());
	if (cpu_features() & CPU_PGE)
		reg_write(cr4, reg_read(cr4) | CR4_PGE);
}

/* All tables of the kernel half are part of the image. */
void
pmap_init(void)
{
}

/* Devices get the next pages of their window, for good. */
void *
pmap_map_device(paddr_t pa, size_t len)
{
	static unsigned used;		/* device_lock: entries of the window */
	paddr_t start = PAGE_DOWN(pa);
	unsigned n = (unsigned)((PAGE_UP(pa + len) - start) >> PAGE_SHIFT), first;

	spin_lock(&device_lock);
	first = used;
	if (n <= ENTRIES - used)
		used += n;
	else
		n = 0;
	for (unsigned i = 0; i < n; i++)
		device_table[first + i] = pte_make(start + i * PAGE_SIZE, PROT_R | PROT_W) |
		    PTE_UNCACHED;
	spin_unlock(&device_lock);
	return n == 0 ? NULL : (char *)DEVICE_WINDOW + first * PAGE_SIZE + (pa - start);
}
