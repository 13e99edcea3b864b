/*
 * Two-level page tables; the contract is md/pmap.h. Source: Intel 64 and IA-32
 * Architectures Software Developer's Manual, volume 3, 4.3 and 4.10.
 *
 * What is the same in each table is in mem/table.h. Root entries of
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

#define ENTRIES		TABLE_ENTRIES
#define SPAN		0x400000u	/* bytes a root entry covers */
#define USER_ROOTS	(USER_MAX / SPAN)
#define FLUSH_PAGES	16		/* beyond so many pages a full flush is cheaper */

#define SHARE_COPIES	(64 / TABLE_PER_PART)	/* parts of a range that fork copies at most */
#define SHARE_PARTS	1u		/* that it keeps when it may drop the others */
#define SHARE_ALL	(UINT32_MAX / TABLE_PER_PART)

#define STACK_TABLES	(KSTACK_SLOTS * KSTACK_SLOT / SPAN)

typedef unsigned long pte_t;

struct pmap {
	struct spinlock lock;
	pte_t	*root;			/* c; entries: lock */
	/* lock: tables of the user half (kernel_pmap: kernel half) */
	size_t	 ntables;
	unsigned long active;		/* @: processors whose cr3 it is */
	/* Of whoever forks, one at a time: */
	bool	 stale;			/* pmap_share changed what pmap_flush will flush */
	struct page_chain doomed;	/* the tables it unlinked */
};

typedef pte_t table_t[ENTRIES] __attribute__((aligned(PAGE_SIZE)));

static table_t kernel_root;
static table_t low_table;		/* the first 4 MB of RAM, where the kernel is */
static table_t device_table;
static table_t stack_tables[STACK_TABLES];

static struct pmap kernel_tables = { .lock = SPINLOCK_INIT("pmap", RANK_PMAP),
	.root = kernel_root, .ntables = 2 + STACK_TABLES };
struct pmap *const kernel_pmap = &kernel_tables;
static paddr_t direct_end;		/* c: end of the direct map */
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
pmap_activate(struct pmap *pm, struct pmap *old)
{
	unsigned long self = 1ul << md_cpu_id();

	atomic_or(&pm->active, self);
	reg_write(cr3, md_virt_to_phys(pm->root));
	atomic_and(&old->active, ~self);
}

/* ---- entering ---- */

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
	while ((*e == 0) != spare.n) {
		spin_unlock(&pm->lock);
		if (spare.n > 0)	/* somebody was faster */
			table_free(&spare, TABLE_INNER);
		else if ((p = table_alloc(TABLE_INNER)) != NULL)
			page_chain_push(&spare, p);
		else
			return NULL;
		spin_lock(&pm->lock);
	}
	if (*e == 0) {
		p = page_chain_pop(&spare);
		p->pmap = pm;
		pm->ntables++;
		table_note(e);
		atomic_store_release(e, page_phys(p) | PTE_P | PTE_W | PTE_U | PTE_A);
	}
	return &pte_table(*e)[leaf_index(va)];
}

/* Nobody may use the entry that was where there is another one now. */
static __attribute__((noinline)) void
entry_replaced(const struct pmap *pm, vaddr_t va, bool changed)
{
	if (changed)
		shootdown(pm, va, PAGE_SIZE);
	else
		invlpg(va);
}

/*
 * What was at E before NEW. Nobody is told when an entry appears where none was: the hardware does
 * not remember what it did not find.
 */
static inline pte_t
entry_set(pte_t *e, pte_t new)
{
	pte_t old = *e;

	if (old == 0)
		table_note(e);
	atomic_store_release(e, new);
	return old;
}

/* With the table there and nobody in the way. */
bool
pmap_try_enter(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot) NO_TSA
{
	pte_t table, old, new = pte_make(pa, prot);

	if (unlikely(!spin_try_masked(&pm->lock)))
		return false;
	table = pm->root[root_index(va)];
	old = likely(table != 0) ? entry_set(&pte_table(table)[leaf_index(va)], new) : 0;
	spin_unlock_masked(&pm->lock);
	if (old != 0)
		entry_replaced(pm, va, old != new);
	return table != 0;
}

err_t
pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot) NO_TSA
{
	pte_t *e = lock_leaf(pm, va), old, new = pte_make(pa, prot);

	assert(prot & PROT_RWX && ((va | pa) & PAGE_MASK) == 0);
	assert(pm == kernel_pmap ? va >= KSTACK_WINDOW : va < USER_MAX && (prot & PROT_U));
	if (e == NULL)
		return ERR(ENOMEM);
	old = entry_set(e, new);
	spin_unlock(&pm->lock);
	if (old != 0)
		entry_replaced(pm, va, old != new);
	return OK;
}

/*
 * The distance of two struct page times this is the distance of their frames in bytes: a division
 * without a rest, modulo 2^32.
 */
#define FRAME_SCALE	((pte_t)(0xcccccccdu << (PAGE_SHIFT - 2)))
_Static_assert((pte_t)(sizeof(struct page) * FRAME_SCALE) == PAGE_SIZE, "not exact");

/*
 * A leaf table's part of a run: the pages' contents come before the entries. With seven registers
 * it matters that an entry and its slot are found by one of them.
 */
