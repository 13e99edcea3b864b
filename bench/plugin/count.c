/*
 * A QEMU plugin that counts, exactly, the instructions that a guest with one
 * processor executes between two marks (insn.h): the measure of ./quire bench.
 * An instruction that faults counts each time it is tried; a repeated string
 * instruction counts each of its rounds; a processor that waits counts nothing.
 *
 * Arguments:
 *	arch=riscv64|i386
 *	out=FILE	where results go
 *	kernel=ADDR	what lies below is user code
 *	firmware=LO-HI	what lies there is the firmware's
 *	start=ADDR	the total counts from the first time ADDR is executed
 *	profile=LO-HI	also count each address of [LO, HI), which lies in the kernel
 *
 * Results, a line each: `region` with counts by name, after each second mark;
 * behind it, with profile=, `at ADDR N` for each address that was executed;
 * `total` with counts when the machine ends.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "insn.h"

EXPORT int qemu_plugin_version = PLUGIN_API;

enum counter { USER, KERNEL, FIRMWARE, ATOMICS, FLUSHES, SWITCHES, NCOUNTERS };

static const char *const counter_name[NCOUNTERS] = {
	"user", "kernel", "firmware", "atomics", "flushes", "switches",
};

static const enum counter counter_of_kind[] = {
	[INSN_ATOMIC] = ATOMICS,
	[INSN_FLUSH] = FLUSHES,
	[INSN_TABLE_SWITCH] = SWITCHES,
};

struct range {
	uint64_t lo, hi;
};

static bool riscv = true;
static uint64_t kernel_from = 0x80000000, start;
static struct range firmware, profile;
static FILE *out;
static size_t ncounters;		/* NCOUNTERS, and one for each address of `profile` */
static uint64_t *at_begin, *at_start;	/* the counters at the first mark, at `start` */

#if PLUGIN_API >= 2
static struct qemu_plugin_scoreboard *board;

static uint64_t *
counters(void)
{
	return qemu_plugin_scoreboard_find(board, 0);
}

static bool
counters_make(void)
{
	board = qemu_plugin_scoreboard_new(ncounters * sizeof(uint64_t));
	return board != NULL;
}

static void
count(struct qemu_plugin_insn *insn, size_t which)
{
	qemu_plugin_u64 entry = { board, which * sizeof(uint64_t) };

	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, INLINE_ADD_U64, entry, 1);
}
#else
static uint64_t *all_counters;

static uint64_t *
counters(void)
{
	return all_counters;
}

static bool
counters_make(void)
{
	all_counters = calloc(ncounters, sizeof(uint64_t));
	return all_counters != NULL;
}

static void
count(struct qemu_plugin_insn *insn, size_t which)
{
	qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &all_counters[which], 1);
}
#endif

static bool
in_range(const struct range *r, uint64_t va)
{
	return va >= r->lo && va < r->hi;
}

static void
report(const char *what, const uint64_t *from)
{
	const uint64_t *now = counters();

	fputs(what, out);
	for (int i = 0; i < NCOUNTERS; i++)
		fprintf(out, " %s %" PRIu64, counter_name[i], now[i] - from[i]);
	fputc('\n', out);
	for (size_t i = NCOUNTERS; i < ncounters; i++) {
		if (now[i] != from[i])
			fprintf(out, "at %#" PRIx64 " %" PRIu64 "\n", profile.lo + i - NCOUNTERS,
			    now[i] - from[i]);
	}
	fflush(out);
}

static void
on_begin(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	memcpy(at_begin, counters(), ncounters * sizeof(*at_begin));
}

static void
on_end(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	report("region", at_begin);
}

static void
on_start(unsigned int cpu, void *data)
{
	static bool seen;

	(void)cpu;
	(void)data;
	if (!seen)
		memcpy(at_start, counters(), ncounters * sizeof(*at_start));
	seen = true;
}

static void
on_machine_end(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	report("total", at_start);
	fclose(out);
}

static void
translate_insn(struct qemu_plugin_insn *insn)
{
	uint64_t va = qemu_plugin_insn_vaddr(insn);
	struct insn in = { 0 };
	enum insn_kind kind;
	unsigned int mark;

	insn_get(&in, insn);
	mark = insn_mark(&in, riscv);
	if (mark == MARK_BEGIN)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin, CB_NO_REGS, NULL);
	else if (mark == MARK_END)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, CB_NO_REGS, NULL);
	if (start && va == start)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_start, CB_NO_REGS, NULL);

	count(insn, in_range(&firmware, va) ? FIRMWARE : va >= kernel_from ? KERNEL : USER);
	if (in_range(&profile, va))
		count(insn, NCOUNTERS + (va - profile.lo));
	kind = riscv ? riscv_kind(&in) : x86_kind(&in);
	if (kind != INSN_PLAIN)
		count(insn, counter_of_kind[kind]);
}

static void
translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++)
		translate_insn(qemu_plugin_tb_get_insn(tb, i));
}

static void
parse_range(struct range *r, const char *s)
{
	char *end;

	r->lo = strtoull(s, &end, 16);
	r->hi = *end == '-' ? strtoull(end + 1, NULL, 16) : r->lo;
}

/* The value of ARG if it is KEY=value, else NULL. */
static const char *
value_of(const char *arg, const char *key)
{
	size_t n = strlen(key);

	return strncmp(arg, key, n) == 0 && arg[n] == '=' ? arg + n + 1 : NULL;
}

static void
parse(const char *arg)
{
	const char *v;

	if ((v = value_of(arg, "arch")))
		riscv = strcmp(v, "riscv64") == 0;
	else if ((v = value_of(arg, "out")))
		out = fopen(v, "w");
	else if ((v = value_of(arg, "kernel")))
		kernel_from = strtoull(v, NULL, 16);
	else if ((v = value_of(arg, "firmware")))
		parse_range(&firmware, v);
	else if ((v = value_of(arg, "start")))
		start = strtoull(v, NULL, 16);
	else if ((v = value_of(arg, "profile")))
		parse_range(&profile, v);
}

EXPORT int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		parse(argv[i]);
	ncounters = NCOUNTERS + (profile.hi - profile.lo);
	at_begin = calloc(ncounters, sizeof(*at_begin));
	at_start = calloc(ncounters, sizeof(*at_start));
	if (!out || !at_begin || !at_start || !counters_make()) {
		fprintf(stderr, "count: no file for the results, or no memory\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, on_machine_end, NULL);
	return 0;
}
