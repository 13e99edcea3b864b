/* See kern/clock.h. Alarms are one list by deadline, looked at on each tick of processor 0. */
#include "kern/clock.h"

#include "abi/limits.h"
#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "md/time.h"
#include "md/trap.h"

static uint64_t boot_ns, epoch;	/* c: the latter at md_clock_ns() == 0 */
#define TICK_HOOKS 2
static void (*tick_hooks[TICK_HOOKS])(void);	/* c after boot */

static struct spinlock alarm_lock = SPINLOCK_INIT("alarms", RANK_TIMER);
static struct list alarms = LIST_INIT(alarms);		/* alarm_lock: by deadline */

static struct spinlock sleep_lock = SPINLOCK_INIT("sleep", RANK_WAIT);
static struct waitq sleepers = WAITQ_INIT(sleepers, "sleep");

void
clock_init(void)
{
	uint64_t wall = md_rtc_ns();

	boot_ns = md_clock_ns();
	epoch = wall != 0 ? wall - boot_ns : 0;
}

void
clock_on_tick(void (*fn)(void))
{
	unsigned i = 0;

	while (i < TICK_HOOKS && tick_hooks[i] != NULL)
		i++;
	assert(i < TICK_HOOKS);
	atomic_store_release(&tick_hooks[i], fn);
}

uint64_t
clock_uptime_ns(void)
{
	return md_clock_ns() - boot_ns;
}

uint64_t
clock_wall_ns(void)
{
	return epoch + md_clock_ns();
}

uint64_t
clock_ticks(void)
{
	return clock_uptime_ns() / (NS_PER_SEC / QUIRE_HZ);
}

void
clock_alarm_set(struct thread *t, uint64_t deadline)
{
	struct thread *at;

	spin_lock(&alarm_lock);
	t->deadline = deadline;
	list_for(at, &alarms, timer_link)
		if (at->deadline > deadline)
			break;
	list_append(&at->timer_link, &t->timer_link);
	spin_unlock(&alarm_lock);
}

void
clock_alarm_clear(struct thread *t)
{
	spin_lock(&alarm_lock);
	list_remove(&t->timer_link);
	spin_unlock(&alarm_lock);
}

/* The lock keeps the threads from going away. */
static void
ring_alarms(void)
{
	uint64_t now = md_clock_ns();
	struct thread *t;

	spin_lock(&alarm_lock);
	while ((t = list_first(&alarms, struct thread, timer_link)) != NULL && t->deadline <= now) {
		list_remove(&t->timer_link);
		thread_wake(t);
	}
	spin_unlock(&alarm_lock);
}

void
trap_tick(void)
{
	sched_tick();
	if (md_cpu_id() != 0)
		return;
	ring_alarms();
	for (unsigned i = 0; i < TICK_HOOKS; i++) {
		void (*fn)(void) = atomic_load_acquire(&tick_hooks[i]);

		if (fn != NULL)
			fn();
	}
}

err_t
clock_sleep_ns(uint64_t ns)
{
	uint64_t now = md_clock_ns(), deadline = ns < UINT64_MAX - now ? now + ns : UINT64_MAX;
	err_t err = OK;

	spin_lock(&sleep_lock);
	while (err == OK && md_clock_ns() < deadline)
		err = waitq_sleep_until(&sleepers, &sleep_lock, WAIT_KILLABLE, deadline);
	spin_unlock(&sleep_lock);
	return err == ERR(ETIMEDOUT) ? OK : err;
}
