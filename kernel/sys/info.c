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
	err_t	 err;
};

/* false: full, or s->err. */
static bool
give(struct sink *s, const void *record, size_t n)
{
	if (s->room - s->done < n)
		return false;
	s->err = md_copyout(s->to + s->done, record, n);
	if (s->err != OK)
		return false;
	s->done += n;
	return true;
}

/* The only record of its kind. */
static void
give_one(struct sink *s, const void *record, size_t n)
{
	if (s->start == 0)
		(void)give(s, record, n);
}

static void
give_procs(struct sink *s)
{
	struct kinfo_proc k;

	for (int pid = (int)MIN(s->start, INT32_MAX); proc_info(pid, &k); pid = k.pid + 1)
		if (!give(s, &k, sizeof(k)))
			break;
}

/* The address space of the process asked for. NULL: s->err. */
static struct space *
asked_space(struct sink *s)
{
	struct space *sp = proc_space_get(s->arg);

	if (sp == NULL)
		s->err = ERR(ESRCH);
	return sp;
}

static void
give_regions(struct sink *s)
{
	struct space *sp = asked_space(s);
	struct object *file;
	struct kinfo_region k;

	if (sp == NULL)
		return;
	for (vaddr_t va = (vaddr_t)s->start; space_region_info(sp, va, &k, &file);
	    va = (vaddr_t)k.end) {
		if (file != NULL) {
			k.ino = inode_number(inode_of_object(file));
			object_put(file);
		}
		if (!give(s, &k, sizeof(k)))
			break;
	}
	space_put(sp);
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
static void
give_entries(struct sink *s)
{
	struct space *sp = asked_space(s);
	struct pmap_entry e = { .va = (vaddr_t)s->start };
	struct kinfo_pte k;

	if (sp == NULL)
		return;
	while (pmap_next(sp->pmap, &e)) {
		describe_entry(&e, &k);
		if (!give(s, &k, sizeof(k)))
			break;
		if (!e.table)
			e.va += PAGE_SIZE;
	}
	space_put(sp);
}

static void
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

	give_one(s, &k, sizeof(k));
}

static void
give_stat(struct sink *s)
{
	struct kinfo_stat k = { .uptime_ns = clock_uptime_ns(), .cpus = ncpus,
		.forks = atomic_load_relaxed(&proc_forks),
		.execs = atomic_load_relaxed(&proc_execs),
		.reclaimed = object_pages_reclaimed(), .commits = fs_commits(),
		.disk_reads = atomic_load_relaxed(&blk_stats.requests[BIO_READ]),
		.disk_writes = atomic_load_relaxed(&blk_stats.requests[BIO_WRITE]),
		.disk_flushes = atomic_load_relaxed(&blk_stats.requests[BIO_FLUSH]),
		.disk_read_blocks = 2ull * atomic_load_relaxed(&blk_stats.kb[BIO_READ]),
		.disk_write_blocks = 2ull * atomic_load_relaxed(&blk_stats.kb[BIO_WRITE]) };

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
	give_one(s, &k, sizeof(k));
}

static void
give_bootargs(struct sink *s)
{
	const char *line = bootparam_line();
	size_t n = strlen(line);

	if (s->start < n)
		(void)give(s, line + s->start, MIN(n - (size_t)s->start, s->room));
}

static void
give_slabs(struct sink *s)
{
	uint64_t i = 0;

	for (struct slab_cache *c = slab_next(NULL); c != NULL; c = slab_next(c)) {
		struct kinfo_slab k = { .size = c->size, .used = (uint32_t)slab_used(c),
			.cached = (uint32_t)slab_cached(c),
			.pages = atomic_load_relaxed(&c->nframes) };

		if (i++ < s->start)
			continue;
		str_copy(k.name, c->name, sizeof(k.name));
		if (!give(s, &k, sizeof(k)))
			break;
	}
}

static void
run_checks(struct sink *s)
{
	bool good = vm_check_all(s->arg == KCHECK_HALTED ? VM_HALTED : VM_RUNS);

	if (!slab_check() || !good)
		s->err = ERR(EIO);
}

static void
fail_nth(struct sink *s)
{
#ifdef DEBUG
	s->done = (size_t)mem_fail_nth(s->start);
#else
	s->err = ERR(ENOSYS);
#endif
}

long
sys_kinfo(const sysarg_t *a)
{
	static void (*const kinds[])(struct sink *s) = {
		[KINFO_PROC] = give_procs, [KINFO_REGION] = give_regions,
		[KINFO_PTE] = give_entries, [KINFO_MEM] = give_mem, [KINFO_STAT] = give_stat,
		[KINFO_BOOTARGS] = give_bootargs, [KINFO_SLAB] = give_slabs,
		[KINFO_CHECK] = run_checks, [KINFO_FAIL_NTH] = fail_nth,
	};
	struct sink s = { .arg = (int)a[1], .start = (uint64_t)arg64(&a[2]),
		.to = a[2 + ARG64_WORDS], .room = a[3 + ARG64_WORDS],
		.err = OK };

	if (a[0] >= ARRAY_LEN(kinds) || kinds[a[0]] == NULL || s.room > INT32_MAX)
		return -EINVAL;
	kinds[a[0]](&s);
	return s.err == OK ? (long)s.done : err_code(s.err);
}