static unsigned
enter_run_leaf(pte_t *e, const struct page_run *run, unsigned n, pte_t bits)
{
	const uintptr_t apart = (uintptr_t)run->page - (uintptr_t)e;
	const unsigned mask = run->mask, want = run->want;
	const pte_t *end = e + n;
	unsigned total = 0;

	bits -= (uintptr_t)page_frames * FRAME_SCALE;
	atomic_fence_release();
	while (e < end) {
		const pte_t *stop = MIN(table_next_part(e), end);
		long entered = stop - e;

		for (; e < stop; e++) {
			const struct page *p = *(struct page **)((uintptr_t)e + apart);

			if (unlikely(p == NULL || (*e | ((p->flags ^ want) & mask)) != 0))
				entered--;
			else
				atomic_store_relaxed(e, bits + (uintptr_t)p * FRAME_SCALE);
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
	pte_t bits = pte_make(0, prot);
	struct page_run part = *run;
	unsigned entered = 0;

	assert(va + run->n * PAGE_SIZE <= USER_MAX && (prot & PROT_U) && (prot & PROT_RWX));
	for (unsigned n; part.n > 0; page_run_advance(&part, n)) {
		pte_t *e;

		n = page_run_skip(&part);
		va += n * PAGE_SIZE;
		/* A table is made for what is entered only. */
		e = part.n > 0 ? lock_leaf(pm, va) : NULL;
		if (e == NULL)
			break;
		n = MIN(part.n, ENTRIES - leaf_index(va));
		entered += enter_run_leaf(e, &part, n, bits);
		spin_unlock(&pm->lock);
		va += n * PAGE_SIZE;
	}
	return entered;
}

/* ---- changing and removing ---- */

/* Unlink the tables that root entries [i, stop) lead to. */
static void
drop_tables(struct pmap *pm, struct page_chain *chain, unsigned i, unsigned stop)
{
	pm->ntables -= table_unlink(chain, pm->root, i, stop, PAGE_SHIFT, pm->ntables);
}

/* [va, end), which leaf table T covers. Is it empty then? */
static bool
change_leaf(struct change *c, pte_t *t, vaddr_t va, vaddr_t end)
{
	unsigned i = leaf_index(va), stop = i + ((end - va) >> PAGE_SHIFT);

	c->any |= c->remove ? table_clear(t, i, stop) :
	    table_change(t, i, stop, c->keep, c->label, PTE_RWX);
	return table_is_empty(t);
}

/* A table, or a run of those that go, at a time under the lock. The kernel's stay for good. */
static void
change_entries(struct change *c, vaddr_t va, size_t len)
{
	struct pmap *pm = c->pm;
	bool may_drop = pm != kernel_pmap, whole = may_drop && c->remove;
	vaddr_t end = va + len, next;

	assert(((va | len) & PAGE_MASK) == 0 && end >= va);
	assert(pm == kernel_pmap ? va >= KSTACK_WINDOW : end <= USER_MAX);
	c->chain = PAGE_CHAIN_EMPTY;
	for (; va < end; va = next) {
		unsigned i = root_index(va);

		next = MIN(end, ROUND_DOWN(va, SPAN) + SPAN);
		if (atomic_load_relaxed(&pm->root[i]) == 0)
			continue;
		spin_lock(&pm->lock);
		if (whole && next - va == SPAN) {
			next = ROUND_DOWN(end, SPAN);
			drop_tables(pm, &c->chain, i, root_index(next - 1) + 1);
		} else if (pm->root[i] != 0 && change_leaf(c, pte_table(pm->root[i]), va, next) &&
		    may_drop) {
			drop_tables(pm, &c->chain, i, i + 1);
		}
		spin_unlock(&pm->lock);
	}
}

/* One flush for all of a change; then its tables go. */
static void
change(struct change *c, vaddr_t va, size_t len)
{
	change_entries(c, va, len);
	if (c->chain.n > 0)
		shootdown(c->pm, 0, USER_MAX);
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
	pte_t *t = copy < end ? lock_leaf(pm, base) : NULL;

	if (t == NULL)
		return;
	table_enter_copies(t, copy, end);
	spin_unlock(&pm->lock);
}

/* [va, end), which leaf table T covers. What S has no parts for goes. true: all of T may. */
static bool
share_leaf(struct pmap *pm, struct table_sharing *s, pte_t *t, vaddr_t va, vaddr_t end)
{
	unsigned i = leaf_index(va), stop = i + ((end - va) >> PAGE_SHIFT);

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
	vaddr_t next = MIN(end, ROUND_DOWN(va, SPAN) + SPAN);
	unsigned i = root_index(va);
	pte_t e = pm->root[i];

	if (drop && next - va == SPAN) {
		next = ROUND_DOWN(end, SPAN);
		drop_tables(pm, &pm->doomed, i, root_index(next - 1) + 1);
		pm->stale = true;
	} else if (e != 0 && share_leaf(pm, s, pte_table(e), va, next)) {
		drop_tables(pm, &pm->doomed, i, i + 1);
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
		enter_copies(dst, ROUND_DOWN(va, SPAN), copy, s.copy);
	}
}

void
pmap_flush(struct pmap *pm)
{
	if (pm->stale)
		shootdown(pm, 0, USER_MAX);
	pm->stale = false;
	table_free(&pm->doomed, TABLE_INNER);
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
copy_kernel_half(pte_t *root)
{
	for (unsigned i = USER_ROOTS; i < ENTRIES; i++)
		if (kernel_root[i] != 0) {
			table_note(&root[i]);
			root[i] = kernel_root[i];
		}
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
	*pm = (struct pmap){ .root = page_virt(root), .doomed = PAGE_CHAIN_EMPTY };
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
	drop_tables(pm, &inner, 0, USER_ROOTS);
	assert(pm->ntables == 0);
	page_chain_push(&root, table_frame(pm->root));
	table_free(&inner, TABLE_INNER);
	table_free(&root, TABLE_ROOT);
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
