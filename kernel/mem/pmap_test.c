/* What md/pmap.h promises, tried on whatever port this is. */
#include "kern/clock.h"
#include "kern/ktest.h"
#include "kern/thread.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "md/pmap.h"
#include "md/time.h"
#include "md/usercopy.h"
#include "mem/page.h"
#include "mem/reclaim.h"

#ifdef CONFIG_KTEST

#define RW	(PROT_R | PROT_W | PROT_U)
#define RO	(PROT_R | PROT_U)
#define VA	((vaddr_t)0x400000)
#define LAST	((vaddr_t)USER_MAX - PAGE_SIZE)
#define POISON	0xdeadul
#define ROUNDS	2000
#define ROUNDS_NS 500000000ull	/* or so long: fences are slow where the host has few processors */

static bool
maps(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot)
{
	paddr_t got;
	prot_t has;

	return pmap_extract(pm, va, &got, &has) && got == pa &&
	    (has | PROT_R | PROT_X) == (prot | PROT_R | PROT_X);
}

static bool
absent(struct pmap *pm, vaddr_t va)
{
	paddr_t pa;
	prot_t prot;

	return !pmap_extract(pm, va, &pa, &prot);
}

KTEST(pmap_keeps_entries, "what was entered is found, with rights and labels, and nothing else")
{
	struct pmap *pm = pmap_create();
	struct page *p = page_alloc(PAGE_ANON), *q = page_alloc(PAGE_ANON);
	paddr_t a = page_phys(p), b = page_phys(q);

	EXPECT(pmap_enter(pm, VA, a, RW) == OK);
	EXPECT(pmap_enter(pm, VA + PAGE_SIZE, b, RO | PROT_COW) == OK);
	EXPECT(pmap_enter(pm, 0, a, RW | PROT_SHARED) == OK);
	EXPECT(pmap_enter(pm, LAST, b, RO) == OK);
	EXPECT(maps(pm, VA, a, RW));
	EXPECT(maps(pm, VA + PAGE_SIZE, b, RO | PROT_COW));
	EXPECT(maps(pm, 0, a, RW | PROT_SHARED));
	EXPECT(maps(pm, LAST, b, RO));
	EXPECT(absent(pm, VA - PAGE_SIZE) && absent(pm, VA + 2 * PAGE_SIZE) && absent(pm,
	    LAST - PAGE_SIZE));
	EXPECT(pmap_enter(pm, VA, b, RO) == OK);
	EXPECT(maps(pm, VA, b, RO));
	EXPECT_EQ(page_refs(p), 1);	/* P4 */
	pmap_destroy(pm);
	page_put(p);
	page_put(q);
}

KTEST(pmap_tables_come_and_go, "a table page exists only while it holds an entry")
{
	struct pmap *pm = pmap_create();
	struct page *p = page_alloc(PAGE_ANON);
	size_t empty = pmap_table_pages(pm), one;

	EXPECT(pmap_enter(pm, VA, page_phys(p), RW) == OK);
	one = pmap_table_pages(pm);
	EXPECT(one > empty);
	EXPECT(pmap_enter(pm, VA + PAGE_SIZE, page_phys(p), RW) == OK);
	EXPECT_EQ(pmap_table_pages(pm), one);
	EXPECT(pmap_enter(pm, LAST, page_phys(p), RW) == OK);
	EXPECT(pmap_table_pages(pm) > one);
	pmap_remove(pm, LAST, PAGE_SIZE);
	pmap_remove(pm, VA, PAGE_SIZE);
	EXPECT_EQ(pmap_table_pages(pm), one);
	pmap_protect(pm, VA, 2 * PAGE_SIZE, 0);
	EXPECT_EQ(pmap_table_pages(pm), empty);
	EXPECT(absent(pm, VA + PAGE_SIZE));
	page_put(p);
	pmap_destroy(pm);
}

KTEST(pmap_remove_ranges, "a removal takes its range, whatever tables it spans, and no more")
{
	const vaddr_t step = 0x3fe000;	/* odd places in different tables */
	struct pmap *pm = pmap_create();
	struct page *p = page_alloc(PAGE_ANON);
	size_t empty = pmap_table_pages(pm);
	uint64_t start;

	for (unsigned i = 0; i < 64; i++)
		EXPECT(pmap_enter(pm, i * step, page_phys(p), RW) == OK);
	pmap_remove(pm, 10 * step, 30 * step - PAGE_SIZE);
	for (unsigned i = 0; i < 64; i++)
		EXPECT_EQ(absent(pm, i * step), i >= 10 && i < 40);
	EXPECT(pmap_enter(pm, LAST, page_phys(p), RW) == OK);
	start = md_clock_ns();
	pmap_remove(pm, 0, USER_MAX);
	EXPECT(md_clock_ns() - start < NS_PER_SEC / 10);
	EXPECT_EQ(pmap_table_pages(pm), empty);
	page_put(p);
	pmap_destroy(pm);
}

