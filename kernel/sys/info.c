/* kinfo: what the kernel tells about itself (abi/info.h). */
#include "abi/info.h"

#include "dev/blk.h"
#include "fs/fs.h"
#include "kern/bootparam.h"
#include "kern/clock.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "md/time.h"
#include "mem/reclaim.h"
#include "mem/slab.h"
#include "mem/table.h"
#include "sys/sys.h"
#include "vm/object.h"

/* What is asked for, and where whole records go; done when the next one does not fit. */
struct sink {
	int	 arg;
	uint64_t start;
	vaddr_t	 to;
	size_t	 room, done;
};

/* false: full, or *ERR. */
static bool
give(struct sink *s, const void *record, size_t n, err_t *err)
{
	if (s->room - s->done < n)
		return false;
	*err = md_copyout(s->to + s->done, record, n);
	if (*err != OK)
		return false;
	s->done += n;
	return true;
}

static err_t
give_procs(struct sink *s)
{
	struct kinfo_proc k;
	err_t err = OK;

	for (int pid = (int)MIN(s->start, INT32_MAX); proc_info(pid, &k); pid = k.pid + 1)
		if (!give(s, &k, sizeof(k), &err))
			break;
	return err;
}

static err_t
give_regions(struct sink *s)
{
	struct space *sp = proc_space_get(s->arg);
	struct object *file;
	struct kinfo_region k;
	err_t err = OK;

	if (sp == NULL)
		return ERR(ESRCH);
	for (vaddr_t va = (vaddr_t)s->start; space_region_info(sp, va, &k, &file);
	    va = (vaddr_t)k.end) {
		if (file != NULL) {
			k.ino = inode_number(inode_of_object(file));
			object_put(file);
		}
		if (!give(s, &k, sizeof(k), &err))
			break;
	}
	space_put(sp);
	return err;
}

static void
describe_entry(const struct pmap_entry *e, struct kinfo_pte *k)
{
	static const struct {
		prot_t prot;
		uint8_t flag;
	} flags[] = { { PROT_R, KPTE_READ }, { PROT_W, KPTE_WRITE }, { PROT_X, KPTE_EXEC },
		{ PROT_U, KPTE_USER }, { PROT_COW, KPTE_COW }, { PROT_SHARED, KPTE_SHARED } };
	uint32_t pfn = (uint32_t)(e->pa >> PAGE_SHIFT);

	*k = (struct kinfo_pte){ .va = e->va, .pfn = pfn, .level = (uint8_t)e->level,
		.flags = e->table ? KPTE_TABLE : 0 };
	if (pfn >= page_frame_first && pfn < page_frame_end)
		k->slots = (uint16_t)MIN(page_refs(page_of_pfn(pfn)), UINT16_MAX);
	if (k->slots > 0 && !e->table)
		k->refs = space_page_users(page_of_pfn(pfn), e->va);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (e->prot & flags[i].prot)
			k->flags |= flags[i].flag;
}

/*
 * START is the address of the first leaf entry; the tables that lead to one come right before it,
 * whether or not an earlier call gave them.
 */
static err_t
give_entries(struct sink *s)
{
	struct space *sp = proc_space_get(s->arg);
	struct pmap_entry e = { .va = (vaddr_t)s->start };
	struct kinfo_pte k;
	err_t err = OK;

	if (sp == NULL)
		return ERR(ESRCH);
	while (pmap_next(sp->pmap, &e)) {
		describe_entry(&e, &k);
		if (!give(s, &k, sizeof(k), &err))
			break;
		if (!e.table)
			e.va += PAGE_SIZE;
	}
	space_put(sp);
	return err;
}

static err_t
give_mem(struct sink *s)
{
	struct kinfo_mem k = {
		.total = page_count_total(), .free = mem_available(), .unused = page_count_free(),
		.anon = page_count_state(PAGE_ANON), .file = page_count_state(PAGE_FILE),
		.dirty = object_dirty_total(), .slab = slab_frames_held(),
		.kernel = page_count_state(PAGE_KERNEL) + table_count_kept(),
		.tables = page_count_state(PAGE_TABLE) - table_count_kept(),
		.objects = slab_frames_needed(),
	};
	err_t err = OK;

	if (s->start == 0)
		(void)give(s, &k, sizeof(k), &err);
	return err;
}

