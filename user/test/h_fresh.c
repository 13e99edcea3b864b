/* What a program finds when it starts: linked by itself, with a stack of one page. */
#include <quire.h>

#include "magic.h"

/* No register that functions keep has what the program before put there. */
static int
keeps_magic(void)
{
	unsigned long kept[8] = { 0 };

#if defined(__riscv)
	__asm__ volatile("sd s4, 0(%0)\n\tsd s5, 8(%0)\n\tsd s6, 16(%0)\n\tsd s7, 24(%0)\n\t"
	    "sd s8, 32(%0)\n\tsd s9, 40(%0)\n\tsd s10, 48(%0)\n\tsd s11, 56(%0)"
	    :: "r"(kept) : "memory");
#else
	__asm__ volatile("movl %%ebx, 0(%0)\n\tmovl %%esi, 4(%0)\n\tmovl %%edi, 8(%0)"
	    :: "a"(kept) : "memory");
#endif
	for (int i = 0; i < 8; i++)
		if (kept[i] == MAGIC)
			return 1;
	return 0;
}

/* 0, or the number of what is wrong. */
int
main(void)
{
	int magic = keeps_magic();
	long vp = numvp(), pp = numpp(), tables = getptsize();

	if (magic)
		return 4;
	if (vp != pp)
		return 1;
	if (vp < 4 || vp > 40)
		return 2;
	if (tables < 2)
		return 3;
	return 0;
}