KTEST(pmap_protect_only_takes, "protect takes rights away, sets the label, and never adds a right")
{
	struct pmap *pm = pmap_create();
	struct page *p = page_alloc(PAGE_ANON);
	paddr_t pa = page_phys(p);

	EXPECT(pmap_enter(pm, VA, pa, RW) == OK);
	EXPECT(pmap_enter(pm, VA + PAGE_SIZE, pa, RO) == OK);
	pmap_protect(pm, VA, 2 * PAGE_SIZE, PROT_RWX);
	EXPECT(maps(pm, VA, pa, RW) && maps(pm, VA + PAGE_SIZE, pa, RO));
	pmap_protect(pm, VA, PAGE_SIZE, PROT_R | PROT_X | PROT_COW);
	EXPECT(maps(pm, VA, pa, RO | PROT_COW) && maps(pm, VA + PAGE_SIZE, pa, RO));
	pmap_protect(pm, 0, USER_MAX, PROT_R);
	EXPECT(maps(pm, VA, pa, RO | PROT_COW));
	pmap_destroy(pm);
	page_put(p);
}

KTEST(pmap_enter_out_of_memory,
    "enter fails for want of a table page alone, and then changes nothing")
{
	struct pmap *pm = pmap_create();
	struct page *p = page_alloc(PAGE_ANON), *q = page_alloc(PAGE_ANON);
	size_t empty = pmap_table_pages(pm);

	mem_fail_nth(1);
	EXPECT(pmap_enter(pm, VA, page_phys(p), RW) == ERR(ENOMEM));
	mem_fail_nth(0);
	EXPECT(absent(pm, VA));
	EXPECT_EQ(pmap_table_pages(pm), empty);
	EXPECT(pmap_enter(pm, VA, page_phys(p), RW) == OK);
	mem_fail_nth(1);
	EXPECT(pmap_enter(pm, VA, page_phys(q), RO) == OK);
	EXPECT(pmap_enter(pm, VA + PAGE_SIZE, page_phys(q), RO) == OK);
	mem_fail_nth(0);
	EXPECT(maps(pm, VA, page_phys(q), RO));
	pmap_destroy(pm);
	page_put(p);
	page_put(q);
}

KTEST(pmap_next_in_order, "walking gives every leaf once by address, tables before what they hold")
{
	static const vaddr_t where[] = { 0, PAGE_SIZE, VA, VA + 5 * PAGE_SIZE, LAST };
	struct pmap *pm = pmap_create();
	struct page *p = page_alloc(PAGE_ANON);
	struct pmap_entry e = { .va = 0 };
	size_t tables = pmap_table_pages(pm), seen = 0, leaves = 0;

	for (unsigned i = 0; i < ARRAY_LEN(where); i++)
		EXPECT(pmap_enter(pm, where[i], page_phys(p), RW) == OK);
	while (pmap_next(pm, &e)) {
		if (e.table) {
			seen++;
			continue;
		}
		EXPECT(leaves < ARRAY_LEN(where) && e.va == where[leaves] && e.level == 0);
		EXPECT_EQ(e.pa, page_phys(p));
		leaves++;
		e.va += PAGE_SIZE;
	}
	EXPECT_EQ(leaves, ARRAY_LEN(where));
	EXPECT_EQ(seen, pmap_table_pages(pm) - tables);
	pmap_destroy(pm);
	page_put(p);
}

