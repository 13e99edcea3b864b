/*
 * Random operations on memory against a model: several processes fork, store, load, move the break,
 * map, unmap, protect, sync, share pages, write, read and cut files. After every hundred operations
 * all of them stop and the kernel verifies its invariants (vm/check.c).
 *
 *	t_memops [-s SEED] [-n OPERATIONS]
 *
 * Every page of memory or of a file has one cell, a word, for each process (its slot), and is zero
 * elsewhere. Of a private page the process knows all cells. Of shared memory and of files the
 * values are in a control area that all share: a cell is stored to by its owner only, between two
 * increments of its version, so that everybody can tell what it must hold. Operations on whole
 * pages of a file, and on its size, have the file for themselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define PG		4096
#define SLOTS		8		/* processes at a time */
#define ARENA		96		/* pages at ARENA_AT, and at the break */
#define HEAP		64
#define PAGES		(ARENA + HEAP)
#define ARENA_AT	0x40000000ul
#define FILES		3
#define THINGS		64		/* the files, then shared anonymous memory */
#define THING_PAGES	24
#define SHARE_MOST	16		/* pages of one map_shared_pages */
#define CHECK_EVERY	100

#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define load(p)		__atomic_load_n(p, __ATOMIC_SEQ_CST)
#define store(p, v)	__atomic_store_n(p, v, __ATOMIC_SEQ_CST)
#define add(p, v)	__atomic_add_fetch(p, v, __ATOMIC_SEQ_CST)

/* ---- what all processes share ---- */

struct cell {
	uint32_t version;	/* odd: being stored to */
	uint32_t value;
};

struct thing {
	int32_t lock;		/* of a file: readers, or -1 for one that has it alone */
	int32_t users;		/* of anonymous memory: pages of all processes that show it */
	uint32_t size;		/* of a file, bytes */
	struct cell cell[THING_PAGES][SLOTS];
};

/* One page as the process sees it. */
enum kind {
	NONE,
	PRIVATE,		/* value[] */
	FILE_PRIVATE,		/* shows a file's page until the first store */
	SHARED,
};

struct page {
	uint8_t kind, prot;
	uint8_t thing, index;	/* not PRIVATE */
	bool	mapshared;
	uintptr_t before;	/* of the first of those placed at the break: where it was */
	uint32_t value[SLOTS];
};

/* Of a slot: whether others may put pages at the break of its process. */
enum mail { CLOSED, OPEN, BUSY, ARRIVED };

struct slot {
	int32_t pid;		/* 0: free */
	int32_t parent;		/* pid */
	bool	leaving;
	int32_t mail;
	uint32_t free, most;	/* OPEN: pages that fit there, that the model knows */
	uint32_t pages;		/* ARRIVED: how many came, at `at` */
	uintptr_t at;
	struct page page[SHARE_MOST];
};

static struct control {
	uint32_t ops, most;
	int32_t stop;		/* a process wants all others to halt */
	uint32_t crowd;		/* processes << 16 | those that have halted */
	uint32_t round;		/* halts so far */
	uint32_t told, heard;	/* bytes written to halted[1], and read */
	struct slot slot[SLOTS];
	struct thing thing[THINGS];
} *ctl;

/* ---- what each process has ---- */

static int me;				/* slot */
static struct page pages[PAGES];	/* of the arena, then from heap_base on */
static uintptr_t heap_base, brk_now;
static long fixed_pages;		/* numvp() without those */
static long left;			/* operations until it ends */
static int file[FILES], echo[2], halted[2], go[2][2];
static uint64_t rng;
static const char *doing = "starting";

static uint32_t
rnd(uint32_t n)
{
	uint64_t z = rng += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)(((z >> 32) * n) >> 32);
}

static bool
one_in(uint32_t n)
{
	return rnd(n) == 0;
}

/* Tells what is wrong, and ends all of it. */
static _Noreturn void __attribute__((format(printf, 2, 3)))
wrong(int line, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	dprintf(1, "     slot %d after %u operations, %s: line %d: %s (errno %d, seed %u)\n", me,
	    load(&ctl->ops), doing, line, text, errno, test_seed);
	for (int i = 0; i < SLOTS; i++)
		if (i != me && load(&ctl->slot[i].pid) > 0)
			kill(ctl->slot[i].pid, SIGKILL);
	_exit(99);
}

#define MUST(cond)	((cond) ? (void)0 : wrong(__LINE__, "%s", #cond))

static uintptr_t
page_at(int i)
{
	return i < ARENA ? ARENA_AT + (uintptr_t)i * PG : heap_base + (uintptr_t)(i - ARENA) * PG;
}

/* Byte of a page at which SLOT's cell is: far from each other, so in blocks of their own. */
static uint32_t
cell_offset(int slot)
{
	return ((uint32_t)slot * 509 + 1) % (PG / 4) * 4;
}

static uint32_t *
cell_at(int i, int slot)
{
	return (uint32_t *)(page_at(i) + cell_offset(slot));
}

/* While others may put pages at the break it is not touched. */
static bool
brk_is_ours(void)
{
	return load(&ctl->slot[me].mail) == CLOSED;
}

