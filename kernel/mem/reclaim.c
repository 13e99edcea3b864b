/* See mem/reclaim.h. */
#include "mem/reclaim.h"

#include "abi/info.h"
#include "kern/clock.h"
#include "kern/mutex.h"
#include "kern/print.h"
#include "kern/thread.h"
#include "lib/atomic.h"
#include "md/time.h"
#include "mem/slab.h"

#define LOW_SHARE	256		/* the daemon wakes below 1/256 of RAM ... */
#define REFILL		32		/* ... and frees so many frames at a time */
#define TURNS		8		/* of who frees nothing, while others free something */

static struct list shrinkers = LIST_INIT(shrinkers);	/* c after boot: by order */
static struct thread *daemon;				/* @ */
static size_t low_mark;					/* c */
static uint32_t freed_by_all;				/* @ */

void
mem_shrinker_add(struct shrinker *s)
{
	struct shrinker *at;

	if (s->link.next != NULL)
		return;
	list_for(at, &shrinkers, link)
		if (at->order > s->order)
			break;
	list_append(&at->link, &s->link);
}

static size_t
shrink_pass(size_t want, enum shrink_effort effort)
{
	struct shrinker *s;
	size_t freed = slab_shrink();

	list_for(s, &shrinkers, link) {
		if (freed >= want)
			break;
		freed += s->shrink(want - freed, effort);
	}
	freed += slab_shrink();
	page_refill_emergency();
	atomic_add(&freed_by_all, (uint32_t)freed);
	return freed;
}

/*
 * Pages that one thread writes out may be freed by another, and taken, before the first looks for
 * them: it has found nothing, but memory is not at its end.
 */
err_t
mem_reclaim(size_t want)
{
	size_t freed = 0;
	uint32_t before;

	rank_assert_below(RANK_INODE_IO + 1);
	for (int turn = 0; turn < TURNS && freed == 0; turn++) {
		before = atomic_load_relaxed(&freed_by_all);
		freed = shrink_pass(want, SHRINK_CLEAN);
		if (freed < want)
			freed += shrink_pass(want - freed, SHRINK_WRITE);
		if (atomic_load_relaxed(&freed_by_all) == before)
			break;
	}
	return freed > 0 ? OK : ERR(ENOMEM);
}

size_t
mem_reclaim_unused(size_t want)
{
	rank_assert_below(RANK_INODE_IO + 1);
	return shrink_pass(want, SHRINK_UNUSED);
}

size_t
mem_available(void)
{
	struct shrinker *s;
	size_t n = page_count_free() + slab_frames_held();

	n -= MIN(n, MAX(slab_frames_needed(), KINFO_OBJECT_FRAMES));
	list_for(s, &shrinkers, link)
		if (s->count != NULL)
			n += s->count();
	return n;
}

struct page *
page_alloc_wait(enum page_state state)
{
	struct page *p;

	while ((p = page_alloc(state)) == NULL)
		if (mem_reclaim(REFILL) != OK)
			return NULL;
	return p;
}

void *
slab_alloc_reclaim(struct slab_cache *c)
{
	void *obj = NULL;

	while (obj == NULL && mem_reclaim(REFILL) == OK)
		obj = slab_alloc(c);
	return obj;
}

/* ---- the daemon ---- */

static void
wake_daemon(void)
{
	struct thread *t = atomic_load_acquire(&daemon);

	if (t != NULL)
		thread_wake(t);
}

static void
daemon_main(void *arg)
{
	static struct spinlock lock = SPINLOCK_INIT("reclaim", RANK_WAIT);
	static struct waitq queue = WAITQ_INIT(queue, "memory");

	(void)arg;
	atomic_store_release(&daemon, thread_current());
	for (;;) {
		err_t err = OK;

		/*
		 * Whoever needs more asks himself, and waits. What programs map least of all: while
		 * one fills the memory it would lose its text as fast as it reads it in.
		 */
		while (page_count_free() < low_mark && shrink_pass(REFILL, SHRINK_UNUSED) > 0)
			thread_breathe();
		spin_lock(&lock);
		err = waitq_sleep_until(&queue, &lock, WAIT_ALWAYS, md_clock_ns() + NS_PER_SEC);
		spin_unlock(&lock);
		assert(err == OK || err == ERR(ETIMEDOUT));
	}
}

err_t
mem_start_reclaimer(void)
{
	low_mark = page_count_total() / LOW_SHARE;
	page_set_low_hook(low_mark, wake_daemon);
	return thread_daemon("reclaim", daemon_main, NULL);
}

/* ---- fault injection ---- */

#ifdef DEBUG
static unsigned long fail_at, counted;	/* @ */

bool
mem_should_fail(void)
{
	unsigned long n = atomic_load_relaxed(&fail_at);

	return unlikely(n != 0) && atomic_add_relaxed(&counted, 1) == n;
}

uint64_t
mem_fail_nth(uint64_t n)
{
	uint64_t was = atomic_swap(&counted, 0);

	atomic_store(&fail_at, (unsigned long)n);
	return was;
}
#endif
