/*
 * Reading and checking an ELF file's headers (proc/elf.h). The file is input:
 * nothing in it is believed.
 */
#include "proc/elf.h"

#include "fs/fs.h"
#include "vm/object.h"

#define ELF_MAGIC	0x464c457fu	/* 0x7f "ELF", the lowest byte first */
#define ET_EXEC		2
#define ELFDATA2LSB	1
#define PT_LOAD		1
#define PT_GNU_STACK	0x6474e551u
#define PF_X		1
#define PF_W		2
#define PF_R		4
#define MAX_HEADERS	64

/* The machine's class, MD_ELF_CLASS. */
#if MD_ELF_CLASS == 1
typedef uint32_t elf_word;

struct phdr {
	uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};
#else
typedef uint64_t elf_word;

struct phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
#endif

struct header {
	uint32_t magic;
	uint8_t	 class, data, ident_version, rest[9];
	uint16_t type, machine;
	uint32_t version;
	elf_word entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct source {
	struct inode *ip;
	struct elf_head *head;
};

/* *AT: the N bytes at OFF, in the head or read into ROOM. */
static err_t
fetch(const struct source *from, uint64_t off, size_t n, void *room, const void **at)
{
	struct iobuf b = iobuf_kernel(room);
	long got;

	if (off <= from->head->n && n <= from->head->n - off && off % sizeof(long) == 0) {
		*at = from->head->bytes + off;
		return OK;
	}
	*at = room;
	got = inode_read(from->ip, off, &b, n);
	if (got < 0)
		return err_from(got);
	return (size_t)got == n ? OK : ERR(ENOEXEC);
}

static err_t
read_head(const struct source *from)
{
	struct iobuf b = iobuf_kernel(from->head->bytes);
	long n = inode_read(from->ip, 0, &b, sizeof(from->head->bytes));

	from->head->n = n < 0 ? 0 : (size_t)n;
	return n < 0 ? err_from(n) : OK;
}

static err_t
read_header(const struct source *from, struct header *room, const struct header **at)
{
	const struct header *h;
	err_t err = fetch(from, 0, sizeof(*h), room, (const void **)at);

	h = *at;
	if (err == OK && (h->magic != ELF_MAGIC || h->class != MD_ELF_CLASS ||
	    h->data != ELFDATA2LSB || h->ident_version != 1 || h->type != ET_EXEC ||
	    h->machine != MD_ELF_MACHINE || h->phentsize != sizeof(struct phdr) ||
	    h->phnum == 0 || h->phnum > MAX_HEADERS))
		err = ERR(ENOEXEC);
	return err;
}

static err_t
read_phdr(const struct source *from, uint64_t phoff, unsigned i, struct phdr *room,
    const struct phdr **at)
{
	uint64_t off = phoff + (uint64_t)i * sizeof(*room);

	return off < phoff ? ERR(ENOEXEC) :
	    fetch(from, off, sizeof(*room), room, (const void **)at);
}

static prot_t
prot_of(uint32_t flags)
{
	return (flags & PF_R ? PROT_R : 0) | (flags & PF_W ? PROT_W : 0) |
	    (flags & PF_X ? PROT_X : 0);
}

static err_t
add_segment(struct elf_image *im, const struct phdr *p, uint64_t file_size)
{
	if (p->memsz == 0)
		return OK;
	if (im->nseg == ELF_MAX_SEGMENTS || p->filesz > p->memsz || p->memsz > USER_MAX ||
	    p->vaddr > USER_MAX - p->memsz || PAGE_DOWN((vaddr_t)p->vaddr) < im->end)
		return ERR(ENOEXEC);
	if (p->filesz > 0 && (p->offset > file_size || p->filesz > file_size - p->offset))
		return ERR(ENOEXEC);
	im->seg[im->nseg++] = (struct elf_segment){
		.va = (vaddr_t)p->vaddr, .memsz = (size_t)p->memsz,
		.filesz = (size_t)p->filesz, .offset = p->offset, .prot = prot_of(p->flags),
	};
	im->end = PAGE_UP((vaddr_t)(p->vaddr + p->memsz));
	return OK;
}

static err_t
add_stack(struct elf_image *im, const struct phdr *p)
{
	if (p->memsz > USER_MAX / 2)
		return ERR(ENOEXEC);
	if (p->memsz > 0)
		im->stack = PAGE_UP((size_t)p->memsz);
	return OK;
}

err_t
elf_read(struct inode *ip, struct elf_head *head, struct elf_image *im)
{
	struct source from = { ip, head };
	const struct header *h;
	struct header hroom;
	uint64_t size;
	err_t err = read_head(&from);

	if (err == OK)
		err = read_header(&from, &hroom, &h);
	if (err != OK)
		return err;
	/* Unlocked: the file may change until its pages are looked for, anyway. */
	size = inode_object(ip)->size;
	im->nseg = 0;
	im->end = 0;
	im->entry = (vaddr_t)h->entry;
	im->stack = PAGE_SIZE;
	for (unsigned i = 0; i < h->phnum && err == OK; i++) {
		const struct phdr *p;
		struct phdr room;

		err = read_phdr(&from, h->phoff, i, &room, &p);
		if (err == OK && p->type == PT_LOAD)
			err = add_segment(im, p, size);
		else if (err == OK && p->type == PT_GNU_STACK)
			err = add_stack(im, p);
	}
	if (err == OK && (im->nseg == 0 || h->entry >= USER_MAX))
		err = ERR(ENOEXEC);
	return err;
}