KTEST(pmap_enter_run_fills_gaps, "a run enters what is not there yet, across tables, and no more")
{
	const vaddr_t start = 0x400000 - 3 * PAGE_SIZE;	/* a border of tables on every port */
	struct pmap *pm = pmap_create();
	struct page *p = page_alloc(PAGE_ANON), *q = page_alloc(PAGE_ANON);
	struct page *busy = page_alloc(PAGE_ANON), *page[8];
	const struct page_run run = { .page = page, .n = ARRAY_LEN(page), .mask = PAGE_BUSY };

	for (unsigned i = 0; i < ARRAY_LEN(page); i++)
		page[i] = i == 5 ? NULL : i == 6 ? busy : p;
	busy->flags |= PAGE_BUSY;
	EXPECT(pmap_enter(pm, start + PAGE_SIZE, page_phys(q), RO) == OK);
	EXPECT_EQ(pmap_enter_run(pm, start, &run, RW), 5);
	for (unsigned i = 0; i < ARRAY_LEN(page); i++) {
		if (i == 5 || i == 6)
			EXPECT(absent(pm, start + i * PAGE_SIZE));
		else if (i == 1)
			EXPECT(maps(pm, start + i * PAGE_SIZE, page_phys(q), RO));
		else
			EXPECT(maps(pm, start + i * PAGE_SIZE, page_phys(p), RW));
	}
	EXPECT(absent(pm, start - PAGE_SIZE) && absent(pm, start + 8 * PAGE_SIZE));
	pmap_destroy(pm);
	page_put(p);
	page_put(q);
	busy->flags = 0;
	page_put(busy);
}

KTEST(pmap_share_for_fork, "fork's copy: both sides read-only, or gone; nothing outside the range")
{
	const vaddr_t big = 0x800000, big_len = 0x800000;	/* whole tables on every port */
	struct pmap *pm = pmap_create(), *child = pmap_create();
	struct page *p = page_alloc(PAGE_ANON);
	paddr_t pa = page_phys(p);
	size_t empty = pmap_table_pages(child);

	EXPECT(pmap_enter(pm, VA, pa, RW) == OK);
	EXPECT(pmap_enter(pm, VA + PAGE_SIZE, pa, RW) == OK);
	EXPECT(pmap_enter(pm, big + PAGE_SIZE, pa, RW) == OK);
	pmap_share(child, pm, VA, PAGE_SIZE, true, true);
	pmap_share(child, pm, big, big_len, true, true);
	pmap_flush(pm);
	EXPECT(maps(pm, VA, pa, RO | PROT_COW) && maps(child, VA, pa, RO | PROT_COW));
	EXPECT(maps(pm, VA + PAGE_SIZE, pa, RW) && absent(child, VA + PAGE_SIZE));
	EXPECT(absent(pm, big + PAGE_SIZE) && absent(child, big + PAGE_SIZE));
	pmap_destroy(child);
	pmap_destroy(pm);
	child = pmap_create();
	EXPECT_EQ(pmap_table_pages(child), empty);
	EXPECT(absent(child, VA) && absent(child, big + PAGE_SIZE));
	pmap_destroy(child);
	page_put(p);
}

KTEST(tables_are_zero, "a table that is used again is empty, whatever was in it")
{
	struct page *p = page_alloc(PAGE_ANON);

	for (unsigned round = 0; round < 20; round++) {
		struct pmap *pm = pmap_create();
		struct pmap_entry e = { .va = 0 };
		unsigned leaves = 0;

		for (unsigned i = 0; i < 4; i++)
			EXPECT(pmap_enter(pm, ((vaddr_t)round * 37 + i * 131) * PAGE_SIZE,
			    page_phys(p), RW) == OK);
		for (; pmap_next(pm, &e); e.va += e.table ? 0 : PAGE_SIZE)
			leaves += !e.table;
		EXPECT_EQ(leaves, 4);
		pmap_destroy(pm);
	}
	page_put(p);
}

/* ---- one processor looks while another changes the table ---- */

static struct {
	struct pmap *pm;
	int	 stop, running;		/* @ */
	bool	 store;			/* the looker stores a counter, else it loads */
	unsigned long stale;		/* @: loads that saw a page that was gone */
	unsigned long done;		/* @: accesses made */
	uint64_t end;
} look;

static void
looker(void *arg)
{
	unsigned long v, n = 0;

	(void)arg;
	thread_set_pmap(look.pm);
	while (!atomic_load(&look.stop)) {
		n++;
		if (look.store) {
			if (md_copyout(VA, &n, sizeof(n)) != OK)
				thread_yield();
		} else if (md_copyin(&v, VA, sizeof(v)) == OK && v == POISON) {
			atomic_add(&look.stale, 1);
		}
		atomic_add(&look.done, 1);
		if (n % 64 == 0)
			thread_yield();
	}
	thread_set_pmap(NULL);
	atomic_sub(&look.running, 1);
}

