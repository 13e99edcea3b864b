/* In-kernel tests of locks, waiting and the scheduler. */
#include "kern/bootparam.h"
#include "kern/clock.h"
#include "kern/ktest.h"
#include "kern/mutex.h"
#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "md/time.h"

#define MS	1000000ull
#define WORKERS	4
#define ROUNDS	2000

/* Threads of a test count themselves out; the test waits for all. */
static struct {
	struct spinlock lock;
	struct waitq done;		/* lock */
	unsigned running;		/* lock */
} crew = { .lock = SPINLOCK_INIT("crew", RANK_WAIT), .done = WAITQ_INIT(crew.done, "crew") };

static void
crew_leave(void)
{
	spin_lock(&crew.lock);
	crew.running--;
	waitq_wake_all(&crew.done);
	spin_unlock(&crew.lock);
}

static bool
crew_add(const char *name, void (*fn)(void *), void *arg)
{
	spin_lock(&crew.lock);
	crew.running++;
	spin_unlock(&crew.lock);
	if (thread_daemon(name, fn, arg) == OK)
		return true;
	crew_leave();
	return false;
}

static void
crew_wait(void)
{
	spin_lock(&crew.lock);
	while (crew.running > 0)
		waitq_wait(&crew.done, &crew.lock);
	spin_unlock(&crew.lock);
}

/* ---- mutexes ---- */

static struct mutex mutex;
static unsigned counter;		/* mutex */

static void
count_up(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		unsigned seen;

		mutex_lock(&mutex);
		seen = counter;
		if (i % 16 == 0)
			thread_yield();		/* so that others meet a held lock */
		counter = seen + 1;
		mutex_unlock(&mutex);
	}
	crew_leave();
}

KTEST(mutex_excludes, "threads that add to a counter under a mutex lose no addition")
{
	unsigned started = 0;

	mutex_init(&mutex, "test", RANK_MOUNT);
	counter = 0;
	for (int i = 0; i < WORKERS; i++)
		started += crew_add("adder", count_up, NULL);
	crew_wait();
	EXPECT_EQ(started, WORKERS);
	EXPECT_EQ(counter, started * ROUNDS);
	EXPECT_EQ(mutex.owner, 0);
}

KTEST(mutex_try_refuses, "mutex_try does not take a lock that is held")
{
	struct mutex m;

	mutex_init(&m, "test", RANK_MOUNT);
	mutex_lock(&m);
	EXPECT(mutex_held(&m));
	EXPECT(!mutex_try(&m));
	mutex_unlock(&m);
	EXPECT(!mutex_held(&m));
}

/* ---- wait queues ---- */

static struct {
	struct spinlock lock;
	struct waitq q;			/* lock */
	unsigned ball;			/* lock: whose turn it is */
	unsigned hits;			/* lock */
} table = { .lock = SPINLOCK_INIT("table", RANK_WAIT - 1), .q = WAITQ_INIT(table.q, "table") };

static void
play(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	spin_lock(&table.lock);
	for (int i = 0; i < ROUNDS; i++) {
		while (table.ball != me)
			waitq_wait(&table.q, &table.lock);
		table.ball = !me;
		table.hits++;
		waitq_wake_all(&table.q);
	}
	spin_unlock(&table.lock);
	crew_leave();
}

KTEST(waitq_loses_no_wakeup, "two threads that wake each other in turn never sleep for ever")
{
	bool both;

	table.ball = table.hits = 0;
	both = crew_add("ping", play, (void *)0);
	both = crew_add("pong", play, (void *)1) && both;
	EXPECT(both);
	crew_wait();
	EXPECT_EQ(table.hits, 2 * ROUNDS);
}

KTEST(waitq_times_out, "a wait with a deadline ends after it, not before")
{
	uint64_t start = md_clock_ns();
	err_t err = OK;

	spin_lock(&table.lock);
	while (err == OK)
		err = waitq_sleep_until(&table.q, &table.lock, WAIT_ALWAYS, start + 30 * MS);
	spin_unlock(&table.lock);
	EXPECT_EQ(err, ERR(ETIMEDOUT));
	EXPECT(md_clock_ns() - start >= 30 * MS);
	EXPECT(list_empty(&table.q.waiters));
}

static struct thread *victim;		/* @ */
static err_t victim_result;		/* before crew_leave */

static void
wait_for_ever(void *unused)
{
	err_t err = OK;

	(void)unused;
	atomic_store(&victim, thread_current());
	spin_lock(&table.lock);
	while (err == OK)
		err = waitq_sleep(&table.q, &table.lock, WAIT_KILLABLE);
	spin_unlock(&table.lock);
	victim_result = err;
	crew_leave();
}

static void
kill_after(void (*wait)(void *), uint64_t ns)
{
	atomic_store(&victim, (struct thread *)NULL);
	victim_result = OK;
	if (!crew_add("victim", wait, NULL)) {
		EXPECT(!"no memory for a thread");
		return;
	}
	while (atomic_load(&victim) == NULL)
		thread_yield();
	if (ns != 0)
		EXPECT_EQ(clock_sleep_ns(ns), OK);
	thread_kill(atomic_load(&victim));
	crew_wait();
	EXPECT_EQ(victim_result, ERR(EINTR));
	EXPECT(list_empty(&table.q.waiters));
}

