/* From the port's start-up code to the first process. */
#include "abi/wait.h"

#include "dev/blk.h"
#include "dev/chardev.h"
#include "dev/console.h"
#include "dev/drivers.h"
#include "fs/fs.h"
#include "kern/bootparam.h"
#include "kern/clock.h"
#include "kern/ktest.h"
#include "kern/print.h"
#include "md/time.h"
#include "mem/kstack.h"
#include "mem/reclaim.h"
#include "mem/slab.h"
#include "mem/table.h"
#include "sys/sys.h"
#include "vm/object.h"

#define START_TIMEOUT	(10 * NS_PER_SEC) /* for a processor to come up: later, it would do harm */

static void
give_up(const char *why, int error)
{
	kprintf("boot: %s: error %d\n", why, error);
	panic("%s", why);
}

static void
interrupt_job(int pid)
{
	proc_kill_job(pid, SIGINT);
}

static void
start_console(void)
{
	static const struct console_hooks hooks = { proc_print_all, interrupt_job };

	console_init(&hooks);
	if (md_cons_irq(0) < 0)
		clock_on_tick(console_poll);
}

static void
start_processors(unsigned n)
{
	for (unsigned i = 1; i < n && i < MAX_CPUS; i++) {
		vaddr_t stack = kstack_alloc();
		err_t err = stack != 0 ? md_cpu_start(i, stack) : ERR(ENOMEM);
		uint64_t deadline = md_clock_ns() + START_TIMEOUT;

		while (err == OK && !atomic_load(&cpus[i].online))
			if (md_clock_ns() > deadline)
				err = ERR(EIO);
		if (err != OK) {
			kprintf("boot: processor %u does not start: error %d\n", i, -err_code(err));
			break;		/* numbers have no holes */
		}
		atomic_store(&ncpus, i + 1);
	}
}

void
kmain_ap(unsigned cpu)
{
	sched_cpu_init(cpu);
	md_cpu_init();
	md_timer_start(NS_PER_SEC / SCHED_HZ);
	sched_idle_loop();
}

static void
mount_root(const struct bootinfo *bi)
{
	err_t err;

	/* The preferred kinds first. */
	virtio_blk_probe();
	ata_probe();
	ramdisk_probe(bi);
	if (blk_root() == NULL)
		give_up("no disk", ENODEV);
	err = fs_mount(blk_root());
	if (err == OK)
		err = fs_start_daemons();
	if (err != OK)
		give_up("cannot mount the disk", -err_code(err));
}

#ifdef CONFIG_KTEST
static void
take_census(struct ktest_census *c)
{
	(void)slab_shrink();
	c->frames = page_count_total() - mem_available();
	c->objects = 0;
	for (struct slab_cache *s = slab_next(NULL); s != NULL; s = slab_next(s))
		c->objects += slab_used(s) - slab_cached(s);
}

static void
run_tests(void)
{
	char pattern[64];

	if (!bootparam_get("ktest", pattern, sizeof(pattern)))
		return;
	ktest_set_census(take_census);
	md_poweroff(ktest_run_all(pattern) ? 0 : 1);
}
#else
static void
run_tests(void)
{
}
#endif

/* A thread, so that it can sleep. */
static void
boot(void *arg)
{
	static char init[QUIRE_PATH_MAX] = "/bin/init";
	const struct bootinfo *bi = arg;
	err_t err;

	start_processors(bi->ncpus);
	memdev_init();
	start_console();
	err = mem_start_reclaimer();
	if (err != OK)
		give_up("cannot start the reclaimer", -err_code(err));
	mount_root(bi);
	run_tests();
	kprintf("%u processors, %zu pages free of %zu, up after %u ms\n", ncpus, mem_available(),
	    page_count_total(), (unsigned)(clock_uptime_ns() / 1000000));
	print_set_quiet(false);
	(void)bootparam_get("init", init, sizeof(init));
	err = proc_start_init(init);
	if (err != OK)
		give_up("cannot make the first process", -err_code(err));
}

static void
set_parameters(const struct bootinfo *bi)
{
	char none[2];

	bootparam_init(bi->cmdline);
	if (bootparam_get("frames", none, sizeof(none))) {
		cons_set_frames(true);
		console_set_plain(true);
	}
	print_set_quiet(bootparam_get("quiet", none, sizeof(none)));
}

void
kmain(struct bootinfo *bi)
{
	sched_init();
	sched_cpu_init(0);
	set_parameters(bi);
	kprintf("Quire on " MD_NAME "\n");
	page_init(bi);
	pmap_init();
	kstack_init();
	table_init();
	thread_set_stacks(kstack_alloc, kstack_free);
	md_early_init();
	md_cpu_init();
	clock_init();
	object_subsystem_init();
	space_subsystem_init();
	proc_init();
	md_timer_start(NS_PER_SEC / SCHED_HZ);
	if (thread_daemon("boot", boot, bi) != OK)
		panic("no memory for the first thread");
	md_intr_restore(true);
	sched_idle_loop();
}