static uintptr_t
up(uintptr_t a)
{
	return (a + PG - 1) & ~(uintptr_t)(PG - 1);
}

/* The first page at or above the break. */
static int
brk_page(void)
{
	return ARENA + (int)((up(brk_now) - heap_base) / PG);
}

/* ---- locks of files; nobody waits, an operation that gets none is left out ---- */

static bool
is_file(int thing)
{
	return thing < FILES;
}

static bool
lock_shared(int thing)
{
	int32_t n = is_file(thing) ? load(&ctl->thing[thing].lock) : -1;

	if (!is_file(thing))
		return true;
	while (n >= 0)
		if (__atomic_compare_exchange_n(&ctl->thing[thing].lock, &n, n + 1, false,
		    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
	return false;
}

static void
unlock_shared(int thing)
{
	if (is_file(thing))
		add(&ctl->thing[thing].lock, -1);
}

static bool
lock_alone(int thing)
{
	int32_t none = 0;

	return __atomic_compare_exchange_n(&ctl->thing[thing].lock, &none, -1, false,
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void
unlock_alone(int thing)
{
	store(&ctl->thing[thing].lock, 0);
}

/* ---- things ---- */

/* Whether SLOT's cell of page INDEX exists: not beyond the end of a file. */
static bool
cell_is_in(int thing, int index, int slot)
{
	return !is_file(thing) ||
	    (uint32_t)index * PG + cell_offset(slot) < ctl->thing[thing].size;
}

static bool
page_is_in(int thing, int index)
{
	return !is_file(thing) || (uint32_t)index * PG < ctl->thing[thing].size;
}

/* Anonymous memory with N pages that show it, all zero; 0: there are too many. */
static int
thing_new(int n)
{
	for (int t = FILES; t < THINGS; t++) {
		int32_t none = 0;

		if (!__atomic_compare_exchange_n(&ctl->thing[t].users, &none, n, false,
		    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			continue;
		for (int i = 0; i < THING_PAGES; i++)
			for (int s = 0; s < SLOTS; s++)
				store(&ctl->thing[t].cell[i][s].value, 0);
		return t;
	}
	return 0;
}

static void
use(const struct page *p, int n)
{
	if (p->kind == SHARED && !is_file(p->thing))
		add(&ctl->thing[p->thing].users, n);
}

static void
forget(int i)
{
	use(&pages[i], -1);
	pages[i] = (struct page){ .kind = NONE };
}

/* ---- checking ---- */

/* A cell of shared memory that is somebody else's: what it holds while its version stands. */
static bool
cell_agrees(const struct cell *c, const uint32_t *at)
{
	for (int i = 0; i < 3; i++) {
		uint32_t version = load(&c->version), value = load(&c->value), is = load(at);

		if (version % 2 == 0 && version == load(&c->version))
			return is == value;
	}
	return true;
}

static void
check_shown(int i)
{
	const struct page *p = &pages[i];

	for (int s = 0; s < SLOTS; s++) {
		const struct cell *c = &ctl->thing[p->thing].cell[p->index][s];

		if (!cell_is_in(p->thing, p->index, s))
			continue;
		if (s == me ? *cell_at(i, s) != c->value : !cell_agrees(c, cell_at(i, s)))
			wrong(__LINE__, "page %d at %lx, page %d of %d, cell %d: %x, not %x", i,
			    (long)page_at(i), p->index, p->thing, s, *cell_at(i, s), c->value);
	}
}

/* Cells are written by one word each: everything else is zero. */
static void
check_rest(int i)
{
	const uint32_t *w = (const uint32_t *)page_at(i);
	bool is_cell[PG / 4] = { false };

	for (int s = 0; s < SLOTS; s++)
		is_cell[cell_offset(s) / 4] = true;
	for (int k = 0; k < PG / 4; k++)
		if (w[k] != 0 && !is_cell[k])
			wrong(__LINE__, "page %d at %lx: %x at %d", i, (long)page_at(i), w[k],
			    k * 4);
}

/* The kernel reads the page for us with our rights. */
static bool
kernel_reads(int i)
{
	uint32_t word;
	ssize_t n = write(echo[1], cell_at(i, me), sizeof(word));

	if (n == -1 && errno == EFAULT)
		return false;
	MUST(n == sizeof(word) && read(echo[0], &word, sizeof(word)) == sizeof(word));
	return true;
}

static void
check_refused(int i)
{
	const struct page *p = &pages[i];

	if (kernel_reads(i))
		wrong(__LINE__, "page %d at %lx can be read: kind %d, rights %d, page %d of %d", i,
		    (long)page_at(i), p->kind, p->prot, p->index, p->thing);
}

static void
check_page(int i)
{
	const struct page *p = &pages[i];

	if (p->kind == NONE || !(p->prot & PROT_READ)) {
		check_refused(i);
	} else if (p->kind == PRIVATE) {
		for (int s = 0; s < SLOTS; s++)
			if (*cell_at(i, s) != p->value[s])
				wrong(__LINE__, "page %d at %lx, cell %d: %x, not %x", i,
				    (long)page_at(i), s, *cell_at(i, s), p->value[s]);
		check_rest(i);
	} else if (lock_shared(p->thing)) {
		if (!page_is_in(p->thing, p->index)) {
			check_refused(i);
		} else {
			check_shown(i);
			check_rest(i);
		}
		unlock_shared(p->thing);
	}
}

static void
check_all(void)
{
	int end = brk_is_ours() ? PAGES : brk_page();
	long n = fixed_pages;

	for (int i = 0; i < end; i++) {
		n += pages[i].kind != NONE;
		check_page(i);
	}
	if (brk_is_ours()) {
		MUST((uintptr_t)sbrk(0) == brk_now);
		MUST(numvp() == n);
	}
}

/* ---- stores ---- */

/* Store VALUE to SLOT's cell of page I, by ourselves or through the kernel. false: no right to. */
static bool
put_cell(int i, int slot, uint32_t value, bool may)
{
	ssize_t n;

	if (may && one_in(2)) {
		store(cell_at(i, slot), value);
		return true;
	}
	MUST(write(echo[1], &value, sizeof(value)) == sizeof(value));
	n = read(echo[0], cell_at(i, slot), sizeof(value));
	if (n == sizeof(value))
		return true;
	MUST(n == -1 && errno == EFAULT);
	MUST(read(echo[0], &value, sizeof(value)) == sizeof(value));
	return false;
}

static void
store_shared(struct page *p, int i, uint32_t value)
{
	struct cell *c = &ctl->thing[p->thing].cell[p->index][me];
	bool in = cell_is_in(p->thing, p->index, me);

	if (!page_is_in(p->thing, p->index)) {
		MUST(!put_cell(i, me, value, false));
		return;
	}
	/* Beyond the end of file: nobody must ever find it in the file. */
	if (in)
		add(&c->version, 1);
	MUST(put_cell(i, me, value, true));
	if (in) {
		store(&c->value, value);
		add(&c->version, 1);
	}
}

/* The page becomes ours, with what the file has now. */
static void
copy_values(struct page *p, int i)
{
	for (int s = 0; s < SLOTS; s++)
		p->value[s] = cell_is_in(p->thing, p->index, s) ?
		    ctl->thing[p->thing].cell[p->index][s].value : *cell_at(i, s);
	p->kind = PRIVATE;
}

static void
store_file_private(struct page *p, int i, uint32_t value)
{
	int t = p->thing, slot = (int)rnd(SLOTS);

	if (!lock_alone(t))
		return;
	if (!page_is_in(t, p->index)) {
		MUST(!put_cell(i, slot, value, false));
	} else {
		if (one_in(2))
			check_shown(i);
		MUST(put_cell(i, slot, value, true));
		copy_values(p, i);
		p->value[slot] = value;
	}
	unlock_alone(t);
}

/* Any page, but not where others may be putting theirs. */
static int
pick_page(void)
{
	return (int)rnd((uint32_t)(brk_is_ours() ? PAGES : brk_page()));
}

static void
op_store(void)
{
	int i = pick_page(), slot = (int)rnd(SLOTS);
	struct page *p = &pages[i];
	uint32_t value = rnd(UINT32_MAX) + 1;

	if (p->kind == NONE || !(p->prot & PROT_WRITE)) {
		MUST(!put_cell(i, me, value, false));
	} else if (p->kind == PRIVATE) {
		MUST(put_cell(i, slot, value, true));
		p->value[slot] = value;
	} else if (p->kind == FILE_PRIVATE) {
		store_file_private(p, i, value);
	} else if (lock_shared(p->thing)) {
		store_shared(p, i, value);
		unlock_shared(p->thing);
	}
}

static void
op_load(void)
{
	check_page(pick_page());
}

/* ---- the break ---- */

static bool
range_is_free(int i, int n)
{
	for (; n > 0; n--, i++)
		if (pages[i].kind != NONE)
			return false;
	return true;
}

static bool
range_is_mapped(int i, int n)
{
	for (; n > 0; n--, i++)
		if (pages[i].kind == NONE)
			return false;
	return true;
}

static void
new_heap(int i, int n)
{
	for (; n > 0; n--, i++)
		pages[i] = (struct page){ .kind = PRIVATE, .prot = PROT_READ | PROT_WRITE };
}

static void
op_sbrk(void)
{
	uintptr_t to = heap_base + rnd(HEAP * PG);
	int first = brk_page(), pages_to = ARENA + (int)((up(to) - heap_base) / PG);
	bool fits = pages_to <= first || range_is_free(first, pages_to - first);
	void *r;

	if (!brk_is_ours())
		return;
	r = sbrkx((intptr_t)(to - brk_now), one_in(4) ? SBRK_EAGER : SBRK_LAZY);
	MUST(r == (fits ? (void *)brk_now : (void *)-1));
	if (!fits)
		return;
	for (int i = pages_to; i < first; i++)
		forget(i);
	if (pages_to > first)
		new_heap(first, pages_to - first);
	brk_now = to;
}

static void
op_vmgrow(void)
{
	int n = 1 + (int)rnd(4), first = brk_page(), at = first + (int)rnd(8);
	bool there = one_in(2), fits;
	void *p;

	if (!brk_is_ours())
		return;
	if (!there)
		at = first;
	if (at + n > PAGES)
		return;
	fits = range_is_free(at, n);
	p = vmgrow((long)n * PG, there ? (void *)page_at(at) : NULL);
	MUST(p == (fits ? (void *)page_at(at) : NULL));
	if (!fits)
		return;
	new_heap(at, n);
	if (!there)
		brk_now = page_at(at) + (uintptr_t)n * PG;
}

/* ---- mapping ---- */

/* Some pages of the arena or the heap; while the heap's end is not ours, not above it. */
static int
pick_range(int *n)
{
	int most = brk_is_ours() ? PAGES : brk_page();
	int i = one_in(3) && most > ARENA ? ARENA + (int)rnd((uint32_t)(most - ARENA)) :
	    (int)rnd(ARENA);
	int end = i < ARENA ? ARENA : most;

	*n = 1 + (int)rnd(one_in(4) ? 16 : 4);
	if (*n > end - i)
		*n = end - i;
	return i;
}

static uint8_t
pick_prot(void)
{
	static const uint8_t prots[] = {
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ,
		PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC, PROT_NONE,
	};

	return prots[rnd(sizeof(prots))];
}

static void
op_mmap(void)
{
	int n, i = pick_range(&n), thing = -1, index = 0, flags = MAP_FIXED;
	uint8_t prot = pick_prot(), kind = one_in(2) ? SHARED : PRIVATE;
	void *at = (void *)page_at(i);

	if (one_in(2)) {
		thing = (int)rnd(FILES);
		index = (int)rnd((uint32_t)(THING_PAGES - n));
		kind = kind == PRIVATE ? FILE_PRIVATE : SHARED;
	} else if (kind == SHARED && (thing = thing_new(n)) == 0) {
		return;
	}
	flags |= kind == SHARED ? MAP_SHARED : MAP_PRIVATE;
	flags |= thing < 0 || !is_file(thing) ? MAP_ANONYMOUS : 0;
	if (range_is_free(i, n) && one_in(2))
		flags &= ~MAP_FIXED;		/* a hint that is taken */
	MUST(mmap(at, (size_t)n * PG - rnd(PG), prot, flags,
	    thing >= 0 && is_file(thing) ? file[thing] : -1, (off_t)index * PG) == at);
	for (int k = 0; k < n; k++) {
		forget(i + k);
		pages[i + k] = (struct page){ .kind = kind, .prot = prot,
			.thing = (uint8_t)thing, .index = (uint8_t)(index + k) };
	}
}

static void
op_munmap(void)
{
	int n, i = pick_range(&n);

	MUST(munmap((void *)page_at(i), (size_t)n * PG) == 0);
	for (int k = 0; k < n; k++)
		forget(i + k);
}

static void
op_mprotect(void)
{
	int n, i = pick_range(&n);
	bool mapped = range_is_mapped(i, n);
	uint8_t prot = pick_prot();

	MUST(mprotect((void *)page_at(i), (size_t)n * PG, prot) == (mapped ? 0 : -1));
	for (int k = 0; k < n && mapped; k++)
		pages[i + k].prot = prot;
}

static void
op_msync(void)
{
	int n, i = pick_range(&n);
	bool mapped = range_is_mapped(i, n);

	MUST(msync((void *)page_at(i), (size_t)n * PG, one_in(2) ? MS_SYNC : MS_ASYNC) ==
	    (mapped ? 0 : -1));
}

/* Where the kernel likes: nothing of ours is hit, and it is zero. */
static void
op_float(void)
{
	size_t n = 1 + rnd(20);
	char *p = mmap(NULL, n * PG, PROT_READ | PROT_WRITE,
	    MAP_ANONYMOUS | (one_in(2) ? MAP_SHARED : MAP_PRIVATE), -1, 0);
	uintptr_t at = (uintptr_t)p;

	MUST(p != MAP_FAILED);
	MUST(at >= ARENA_AT + ARENA * PG);
	for (size_t i = 0; i < n; i++) {
		MUST(p[i * PG + at / PG % PG] == 0);
		memset(p + i * PG, -1, PG);
	}
	MUST(munmap(p, n * PG) == 0);
}

/* ---- shared pages ---- */

static int
find_mapshared(void)
{
	for (int i = 0; i < PAGES; i++)
		if (pages[i].mapshared)
			return i;
	return -1;
}

static void
op_mapshared(void)
{
	int have = find_mapshared(), i = brk_page(), thing;
	bool fits = have < 0 && i < PAGES && range_is_free(i, 1);

	MUST(getshared() == (have < 0 ? NULL : (void *)page_at(have)));
	if (!brk_is_ours() || i >= PAGES || (thing = thing_new(1)) == 0)
		return;
	MUST(mapshared() == (fits ? (void *)page_at(i) : NULL));
	if (!fits) {
		add(&ctl->thing[thing].users, -1);
		return;
	}
	pages[i] = (struct page){ .kind = SHARED, .prot = PROT_READ | PROT_WRITE,
		.thing = (uint8_t)thing, .mapshared = true, .before = brk_now };
	brk_now = page_at(i) + PG;
}

/* Page I is the uppermost below the break and goes: where the break is then. */
static uintptr_t
brk_without(int i)
{
	uintptr_t before = pages[i].before;

	return before != 0 && up(before) == page_at(i) ? before : page_at(i);
}

static void
op_unmapshared(void)
{
	int have = find_mapshared();

	if (!brk_is_ours())
		return;
	MUST(unmapshared() == (have < 0 ? -1 : 0));
	if (have < 0)
		return;
	if (brk_now == page_at(have) + PG)
		brk_now = brk_without(have);
	forget(have);
	MUST((uintptr_t)sbrk(0) == brk_now);
}

/* A size so that N pages hold OFF bytes of a page and on. */
static uint64_t
size_over(int n, uint32_t off)
{
	uint64_t most = (uint64_t)n * PG - off;

	return most - rnd((uint32_t)(n > 1 ? MIN(most, PG) : most));
}

static void
op_unshare(void)
{
	int n, i = pick_range(&n), end = i + n;
	uint32_t off = rnd(PG);
	bool good = true, top = brk_now == page_at(end - 1) + PG;

	if (!brk_is_ours())
		return;
	for (int k = i; k < end; k++)
		good = good && pages[k].kind == SHARED;
	MUST(unmap_shared_pages(page_at(i) + off, size_over(n, off)) == (good ? 0 : -1));
	while (good && end-- > i) {
		if (top && brk_now == page_at(end) + PG)
			brk_now = brk_without(end);
		forget(end);
	}
	MUST((uintptr_t)sbrk(0) == brk_now);
}

/* Let others put pages at our break, or no more, or see what has come. */
static void
op_mail(void)
{
	struct slot *s = &ctl->slot[me];
	int32_t is = OPEN;

	if (load(&s->mail) == CLOSED) {
		s->most = (uint32_t)(PAGES - brk_page());
		s->free = 0;
		while (s->free < s->most && range_is_free(brk_page(), (int)s->free + 1))
			s->free++;
		store(&s->mail, OPEN);
		return;
	}
	while (!__atomic_compare_exchange_n(&s->mail, &is, CLOSED, false, __ATOMIC_SEQ_CST,
	    __ATOMIC_SEQ_CST) && is != ARRIVED)
		is = OPEN;
	if (is != ARRIVED)
		return;
	MUST(s->at / PG * PG == up(brk_now));
	for (uint32_t i = 0; i < s->pages; i++)
		pages[brk_page() + (int)i] = s->page[i];
	pages[brk_page()].before = brk_now;
	brk_now = up(brk_now) + s->pages * PG;
	MUST((uintptr_t)sbrk(0) == brk_now);
	store(&s->mail, CLOSED);
}

/* Files that pages [I, I + N) show privately, all for us: a bit each; -1: not to be had. */
static int
lock_sources(int i, int n)
{
	int locked = 0;

	for (int end = i + n; i < end; i++) {
		const struct page *p = &pages[i];

		if (p->kind != FILE_PRIVATE || (locked & 1 << p->thing))
			continue;
		if (lock_alone(p->thing)) {
			locked |= 1 << p->thing;
			continue;
		}
		for (int t = 0; t < FILES; t++)
			if (locked & 1 << t)
				unlock_alone(t);
		return -1;
	}
	return locked;
}

/* What map_shared_pages has made of pages [I, I + N): private ones are THING's now. */
static void
become_shared(int i, int n, int thing)
{
	for (int k = 0; k < n; k++) {
		struct page *p = &pages[i + k];

		if (p->kind == SHARED)
			continue;
		if (p->kind == FILE_PRIVATE)
			for (int s = 0; s < SLOTS; s++)
				p->value[s] = ctl->thing[p->thing].cell[p->index][s].value;
		for (int s = 0; s < SLOTS; s++)
			store(&ctl->thing[thing].cell[k][s].value, p->value[s]);
		p->kind = SHARED;
		p->thing = (uint8_t)thing;
		p->index = (uint8_t)k;
		use(p, 1);
	}
}

/* What of a file is shown privately in the range is there; *CUT: in part. */
static bool
sources_are_in(int i, int n, bool *cut)
{
	bool in = true;

	*cut = false;
	for (int end = i + n; i < end; i++) {
		const struct page *p = &pages[i];

		if (p->kind != FILE_PRIVATE)
			continue;
		in = in && page_is_in(p->thing, p->index);
		*cut = *cut || (page_is_in(p->thing, p->index) &&
		    (p->index + 1u) * PG > ctl->thing[p->thing].size);
	}
	return in;
}

static bool
is_relative(const struct slot *s)
{
	return s->parent == getpid() || s->pid == getppid() || s->parent == getppid();
}

/* Pages [I, I + N) appear at the break of S's process, or not. */
static bool
give_pages(struct slot *s, int i, int n, int thing)
{
	uint32_t off = rnd(PG);
	bool cut, good = sources_are_in(i, n, &cut) && range_is_mapped(i, n) && is_relative(s) &&
	    (uint32_t)n <= s->free;
	uint64_t at;

	if (cut)
		return false;
	at = map_shared_pages(getpid(), s->pid, page_at(i) + off, size_over(n, off));
	if (good ? at % PG != off || at == 0 : at != 0)
		wrong(__LINE__, "%d pages at %lx appear at %llx of %d", n, (long)page_at(i),
		    (unsigned long long)at, (int)s->pid);
	if (!good)
		return false;
	become_shared(i, n, thing);
	for (int k = 0; k < n; k++) {
		s->page[k] = pages[i + k];
		s->page[k].before = 0;
		s->page[k].mapshared = false;
		use(&s->page[k], 1);
	}
	s->at = (uintptr_t)at;
	s->pages = (uint32_t)n;
	return true;
}

static void
op_share(void)
{
	int n, i = pick_range(&n), thing, files;
	struct slot *s = &ctl->slot[rnd(SLOTS)];
	int32_t open = OPEN;
	bool given = false;

	if (s == &ctl->slot[me] || !__atomic_compare_exchange_n(&s->mail, &open, BUSY, false,
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	thing = thing_new(1);
	files = lock_sources(i, n);
	if (thing != 0 && files >= 0 && n <= SHARE_MOST && (uint32_t)n <= s->most)
		given = give_pages(s, i, n, thing);
	for (int t = 0; t < FILES && files > 0; t++)
		if (files & 1 << t)
			unlock_alone(t);
	if (thing != 0)
		add(&ctl->thing[thing].users, -1);
	store(&s->mail, given ? ARRIVED : OPEN);
}

/* ---- files ---- */

/* File F, and the one that page P shows, for us alone. */
static bool
lock_both(int f, const struct page *p)
{
	if (!lock_alone(f))
		return false;
	if (p->kind == PRIVATE || p->kind == NONE || p->thing == f)
		return true;
	if (is_file(p->thing) && lock_alone(p->thing))
		return true;
	unlock_alone(f);
	return false;
}

static void
unlock_both(int f, const struct page *p)
{
	if (p->kind != PRIVATE && p->kind != NONE && p->thing != f)
		unlock_alone(p->thing);
	unlock_alone(f);
}

/* Write a page of memory to a page of a file. */
static void
op_write(void)
{
	int f = (int)rnd(FILES), j = (int)rnd(THING_PAGES), i = pick_page();
	const struct page *p = &pages[i];
	struct thing *t = &ctl->thing[f];
	bool shows = p->kind == FILE_PRIVATE || p->kind == SHARED, may;

	if (!lock_both(f, p))
		return;
	may = p->kind != NONE && (p->prot & PROT_READ);
	if (!shows || (p->index + 1u) * PG <= ctl->thing[p->thing].size) {
		MUST(pwrite(file[f], (void *)page_at(i), PG, (off_t)j * PG) == (may ? PG : -1));
		for (int s = 0; s < SLOTS && may; s++)
			t->cell[j][s].value = shows ? ctl->thing[p->thing].cell[p->index][s].value :
			    p->value[s];
		if (may && t->size < (j + 1u) * PG)
			t->size = (j + 1u) * PG;
	}
	unlock_both(f, p);
}

/* Page P, I, was read to from page J of file F, N bytes. */
static void
was_read(struct page *p, int i, int f, int j, uint32_t n)
{
	if (p->kind == FILE_PRIVATE)
		copy_values(p, i);
	for (int s = 0; s < SLOTS; s++) {
		uint32_t value = ctl->thing[f].cell[j][s].value;

		if (cell_offset(s) >= n)
			continue;
		if (p->kind == PRIVATE)
			p->value[s] = value;
		else if (cell_is_in(p->thing, p->index, s))
			ctl->thing[p->thing].cell[p->index][s].value = value;
	}
}

/* Read a page of a file into memory, which may be another file's, or its own. */
static void
op_read(void)
{
	int f = (int)rnd(FILES), j = (int)rnd(THING_PAGES), i = pick_page();
	struct page *p = &pages[i];
	uint32_t size, n;
	bool may, shows = p->kind == FILE_PRIVATE || p->kind == SHARED;

	if (!lock_both(f, p))
		return;
	size = ctl->thing[f].size;
	n = size > (uint32_t)j * PG ? MIN(PG, size - (uint32_t)j * PG) : 0;
	may = p->kind != NONE && (p->prot & PROT_WRITE) &&
	    (!shows || page_is_in(p->thing, p->index));
	MUST(pread(file[f], (void *)page_at(i), PG, (off_t)j * PG) ==
	    (may || n == 0 ? (ssize_t)n : -1));
	/* A private page is copied once something is stored to it. */
	if (may && n > 0)
		was_read(p, i, f, j, n);
	unlock_both(f, p);
}

static void
op_truncate(void)
{
	int f = (int)rnd(FILES);
	struct thing *t = &ctl->thing[f];
	uint32_t size = one_in(8) ? 0 : rnd(THING_PAGES * PG / 4 + 1) * 4;

	if (!lock_alone(f))
		return;
	MUST(ftruncate(file[f], size) == 0);
	t->size = size;
	for (int i = 0; i < THING_PAGES; i++)
		for (int s = 0; s < SLOTS; s++)
			if (!cell_is_in(f, i, s))
				t->cell[i][s].value = 0;
	unlock_alone(f);
}

/* Our own cell of a file, by write and read, while others store to theirs. */
static void
op_cell(void)
{
	int f = (int)rnd(FILES), j = (int)rnd(THING_PAGES);
	struct cell *c = &ctl->thing[f].cell[j][me];
	off_t at = (off_t)j * PG + cell_offset(me);
	uint32_t word = 0;

	if (!lock_shared(f))
		return;
	if (cell_is_in(f, j, me) && one_in(2)) {
		word = rnd(UINT32_MAX) + 1;
		add(&c->version, 1);
		MUST(pwrite(file[f], &word, sizeof(word), at) == sizeof(word));
		store(&c->value, word);
		add(&c->version, 1);
	} else if (cell_is_in(f, j, me)) {
		MUST(pread(file[f], &word, sizeof(word), at) == sizeof(word));
		MUST(word == c->value);
	} else {
		MUST(pread(file[f], &word, sizeof(word), at) == 0);
	}
	unlock_shared(f);
}

static void
op_fsync(void)
{
	MUST(fsync(file[rnd(FILES)]) == 0);
}

/* ---- halting everybody ---- */

static void
tell(uint32_t crowd)
{
	if (!load(&ctl->stop) || (crowd & 0xffff) + 1 != crowd >> 16)
		return;
	add(&ctl->told, 1);
	MUST(write(halted[1], "", 1) == 1);
}

/* Between two operations: sleep while somebody checks. */
static void
pause_point(void)
{
	char c;

	if (load(&ctl->stop)) {
		const int *sleep = go[load(&ctl->round) % 2];

		tell(add(&ctl->crowd, 1));
		MUST(read(sleep[0], &c, 1) == 1);
	}
}

/* Processes that said that they end have ended. */
static void
await_leavers(void)
{
	for (int i = 0; i < SLOTS; i++) {
		struct kinfo_proc k;
		int32_t pid = load(&ctl->slot[i].pid);

		while (load(&ctl->slot[i].leaving) &&
		    kinfo(KINFO_PROC, 0, (uint64_t)pid, &k, sizeof(k)) > 0 && k.pid == pid &&
		    k.state != 'Z')
			sleep_ms(1);
	}
}

/* Halt everybody else, have the kernel check itself, go on. */
static void
check_kernel(void)
{
	int32_t no = 0;
	uint32_t crowd;
	const int *wake;
	char c[64];

	if (!__atomic_compare_exchange_n(&ctl->stop, &no, 1, false, __ATOMIC_SEQ_CST,
	    __ATOMIC_SEQ_CST))
		return;
	doing = "halting the others";
	while (crowd = load(&ctl->crowd), (crowd & 0xffff) + 1 != crowd >> 16)
		ctl->heard += (uint32_t)read(halted[0], c, 1);
	while (ctl->heard != load(&ctl->told))
		ctl->heard += (uint32_t)read(halted[0], c, 1);
	await_leavers();
	doing = "the kernel's check of itself";
	MUST(kinfo(KINFO_CHECK, KCHECK_HALTED, 0, NULL, 0) == 0);
	wake = go[ctl->round++ % 2];
	add(&ctl->crowd, -(crowd & 0xffff));
	store(&ctl->stop, 0);
	MUST(write(wake[1], c, crowd & 0xffff) == (ssize_t)(crowd & 0xffff));
}

/* ---- processes ---- */

static void	live(void);

static void
open_all(void)
{
	char name[] = "f0";

	for (int i = 0; i < FILES; i++, name[1]++)
		MUST((file[i] = open(name, O_RDWR | O_CREAT)) >= 0);
	MUST(pipe(echo) == 0);
}

static void
close_all(void)
{
	for (int i = 0; i < FILES; i++)
		close(file[i]);
	close(echo[0]);
	close(echo[1]);
}

static void
reap(void)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		int i = 0;

		while (load(&ctl->slot[i].pid) != pid)
			i++;
		if (status != 0)
			wrong(__LINE__, "child %d ends with status %x", (int)pid, status);
		ctl->slot[i].leaving = false;
		store(&ctl->slot[i].pid, 0);
	}
}

/* Every process that this one has made has ended. */
static void
outlive(void)
{
	doing = "waiting for the children";
	for (int i = 0; i < SLOTS; i++)
		while (load(&ctl->slot[i].pid) != 0 && ctl->slot[i].parent == getpid()) {
			pause_point();
			reap();
			if (load(&ctl->slot[i].pid) != 0)
				sleep_ms(1);
		}
}

static void
leave(void)
{
	while (load(&ctl->slot[me].mail) != CLOSED)
		op_mail();
	doing = "the last check";
	check_all();
	outlive();
	doing = "leaving";
	for (int i = 0; i < PAGES; i++)
		use(&pages[i], -1);
	if (one_in(4))
		MUST(munmap((void *)ARENA_AT, ARENA * PG) == 0);
}

static _Noreturn void
child(int slot, uint64_t seed)
{
	me = slot;
	rng = seed;
	store(&ctl->slot[me].pid, getpid());
	close_all();
	open_all();
	left = 20 + rnd(400);
	live();
	leave();
	store(&ctl->slot[me].leaving, true);
	tell(add(&ctl->crowd, -(1u << 16)));
	if (one_in(4))
		execl("/bin/true", "true", (char *)NULL);
	_exit(0);
}

static void
op_fork(void)
{
	uint64_t seed = (uint64_t)rnd(UINT32_MAX) << 32 | rnd(UINT32_MAX);
	int32_t none = 0;
	int i = 0;
	pid_t pid;

	if (!brk_is_ours())
		return;
	while (i < SLOTS && !__atomic_compare_exchange_n(&ctl->slot[i].pid, &none, -1, false,
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		none = 0;
		i++;
	}
	if (i == SLOTS)
		return;
	ctl->slot[i].parent = getpid();
	for (int k = 0; k < PAGES; k++)
		use(&pages[k], 1);
	add(&ctl->crowd, 1u << 16);
	pid = fork();
	if (pid == 0)
		child(i, seed);
	MUST(pid > 0);
	store(&ctl->slot[i].pid, pid);
}

static _Noreturn void
store_for_ever(void)
{
	for (uint32_t i = 0;; i = (i + 1) % PAGES) {
		if (pages[i].kind == PRIVATE && (pages[i].prot & PROT_WRITE))
			++*cell_at((int)i, me);
		else if (pages[i].kind == SHARED && (pages[i].prot & PROT_READ) &&
		    !is_file(pages[i].thing))
			(void)load(cell_at((int)i, me));
	}
}

/* A child that is killed in the middle of stores and loads. */
static void
op_kill(void)
{
	pid_t pid = fork();
	int status;

	MUST(pid >= 0);
	if (pid == 0)
		store_for_ever();
	for (uint32_t i = rnd(40); i > 0; i--)
		op_store();
	MUST(kill(pid, SIGKILL) == 0);
	MUST(waitpid(pid, &status, 0) == pid);
	MUST(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* ---- the test ---- */

static const struct op {
	const char *name;
	void (*run)(void);
	uint32_t often;
} ops[] = {
	{ "storing", op_store, 300 }, { "loading", op_load, 200 }, { "all pages", check_all, 10 },
	{ "sbrk", op_sbrk, 50 }, { "vmgrow", op_vmgrow, 20 },
	{ "mmap", op_mmap, 80 }, { "munmap", op_munmap, 50 }, { "mprotect", op_mprotect, 50 },
	{ "msync", op_msync, 5 }, { "mmap anywhere", op_float, 10 },
	{ "mapshared", op_mapshared, 15 }, { "unmapshared", op_unmapshared, 10 },
	{ "map_shared_pages", op_share, 30 }, { "unmap_shared_pages", op_unshare, 20 },
	{ "mail", op_mail, 20 },
	{ "write", op_write, 40 }, { "read", op_read, 40 }, { "a cell of a file", op_cell, 40 },
	{ "ftruncate", op_truncate, 15 }, { "fsync", op_fsync, 2 },
	{ "fork", op_fork, 15 }, { "a killed child", op_kill, 3 },
};

static const struct op *
pick_op(void)
{
	const struct op *op = ops;
	uint32_t sum = 0, n;

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		sum += ops[i].often;
	n = rnd(sum);
	while (n >= op->often)
		n -= op++->often;
	return op;
}

static void
live(void)
{
	while (left-- > 0 && load(&ctl->ops) < ctl->most) {
		const struct op *op = pick_op();

		doing = op->name;
		op->run();
		reap();
		if (add(&ctl->ops, 1) % CHECK_EVERY == 0)
			check_kernel();
		pause_point();
	}
}

static void
begin(void)
{
	uintptr_t brk = (uintptr_t)sbrk(0);

	ctl = mmap(NULL, sizeof(*ctl), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(ctl != MAP_FAILED);
	heap_base = brk_now = up(brk);
	CHECK(sbrk((intptr_t)(heap_base - brk)) == (void *)brk);
	CHECK(pipe(halted) == 0 && pipe(go[0]) == 0 && pipe(go[1]) == 0);
	open_all();
	fixed_pages = numvp();
	ctl->most = test_rounds ? (uint32_t)test_rounds : 3000;
	ctl->crowd = 1u << 16;
	ctl->slot[0] = (struct slot){ .pid = getpid(), .parent = getppid() };
	rng = test_seed;
	left = LONG_MAX;
}

TEST(operations, "random operations of several processes on memory, against a model")
{
	begin();
	live();
	leave();
	check_kernel();
	CHECK(kinfo(KINFO_CHECK, 0, 0, NULL, 0) == 0);
	close_all();
}
