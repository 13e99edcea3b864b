/*
 * Instructions that the plugins tell apart, and the marks that a benchmark
 * executes: instructions that do nothing, with a number in them.
 *
 *	riscv64		lui x0, N
 *	i386		nopl 0x5ebe00NN(%eax)
 */
#ifndef BENCH_PLUGIN_INSN_H
#define BENCH_PLUGIN_INSN_H

#include <string.h>

#include "qemu.h"

enum { MARK_BEGIN = 1, MARK_END = 2 };

struct insn {
	uint8_t bytes[16];
	size_t size;
};

enum insn_kind {
	INSN_PLAIN,
	INSN_ATOMIC,
	INSN_FLUSH,		/* of the TLB, one page or all */
	INSN_TABLE_SWITCH,	/* another page table */
};

static inline void
insn_get(struct insn *in, const struct qemu_plugin_insn *from)
{
	size_t n = qemu_plugin_insn_size(from);

	in->size = n < sizeof(in->bytes) ? n : sizeof(in->bytes);
#if PLUGIN_API >= 3
	qemu_plugin_insn_data(from, in->bytes, in->size);
#else
	memcpy(in->bytes, qemu_plugin_insn_data(from), in->size);
#endif
}

static inline uint32_t
riscv_word(const struct insn *in)
{
	uint32_t w = 0;

	if (in->size == 4)
		memcpy(&w, in->bytes, 4);
	return w;
}

/* The number of the mark that IN is, 0: none. */
static inline unsigned int
insn_mark(const struct insn *in, bool riscv)
{
	static const uint8_t x86[] = { 0x0f, 0x1f, 0x80, 0, 0x00, 0xbe, 0x5e };

	if (riscv)
		return (riscv_word(in) & 0xfff) == 0x037 ? riscv_word(in) >> 12 : 0;
	if (in->size != 7 || memcmp(in->bytes, x86, 3) != 0 ||
	    memcmp(in->bytes + 4, x86 + 4, 3) != 0)
		return 0;
	return in->bytes[3];
}

static inline enum insn_kind
riscv_kind(const struct insn *in)
{
	uint32_t w = riscv_word(in), opcode = w & 0x7f;

	if (opcode == 0x2f)		/* A extension; a store-conditional goes with its load */
		return w >> 27 == 3 ? INSN_PLAIN : INSN_ATOMIC;
	if ((w & 0xfe007fff) == 0x12000073)
		return INSN_FLUSH;	/* sfence.vma */
	if (opcode == 0x73 && w >> 20 == 0x180 && (w >> 12 & 3) == 1)
		return INSN_TABLE_SWITCH;	/* csrw satp */
	return INSN_PLAIN;
}

static inline bool
x86_is_prefix(uint8_t b)
{
	return b == 0x66 || b == 0x67 || b == 0xf2 || b == 0xf3 || b == 0xf0 || b == 0x26 ||
	    b == 0x2e || b == 0x36 || b == 0x3e || b == 0x64 || b == 0x65;
}

static inline enum insn_kind
x86_kind(const struct insn *in)
{
	const uint8_t *b = in->bytes;
	size_t at = 0;
	bool lock = false;

	while (at + 3 < sizeof(in->bytes) && at < in->size && x86_is_prefix(b[at]))
		lock |= b[at++] == 0xf0;
	if (lock || ((b[at] == 0x86 || b[at] == 0x87) && b[at + 1] >> 6 != 3))
		return INSN_ATOMIC;	/* xchg with memory locks by itself */
	if (b[at] == 0x0f && b[at + 1] == 0x01 && (b[at + 2] >> 3 & 7) == 7 && b[at + 2] >> 6 != 3)
		return INSN_FLUSH;	/* invlpg */
	if (b[at] == 0x0f && b[at + 1] == 0x22 && (b[at + 2] >> 3 & 7) == 3)
		return INSN_TABLE_SWITCH;	/* mov %cr3 */
	return INSN_PLAIN;
}

#endif
