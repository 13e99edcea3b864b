/*
 * A QEMU plugin that lists the cache lines which several processors touched and
 * one of them wrote, while two workers were between their marks (insn.h). What is
 * done by processes that have nothing to do with each other should list none:
 * then it scales, on however many processors, whatever this host has.
 *
 * Arguments: arch=riscv64|i386 out=FILE.
 *
 * Results, once the first of the two workers ends: `lines N conflicts N accesses N`, and a
 * line for each conflict, `line PA`, with for each processor that touched it
 * ` cpu N reads N writes N at ADDR`, ADDR being the instruction that wrote (or else read) last.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "insn.h"

EXPORT int qemu_plugin_version = PLUGIN_API;

#define LINE_SHIFT	6
#define MAX_CPUS	4
#define SLOTS		(1u << 20)
#define PROBES		64

struct touch {
	uint32_t reads, writes;
	uint64_t read_at, write_at;
};

/* A line in the table, by open addressing; `tag` is its number + 1, 0: the slot is free. */
struct line {
	uint64_t tag;
	struct touch cpu[MAX_CPUS];
};

static bool riscv = true;
static FILE *out;
static struct line *lines;
static uint64_t accesses, lost;
static int inside;			/* workers between their marks */

/* Processors look up at the same time: a slot is taken by exchanging its tag. */
static struct line *
line_find(uint64_t pa)
{
	uint64_t tag = (pa >> LINE_SHIFT) + 1;
	uint32_t at = (uint32_t)(tag * 2654435761u) % SLOTS;

	for (int i = 0; i < PROBES; i++, at = (at + 1) % SLOTS) {
		uint64_t found = 0;

		if (__atomic_load_n(&lines[at].tag, __ATOMIC_RELAXED) == tag ||
		    __atomic_compare_exchange_n(&lines[at].tag, &found, tag, false,
			__ATOMIC_RELAXED, __ATOMIC_RELAXED) || found == tag)
			return &lines[at];
	}
	return NULL;
}

static void
on_access(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t va, void *data)
{
	struct qemu_plugin_hwaddr *h;
	struct touch *t;
	struct line *l;

	if (__atomic_load_n(&inside, __ATOMIC_RELAXED) < 2 || cpu >= MAX_CPUS)
		return;
	h = qemu_plugin_get_hwaddr(info, va);
	if (h == NULL || qemu_plugin_hwaddr_is_io(h))
		return;
	__atomic_add_fetch(&accesses, 1, __ATOMIC_RELAXED);
	l = line_find(qemu_plugin_hwaddr_phys_addr(h));
	if (l == NULL) {
		__atomic_add_fetch(&lost, 1, __ATOMIC_RELAXED);
		return;
	}
	t = &l->cpu[cpu];
	if (qemu_plugin_mem_is_store(info)) {
		t->writes++;
		t->write_at = (uintptr_t)data;
	} else {
		t->reads++;
		t->read_at = (uintptr_t)data;
	}
}

static bool
is_conflict(const struct line *l)
{
	int touched = 0, wrote = 0;

	for (int c = 0; c < MAX_CPUS; c++) {
		touched += l->cpu[c].reads + l->cpu[c].writes > 0;
		wrote += l->cpu[c].writes > 0;
	}
	return touched > 1 && wrote > 0;
}

static void
print_line(const struct line *l)
{
	fprintf(out, "line %#" PRIx64, (l->tag - 1) << LINE_SHIFT);
	for (int c = 0; c < MAX_CPUS; c++) {
		const struct touch *t = &l->cpu[c];

		if (t->reads + t->writes > 0)
			fprintf(out, " cpu %d reads %u writes %u at %#" PRIx64, c, t->reads,
			    t->writes, t->writes > 0 ? t->write_at : t->read_at);
	}
	fputc('\n', out);
}

static void
report(void)
{
	unsigned int all = 0, conflicts = 0;

	for (uint32_t i = 0; i < SLOTS; i++) {
		all += lines[i].tag != 0;
		conflicts += is_conflict(&lines[i]);
	}
	fprintf(out, "lines %u conflicts %u accesses %" PRIu64 " lost %" PRIu64 "\n", all,
	    conflicts, accesses, lost);
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (is_conflict(&lines[i]))
			print_line(&lines[i]);
	}
	fflush(out);
}

static void
on_begin(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
}

static void
on_end(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST) == 1)
		report();
}

static void
translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uintptr_t va = (uintptr_t)qemu_plugin_insn_vaddr(insn);
		struct insn in = { 0 };
		unsigned int mark;

		insn_get(&in, insn);
		mark = insn_mark(&in, riscv);
		if (mark == MARK_BEGIN)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin, CB_NO_REGS, NULL);
		else if (mark == MARK_END)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, CB_NO_REGS, NULL);
		qemu_plugin_register_vcpu_mem_cb(insn, on_access, CB_NO_REGS, MEM_RW, (void *)va);
	}
}

EXPORT int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "arch=", 5) == 0)
			riscv = strcmp(argv[i] + 5, "riscv64") == 0;
		else if (strncmp(argv[i], "out=", 4) == 0)
			out = fopen(argv[i] + 4, "w");
	}
	lines = calloc(SLOTS, sizeof(*lines));
	if (!out || !lines) {
		fprintf(stderr, "conflict: no file for the results, or no memory\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