KTEST(kill_ends_sleep, "a killable sleep ends when its thread is killed, however far it has got")
{
	kill_after(wait_for_ever, 20 * MS);
	for (int i = 0; i < 50; i++)
		kill_after(wait_for_ever, 0);
}

static void
sleep_a_bit(void *arg)
{
	uint64_t ns = (uintptr_t)arg * MS, start = md_clock_ns();

	EXPECT_EQ(clock_sleep_ns(ns), OK);
	EXPECT(md_clock_ns() - start >= ns);
	crew_leave();
}

KTEST(alarms_ring_in_order, "threads that sleep for different times all wake, none too early")
{
	static const unsigned ms[] = { 50, 10, 30, 30, 20 };
	uint64_t start = md_clock_ns();

	for (unsigned i = 0; i < ARRAY_LEN(ms); i++)
		EXPECT(crew_add("sleeper", sleep_a_bit, (void *)(uintptr_t)ms[i]));
	crew_wait();
	EXPECT(md_clock_ns() - start < 2000 * MS);
}

/* ---- condition variables ---- */

static struct {
	struct mutex lock;		/* guards all */
	struct cond turned;
	unsigned ball, hits;
} court = { .turned = { LIST_INIT(court.turned.waiters), "court" } };

static void
play_mutex(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	mutex_lock(&court.lock);
	for (int i = 0; i < ROUNDS; i++) {
		while (court.ball != me)
			EXPECT_EQ(cond_wait(&court.turned, &court.lock), OK);
		court.ball = !me;
		court.hits++;
		cond_wake_all(&court.turned);
	}
	mutex_unlock(&court.lock);
	crew_leave();
}

KTEST(cond_loses_no_wakeup, "two threads that wake each other under a mutex never sleep for ever")
{
	bool both;

	mutex_init(&court.lock, "court", RANK_MOUNT);
	court.ball = court.hits = 0;
	both = crew_add("ping", play_mutex, (void *)0);
	both = crew_add("pong", play_mutex, (void *)1) && both;
	EXPECT(both);
	crew_wait();
	EXPECT_EQ(court.hits, 2 * ROUNDS);
}

static void
wait_for_cond(void *unused)
{
	err_t err = OK;

	(void)unused;
	mutex_lock(&court.lock);
	atomic_store(&victim, thread_current());
	while (err == OK)
		err = cond_wait(&court.turned, &court.lock);
	mutex_unlock(&court.lock);
	victim_result = err;
	crew_leave();
}

KTEST(kill_ends_cond_wait, "who waits for a condition is off its queue once it is killed")
{
	mutex_init(&court.lock, "court", RANK_MOUNT);
	kill_after(wait_for_cond, 20 * MS);
	for (int i = 0; i < 50; i++)
		kill_after(wait_for_cond, 0);
	EXPECT(!cond_awaited(&court.turned));
}

/* ---- the scheduler ---- */

static unsigned seen_cpus;		/* @ bit per processor */

static unsigned
all_cpus(void)
{
	return (1u << ncpus) - 1;
}

/* Until every processor has been seen, so that it does not matter how fast threads are made. */
static void
look_busy(void *unused)
{
	uint64_t start = md_clock_ns();

	(void)unused;
	do {
		atomic_or(&seen_cpus, 1u << md_cpu_id());
		thread_breathe();
	} while (atomic_load(&seen_cpus) != all_cpus() && md_clock_ns() - start < 5000 * MS);
	crew_leave();
}

KTEST(idle_processors_help, "busy threads spread over all processors")
{
	atomic_store(&seen_cpus, 0u);
	for (unsigned i = 0; i < 2 * ncpus; i++)
		EXPECT(crew_add("busy", look_busy, NULL));
	crew_wait();
	EXPECT_EQ(seen_cpus, all_cpus());
}

/* ---- boot parameters ---- */

KTEST(bootparam_parses, "keys with and without values are told apart, the last one counts")
{
	const char *was = bootparam_line();
	char buf[8];

	bootparam_init("quiet  maxproc=64 init=/bin/x n=1z maxproc=65 frames");
	EXPECT(bootparam_get("quiet", buf, sizeof(buf)) && buf[0] == '\0');
	EXPECT(bootparam_get("init", buf, sizeof(buf)) && strcmp(buf, "/bin/x") == 0);
	EXPECT(bootparam_get("init", buf, 4) && strcmp(buf, "/bi") == 0);
	EXPECT_EQ(bootparam_number("maxproc", 1), 65);
	EXPECT_EQ(bootparam_number("n", 7), 7);
	EXPECT_EQ(bootparam_number("max", 3), 3);
	EXPECT(!bootparam_is("init", "/bin") && bootparam_is("frames", ""));
	bootparam_init(was);
}
