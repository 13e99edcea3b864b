/* pcbad WHAT: things that only a PC's processor lets a program try. */
#include <abi/errno.h>
#include <abi/syscall.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* SYS_write, with its arguments above SP. */
static long
call_with_stack(void *sp)
{
	long result;

	__asm__ volatile("movl %%esp, %%esi; movl %2, %%esp; int $64; movl %%esi, %%esp"
	    : "=a"(result) : "0"(SYS_ERRNO + SYS_write), "r"(sp) : "esi", "memory");
	return result;
}

static int
bad_stacks(void)
{
	static const unsigned long at[] = { 0, 4, 0x7ffffffc, 0x7ffffff4, 0x80000000, 0x80101000,
		0xfc004000, 0xfffffffc, 0xfffffff0 };

	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		if (call_with_stack((void *)at[i]) != -EFAULT) {
			printf("stack %#lx was taken\n", at[i]);
			return 1;
		}
	puts("all refused");
	return 0;
}

/* Flags that change how the processor works, taken into a system call and out of it. */
static int
odd_flags(void)
{
	unsigned long flags;
	char same[64], copy[64];

	memset(same, 7, sizeof(same));
	__asm__ volatile("pushfl; orl $0x47400, (%%esp); popfl; movl %1, %%eax; int $64;"
	    "pushfl; popl %0; pushfl; andl $~0x47400, (%%esp); popfl"
	    : "=r"(flags) : "i"(SYS_getpid) : "eax", "memory");
	memcpy(copy, same, sizeof(copy));
	printf("%s\n", (flags & 0x400) && !memcmp(copy, same, 64) ? "kept" : "lost");
	return 0;
}

/* A null selector in the data segments must not hurt the kernel. */
static int
null_segments(void)
{
	long pid;

	__asm__ volatile("pushl %%ds; pushl %%es; xorl %%eax, %%eax; movl %%eax, %%es;"
	    "movl %%eax, %%fs; movl %%eax, %%gs; movl %%eax, %%ds; movl %1, %%eax; int $64;"
	    "popl %%es; popl %%ds" : "=a"(pid) : "i"(SYS_getpid) : "memory");
	puts(pid == getpid() ? "same pid" : "another pid");
	return 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "stacks") == 0)
		return bad_stacks();
	if (strcmp(what, "flags") == 0)
		return odd_flags();
	if (strcmp(what, "segments") == 0)
		return null_segments();
	if (strcmp(what, "in") == 0)
		__asm__ volatile("inb $0x64, %%al" : : : "eax");
	if (strcmp(what, "out") == 0)
		__asm__ volatile("movw $0x604, %%dx; movw $0x2000, %%ax; outw %%ax, %%dx"
		    : : : "eax", "edx");
	if (strcmp(what, "cli") == 0)
		__asm__ volatile("cli");
	if (strcmp(what, "hlt") == 0)
		__asm__ volatile("hlt");
	if (strcmp(what, "cr3") == 0)
		__asm__ volatile("movl %%eax, %%cr3" : : "a"(0));
	if (strcmp(what, "int") == 0)
		__asm__ volatile("int $14");
	if (strcmp(what, "irq") == 0)
		__asm__ volatile("int $57");
	if (strcmp(what, "int3") == 0)
		__asm__ volatile("int3");
	if (strcmp(what, "divide") == 0)
		__asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx" : : : "eax", "ecx", "edx");
	if (strcmp(what, "step") == 0)
		__asm__ volatile("pushfl; orl $0x100, (%%esp); popfl; nop; nop" : : : "memory");
	if (strcmp(what, "segment") == 0)
		__asm__ volatile("movl %0, %%ds" : : "r"(0x10));
	if (strcmp(what, "ud") == 0)
		__asm__ volatile("ud2");
	puts("still alive");
	return 0;
}