static err_t
give_stat(struct sink *s)
{
	struct kinfo_stat k = { .uptime_ns = clock_uptime_ns(), .cpus = ncpus,
		.forks = atomic_load_relaxed(&proc_forks),
		.execs = atomic_load_relaxed(&proc_execs),
		.reclaimed = object_pages_reclaimed(), .commits = fs_commits(),
		.disk_reads = atomic_load_relaxed(&blk_stats.reads),
		.disk_writes = atomic_load_relaxed(&blk_stats.writes),
		.disk_flushes = atomic_load_relaxed(&blk_stats.flushes),
		.disk_read_blocks = 2ull * atomic_load_relaxed(&blk_stats.kb_read),
		.disk_write_blocks = 2ull * atomic_load_relaxed(&blk_stats.kb_written) };
	err_t err = OK;

	for (unsigned i = 0; i < ncpus; i++) {
		const struct cpu *c = &cpus[i];

		k.idle_ns += md_ticks_ns(c->idle_thread.cpu_ticks);
		k.switches += c->switches;
		k.syscalls += c->syscalls;
		k.irqs += c->irqs;
		k.ticks += c->ticks;
		k.faults += c->faults;
		k.faults_zero += c->faults_zero;
		k.faults_copy += c->faults_copy;
		k.faults_file += c->faults_file;
	}
	if (s->start == 0)
		(void)give(s, &k, sizeof(k), &err);
	return err;
}

static err_t
give_bootargs(struct sink *s)
{
	const char *line = bootparam_line();
	size_t n = strlen(line);
	err_t err = OK;

	if (s->start < n)
		(void)give(s, line + s->start, MIN(n - (size_t)s->start, s->room), &err);
	return err;
}

static err_t
give_slabs(struct sink *s)
{
	uint64_t i = 0;
	err_t err = OK;

	for (struct slab_cache *c = slab_next(NULL); c != NULL; c = slab_next(c)) {
		struct kinfo_slab k = { .size = c->size, .used = (uint32_t)slab_used(c),
			.cached = (uint32_t)MAX(atomic_load_relaxed(&c->cached), 0),
			.pages = atomic_load_relaxed(&c->nframes) };

		if (i++ < s->start)
			continue;
		str_copy(k.name, c->name, sizeof(k.name));
		if (!give(s, &k, sizeof(k), &err))
			break;
	}
	return err;
}

static err_t
run_checks(struct sink *s)
{
	bool good = vm_check_all(s->arg == KCHECK_HALTED ? VM_HALTED : VM_RUNS);

	return slab_check() && good ? OK : ERR(EIO);
}

static err_t
fail_nth(struct sink *s)
{
#ifdef DEBUG
	s->done = (size_t)mem_fail_nth(s->start);
	return OK;
#else
	(void)s;
	return ERR(ENOSYS);
#endif
}

long
sys_kinfo(const sysarg_t *a)
{
	static err_t (*const kinds[])(struct sink *s) = {
		[KINFO_PROC] = give_procs, [KINFO_REGION] = give_regions,
		[KINFO_PTE] = give_entries, [KINFO_MEM] = give_mem, [KINFO_STAT] = give_stat,
		[KINFO_BOOTARGS] = give_bootargs, [KINFO_SLAB] = give_slabs,
		[KINFO_CHECK] = run_checks, [KINFO_FAIL_NTH] = fail_nth,
	};
	struct sink s = { .arg = (int)a[1], .start = (uint64_t)arg64(&a[2]),
		.to = a[2 + ARG64_WORDS], .room = a[3 + ARG64_WORDS] };
	err_t err;

	if (a[0] >= ARRAY_LEN(kinds) || kinds[a[0]] == NULL || s.room > INT32_MAX)
		return -EINVAL;
	err = kinds[a[0]](&s);
	return err == OK ? (long)s.done : err_code(err);
}
