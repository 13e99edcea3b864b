/*
 * Reading and checking an ELF file's headers (proc/elf.h). The file is input:
 * nothing in it is believed.
 */
#include "proc/elf.h"

#include "fs/fs.h"
#include "lib/string.h"

#define ET_EXEC		2
#define ELFDATA2LSB	1
#define PT_LOAD		1
#define PT_GNU_STACK	0x6474e551u
#define PF_X		1
#define PF_W		2
#define PF_R		4
#define MAX_HEADERS	64

struct elf32_header {
	uint8_t	 ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint32_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf64_header {
	uint8_t	 ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf32_phdr {
	uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct elf64_phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

/* Both classes, widened. */
struct header {
	uint64_t entry, phoff;
	unsigned phentsize, phnum;
};

struct source {
	struct inode *ip;
	struct elf_head *head;
};

static err_t
read_exactly(const struct source *from, uint64_t off, void *buf, size_t n)
{
	struct iobuf b = iobuf_kernel(buf);
	long got;

	if (off <= from->head->n && n <= from->head->n - off) {
		memcpy(buf, from->head->bytes + off, n);
		return OK;
	}
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

#define WIDEN_HEADER(h)	{ (h).entry, (h).phoff, (h).phentsize, (h).phnum }

static err_t
read_header(const struct source *from, struct header *out)
{
	static const uint8_t magic[7] = { 0x7f, 'E', 'L', 'F', MD_ELF_CLASS, ELFDATA2LSB, 1 };
	union {
		struct elf32_header h32;
		struct elf64_header h64;
	} h;
	err_t err = read_exactly(from, 0, &h, MD_ELF_CLASS == 1 ? sizeof(h.h32) : sizeof(h.h64));

	if (err != OK)
		return err;
	/* ident, type and machine lie alike in both. */
	if (memcmp(h.h32.ident, magic, sizeof(magic)) != 0 || h.h32.type != ET_EXEC ||
	    h.h32.machine != MD_ELF_MACHINE)
		return ERR(ENOEXEC);
	if (MD_ELF_CLASS == 1)
		*out = (struct header)WIDEN_HEADER(h.h32);
	else
		*out = (struct header)WIDEN_HEADER(h.h64);
	if (out->phnum == 0 || out->phnum > MAX_HEADERS || out->phentsize !=
	    (MD_ELF_CLASS == 1 ? sizeof(struct elf32_phdr) : sizeof(struct elf64_phdr)))
		return ERR(ENOEXEC);
	return OK;
}

#define WIDEN_PHDR(p)	{ .type = (p).type, .flags = (p).flags, .offset = (p).offset,	\
	.vaddr = (p).vaddr, .filesz = (p).filesz, .memsz = (p).memsz }

static err_t
read_phdr(const struct source *from, const struct header *h, unsigned i, struct elf64_phdr *out)
{
	uint64_t at = h->phoff + (uint64_t)i * h->phentsize;
	struct elf32_phdr p32;
	err_t err;

	if (at < h->phoff)
		return ERR(ENOEXEC);
	if (MD_ELF_CLASS == 2)
		return read_exactly(from, at, out, sizeof(*out));
	err = read_exactly(from, at, &p32, sizeof(p32));
	if (err == OK)
		*out = (struct elf64_phdr)WIDEN_PHDR(p32);
	return err;
}

static prot_t
prot_of(uint32_t flags)
{
	return (flags & PF_R ? PROT_R : 0) | (flags & PF_W ? PROT_W : 0) |
	    (flags & PF_X ? PROT_X : 0);
}

static err_t
add_segment(struct elf_image *im, const struct elf64_phdr *p, uint64_t file_size)
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
add_stack(struct elf_image *im, const struct elf64_phdr *p)
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
	struct elf64_phdr p;
	struct header h;
	struct kstat st;
	err_t err = read_head(&from);

	if (err == OK)
		err = read_header(&from, &h);
	if (err != OK)
		return err;
	inode_stat(ip, &st);
	im->nseg = 0;
	im->end = 0;
	im->entry = (vaddr_t)h.entry;
	im->stack = PAGE_SIZE;
	for (unsigned i = 0; i < h.phnum && err == OK; i++) {
		err = read_phdr(&from, &h, i, &p);
		if (err == OK && p.type == PT_LOAD)
			err = add_segment(im, &p, st.size);
		else if (err == OK && p.type == PT_GNU_STACK)
			err = add_stack(im, &p);
	}
	if (err == OK && (im->nseg == 0 || h.entry >= USER_MAX))
		err = ERR(ENOEXEC);
	return err;
}
