/*
 * What the kernel tells about itself: kinfo(what, arg, start, buf, n).
 *
 * WHAT selects a kind of record, ARG narrows it (a pid, or 0 for the
 * caller), START skips records (a number, or an address for regions and
 * page-table entries). At most n bytes of whole records go to BUF.
 * Returns the number of bytes stored (0: no more), or -ESRCH, -EINVAL,
 * -EFAULT. Records are the same on every port.
 */
#ifndef ABI_INFO_H
#define ABI_INFO_H

#include <stdint.h>

#define KINFO_PROC	1	/* struct kinfo_proc, by pid >= START */
#define KINFO_REGION	2	/* struct kinfo_region of pid ARG with end > START */
#define KINFO_PTE	3	/* struct kinfo_pte of pid ARG with va >= START */
#define KINFO_MEM	4	/* one struct kinfo_mem */
#define KINFO_STAT	5	/* one struct kinfo_stat */
#define KINFO_BOOTARGS	6	/* the kernel's command line, text without NUL */
#define KINFO_SLAB	7	/* struct kinfo_slab, by number >= START */
/*
 * Runs vm/check.c and the slab checks; -EIO: found damage. ARG KCHECK_HALTED: no other process
 * runs meanwhile (it is the caller's word), so references are counted too.
 */
#define KINFO_CHECK	8
#define KCHECK_HALTED	1
/*
 * Debug kernels: allocation number START from now on fails (0: none); returns
 * how many there were since the last call. Else -ENOSYS.
 */
#define KINFO_FAIL_NTH	9

struct kinfo_proc {
	int32_t pid, ppid;
	char state;		/* R running or ready, S asleep, Z zombie */
	int8_t cpu;
	uint8_t pad[2];
	uint32_t children;
	uint64_t vpages;	/* numvp() */
	uint64_t ppages;	/* numpp() */
	uint64_t cpu_ns;	/* processor time used */
	char name[16];
	char wchan[16];		/* what it sleeps on */
};

#define KREG_GUARD	1
#define KREG_SHARED	2
#define KREG_FILE	4
#define KREG_STACK	8
#define KREG_HEAP	16
#define KREG_MAPSHARED	32	/* the page of mapshared() */

struct kinfo_region {
	uint64_t start, end;	/* bytes */
	uint64_t resident;	/* pages with a frame */
	uint64_t priv;		/* of these, private ones in the overlay */
	uint64_t offset;	/* of start in the object, bytes */
	uint32_t flags;		/* KREG_* */
	uint32_t ino;		/* of a file mapping */
	uint8_t prot, maxprot;	/* PROT_* */
	uint8_t pad[6];
};

#define KPTE_READ	1
#define KPTE_WRITE	2
#define KPTE_EXEC	4
#define KPTE_USER	8
#define KPTE_COW	16	/* label C */
#define KPTE_SHARED	32	/* label S */
#define KPTE_TABLE	64	/* an inner table, not a leaf */

struct kinfo_pte {
	uint64_t va;		/* first address it translates */
	uint64_t pfn;		/* frame number */
	uint32_t refs;		/* pages of processes that are this frame; 0: a table */
	uint8_t level;		/* 0: leaf table */
	uint8_t flags;		/* KPTE_* */
	uint16_t slots;		/* page.refs (docs/memory.md, I1), 65535: or more */
};

struct kinfo_mem {		/* in pages */
	uint64_t total;		/* frames the kernel manages */
	uint64_t free;		/* getNumFreePages() */
	uint64_t unused;	/* frames nobody holds, not even a cache */
	uint64_t anon;		/* private and shared anonymous memory */
	uint64_t file;		/* in the page cache */
	uint64_t dirty;		/* of these, dirty */
	uint64_t slab;		/* kernel objects */
	uint64_t kernel;	/* stacks, buffers, the rest; tables kept for reuse */
	uint64_t tables;	/* page tables of processes */
	uint64_t objects;	/* of `slab`, what objects need that no cache could give up */
};

/*
 * Fewer frames of kernel objects than these are never counted as free: one object more or less
 * moves getNumFreePages by nothing, so that in a small system it follows programs' pages exactly.
 */
#define KINFO_OBJECT_FRAMES	48

struct kinfo_stat {		/* since boot */
	uint64_t uptime_ns, idle_ns;	/* idle: summed over processors */
	uint64_t cpus;
	uint64_t switches, syscalls, irqs, ticks;
	uint64_t faults;	/* page faults served */
	uint64_t faults_zero;	/* ... with a fresh zeroed page */
	uint64_t faults_copy;	/* ... by copying a page */
	uint64_t faults_file;	/* ... from the page cache */
	uint64_t forks, execs;
	uint64_t reclaimed;	/* file pages taken back */
	uint64_t disk_reads, disk_writes, disk_flushes;	/* requests */
	uint64_t disk_read_blocks, disk_write_blocks;	/* of 512 bytes */
	uint64_t commits;	/* journal transactions committed */
};

struct kinfo_slab {
	char name[16];
	uint32_t size;		/* bytes an object */
	uint32_t used;		/* objects in use */
	uint32_t cached;	/* of these, unused cache contents */
	uint32_t pages;		/* frames held */
};

#endif