/* Two at most: an emulator's processors share those of its host, and a fence waits for all. */
static void
look_start(struct pmap *pm, bool store)
{
	unsigned want = ncpus > 2 ? 2 : 1;

	look.pm = pm;
	look.store = store;
	look.stale = look.done = 0;
	look.stop = 0;
	look.running = 0;
	look.end = md_clock_ns() + ROUNDS_NS;
	for (unsigned i = 0; i < want; i++)
		if (thread_daemon("looker", looker, NULL) == OK)
			atomic_add(&look.running, 1);
	EXPECT(look.running > 0);
	while (atomic_load(&look.done) == 0)
		thread_yield();
}

static bool
look_again(unsigned round)
{
	return round < 20 || (round < ROUNDS && md_clock_ns() < look.end);
}

static void
look_stop(void)
{
	atomic_store(&look.stop, 1);
	while (atomic_load(&look.running) > 0)
		thread_yield();
}

KTEST(pmap_replace_reaches_all, "after a replacement no processor reads the old page")
{
	struct pmap *pm = pmap_create();
	struct page *p[2] = { page_alloc_zero(PAGE_ANON), page_alloc_zero(PAGE_ANON) };
	unsigned long *w[2] = { page_virt(p[0]), page_virt(p[1]) };

	EXPECT(pmap_enter(pm, VA, page_phys(p[0]), RW) == OK);
	look_start(pm, false);
	for (unsigned i = 1; look_again(i); i++) {
		atomic_store(w[i % 2], i);
		EXPECT(pmap_enter(pm, VA, page_phys(p[i % 2]), i % 3 ? RW : RO) == OK);
		atomic_store(w[(i + 1) % 2], POISON);
		if (i % 16 == 0)
			thread_yield();
	}
	look_stop();
	EXPECT_EQ(look.stale, 0);
	pmap_destroy(pm);
	page_put(p[0]);
	page_put(p[1]);
}

KTEST(pmap_remove_reaches_all, "after a removal no processor reads the page")
{
	struct pmap *pm = pmap_create();
	struct page *p = page_alloc_zero(PAGE_ANON);
	unsigned long *w = page_virt(p);

	EXPECT(pmap_enter(pm, VA, page_phys(p), RW) == OK);
	look_start(pm, false);
	for (unsigned i = 0; look_again(i); i++) {
		atomic_store(w, i);
		EXPECT(pmap_enter(pm, VA, page_phys(p), RW) == OK);
		thread_yield();
		pmap_remove(pm, i % 2 ? VA : 0, i % 2 ? PAGE_SIZE : USER_MAX);
		atomic_store(w, POISON);
	}
	look_stop();
	EXPECT_EQ(look.stale, 0);
	pmap_destroy(pm);
	page_put(p);
}

KTEST(pmap_protect_reaches_all, "after write rights are taken no processor stores into the page")
{
	struct pmap *pm = pmap_create();
	struct page *p = page_alloc_zero(PAGE_ANON);
	unsigned long *w = page_virt(p), seen;

	EXPECT(pmap_enter(pm, VA, page_phys(p), RW) == OK);
	look_start(pm, true);
	for (unsigned i = 0; look_again(i); i++) {
		EXPECT(pmap_enter(pm, VA, page_phys(p), RW) == OK);
		thread_yield();
		pmap_protect(pm, VA, PAGE_SIZE, PROT_R);
		seen = atomic_load(w);
		for (unsigned k = 0; k < 50; k++)
			md_pause();
		EXPECT_EQ(atomic_load(w), seen);
	}
	look_stop();
	pmap_destroy(pm);
	page_put(p);
}

KTEST(pmap_copies_obey_rights,
    "a copy to a page that the user may not write fails and stores nothing")
{
	struct pmap *pm = pmap_create();
	struct page *p = page_alloc_zero(PAGE_ANON);
	unsigned long v = 1;

	EXPECT(pmap_enter(pm, VA, page_phys(p), RO) == OK);
	thread_set_pmap(pm);
	EXPECT(md_copyout(VA, &v, sizeof(v)) == ERR(EFAULT));
	EXPECT(md_copyin(&v, VA, sizeof(v)) == OK && v == 0);
	EXPECT(md_copyin(&v, VA + PAGE_SIZE - 2, sizeof(v)) == ERR(EFAULT));
	EXPECT(md_copyin(&v, USER_MAX - 2, sizeof(v)) == ERR(EFAULT));
	EXPECT(md_copyin(&v, (vaddr_t)page_virt(p), sizeof(v)) == ERR(EFAULT));
	thread_set_pmap(NULL);
	pmap_destroy(pm);
	page_put(p);
}
#endif
