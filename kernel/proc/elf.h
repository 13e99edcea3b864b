/*
 * What exec takes from an ELF file. Tool Interface Standard, ELF 1.2 (1995),
 * book I; System V ABI gABI 4.1, chapters 4 and 5.
 */
#ifndef PROC_ELF_H
#define PROC_ELF_H

#include "md/types.h"

struct inode;

#define ELF_MAX_SEGMENTS	16

struct elf_segment {
	vaddr_t	 va;
	size_t	 memsz, filesz;		/* bytes; filesz <= memsz */
	uint64_t offset;		/* in the file */
	prot_t	 prot;
};

/* Segments ascend, share no page, and end at END, a page boundary below USER_MAX. */
struct elf_image {
	struct elf_segment seg[ELF_MAX_SEGMENTS];
	unsigned nseg;
	vaddr_t	 entry;
	vaddr_t	 end;
	size_t	 stack;			/* bytes, whole pages, at least one */
};

/* How a file begins: room for the headers, as a rule. */
struct elf_head {
	size_t	 n;			/* bytes: fewer when the file is shorter */
	char	 bytes[256];		/* no more than what the smallest programs have */
};

/* *HEAD is set, too. -ENOEXEC: not a program for this machine, or damaged; -EIO. */
err_t	elf_read(struct inode *ip, struct elf_head *head, struct elf_image *image) MUST_CHECK;

#endif
