/*
 * Whole pages by SSE's registers where the processor has them, with a quarter
 * of the instructions that words take.
 *
 * The registers may hold the running process's values (CR0.TS clear), so what is
 * used here is put back. Nobody switches threads meanwhile: these pages
 * do not fault, and an interrupt's handler never switches away from the kernel.
 */
#include "arch/i386/port.h"
#include "arch/i386/x86.h"
#include "md/usercopy.h"

struct borrowed {
	uint32_t cr0;
	uint8_t xmm[4][16];
};

static inline void
sse_borrow(struct borrowed *b)
{
	b->cr0 = reg_read(cr0);
	if (b->cr0 & CR0_TS)
		__asm__ volatile("clts" : : : "memory");
	else
		__asm__ volatile("movups %%xmm0, %0\n\tmovups %%xmm1, %1\n\t"
				 "movups %%xmm2, %2\n\tmovups %%xmm3, %3"
				 : "=m"(b->xmm[0]), "=m"(b->xmm[1]), "=m"(b->xmm[2]),
				 "=m"(b->xmm[3]));
}

static inline void
sse_return(const struct borrowed *b)
{
	if (b->cr0 & CR0_TS)
		reg_write(cr0, b->cr0);
	else
		__asm__ volatile("movups %0, %%xmm0\n\tmovups %1, %%xmm1\n\t"
				 "movups %2, %%xmm2\n\tmovups %3, %%xmm3"
				 : : "m"(b->xmm[0]), "m"(b->xmm[1]), "m"(b->xmm[2]),
				 "m"(b->xmm[3]));
}

void
md_page_clear(void *page)
{
	uint32_t n = PAGE_SIZE / sizeof(uint32_t);
	char *at = page, *end = at + PAGE_SIZE;
	struct borrowed b;

	if (!fpu_has_sse) {
		__asm__ volatile("rep stosl" : "+D"(page), "+c"(n) : "a"(0) : "memory");
		return;
	}
	sse_borrow(&b);
	__asm__ volatile("xorps %%xmm0, %%xmm0\n"
			 "1:\n\t"
			 ".irp i, 0, 64, 128, 192, 256, 320, 384, 448\n\t"
			 "movaps %%xmm0, \\i(%0)\n\t"
			 "movaps %%xmm0, \\i+16(%0)\n\t"
			 "movaps %%xmm0, \\i+32(%0)\n\t"
			 "movaps %%xmm0, \\i+48(%0)\n\t"
			 ".endr\n\t"
			 "addl $512, %0\n\t"
			 "cmpl %1, %0\n\t"
			 "jne 1b"
			 : "+r"(at) : "r"(end) : "memory", "cc");
	sse_return(&b);
}

void
md_page_copy(void *dst, const void *src)
{
	uint32_t n = PAGE_SIZE / sizeof(uint32_t);
	const char *from = src;
	char *to = dst, *end = to + PAGE_SIZE;
	struct borrowed b;

	if (!fpu_has_sse) {
		__asm__ volatile("rep movsl" : "+D"(dst), "+S"(src), "+c"(n) : : "memory");
		return;
	}
	sse_borrow(&b);
	__asm__ volatile("1:\n\t"
			 ".irp i, 0, 64, 128, 192, 256, 320, 384, 448\n\t"
			 "movaps \\i(%1), %%xmm0\n\t"
			 "movaps \\i+16(%1), %%xmm1\n\t"
			 "movaps \\i+32(%1), %%xmm2\n\t"
			 "movaps \\i+48(%1), %%xmm3\n\t"
			 "movaps %%xmm0, \\i(%0)\n\t"
			 "movaps %%xmm1, \\i+16(%0)\n\t"
			 "movaps %%xmm2, \\i+32(%0)\n\t"
			 "movaps %%xmm3, \\i+48(%0)\n\t"
			 ".endr\n\t"
			 "addl $512, %1\n\t"
			 "addl $512, %0\n\t"
			 "cmpl %2, %0\n\t"
			 "jne 1b"
			 : "+r"(to), "+r"(from) : "r"(end) : "memory", "cc");
	sse_return(&b);
}
