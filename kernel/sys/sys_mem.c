/* System calls on memory (SPEC 2.2). */
#include "abi/mman.h"
#include "fs/fs.h"
#include "mem/reclaim.h"
#include "sys/sys.h"

_Static_assert(PROT_READ == PROT_R && PROT_WRITE == PROT_W && PROT_EXEC == PROT_X,
    "users' protections are the kernel's");

static struct space *
space(void)
{
	return proc_current()->space;
}

static long
move_break(intptr_t n, bool eager)
{
	vaddr_t old;
	err_t err = space_sbrk(space(), n, eager ? BREAK_EAGER : 0, &old);

	return err == OK ? (long)old : err_code(err);
}

long
sys_sbrk(const sysarg_t *a)
{
	return move_break((intptr_t)a[0], false);
}

long
sys_sbrkx(const sysarg_t *a)
{
	if (a[1] != SBRK_EAGER && a[1] != SBRK_LAZY)
		return -EINVAL;
	return move_break((intptr_t)a[0], a[1] == SBRK_EAGER);
}

/* The file to map, with the right to; checks what of SPEC 2.2 concerns it. */
static err_t
file_to_map(sysarg_t fd, struct map_request *m, int64_t off)
{
	struct file *f = sys_file(fd);

	if (f == NULL)
		return ERR(EBADF);
	if (f->kind != FILE_INODE || inode_type(f->at.inode) != T_FILE)
		return ERR(ENODEV);
	if (!f->readable)
		return ERR(EACCES);
	if (m->shared && !f->writable)
		m->maxprot &= ~PROT_W;
	if ((m->prot & ~m->maxprot) != 0)
		return ERR(EACCES);
	m->object = inode_object(f->at.inode);
	m->objpage = (uint64_t)off >> PAGE_SHIFT;
	/* Pages have numbers of 32 bits; no file is that large. */
	return m->objpage + DIV_UP(m->len, PAGE_SIZE) <= UINT32_MAX ? OK : ERR(EOVERFLOW);
}

static err_t
check_request(const sysarg_t *a, int64_t off, struct map_request *m)
{
	unsigned flags = (unsigned)a[3];
	bool fixed = flags & MAP_FIXED;

	if ((a[2] & ~(sysarg_t)PROT_RWX) != 0 || a[1] == 0 || a[1] > USER_MAX)
		return ERR(EINVAL);
	if (((flags & MAP_SHARED) != 0) == ((flags & MAP_PRIVATE) != 0))
		return ERR(EINVAL);
	if (off < 0 || off % PAGE_SIZE != 0 || (fixed && (a[0] & PAGE_MASK) != 0))
		return ERR(EINVAL);
	*m = (struct map_request){ .start = fixed ? a[0] : PAGE_DOWN(a[0]), .len = a[1],
		.prot = (prot_t)a[2], .maxprot = PROT_RWX, .shared = (flags & MAP_SHARED) != 0,
		.anywhere = !fixed, .replace = fixed };
	return OK;
}

long
sys_mmap(const sysarg_t *a)
{
	int64_t off = arg64(&a[5]);
	struct object *anon = NULL;
	struct map_request m = { .start = 0 };
	vaddr_t at = 0;
	err_t err = check_request(a, off, &m);

	if (err != OK)
		return err_code(err);
	if (!(a[3] & MAP_ANONYMOUS)) {
		err = file_to_map(a[4], &m, off);
	} else if (m.shared) {
		do
			m.object = anon = object_create_anon();
		while (anon == NULL && (err = mem_reclaim(1)) == OK);
	}
	if (err == OK)
		err = space_map(space(), &m, &at);
	if (anon != NULL)
		object_put(anon);
	return err == OK ? (long)at : err_code(err);
}

long
sys_munmap(const sysarg_t *a)
{
	return err_code(space_unmap(space(), a[0], a[1]));
}

long
sys_mprotect(const sysarg_t *a)
{
	if ((a[2] & ~(sysarg_t)PROT_RWX) != 0)
		return -EINVAL;
	return err_code(space_protect(space(), a[0], a[1], (prot_t)a[2]));
}

/*
 * One page cache: what a mapping stored is in the file already, and the disk
 * has it within a second; MS_SYNC waits for that. The whole range must be mapped.
 */
long
sys_msync(const sysarg_t *a)
{
	vaddr_t va = a[0], end = a[0] + PAGE_UP(a[1]);
	err_t err = OK;

	if ((a[0] & PAGE_MASK) != 0 || a[1] > USER_MAX || end < a[0] || end > USER_MAX ||
	    (a[2] & ~(sysarg_t)(MS_ASYNC | MS_SYNC | MS_INVALIDATE)) != 0 ||
	    (a[2] & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	while (va < end && err == OK) {
		struct object *o;

		err = space_shared_file(space(), &va, &o);
		if (err != OK || o == NULL)
			continue;
		if (a[2] & MS_SYNC) {
			uint16_t told = inode_failures_told(inode_of_object(o));

			err = inode_sync(inode_of_object(o), &told);
		}
		object_put(o);
	}
	return err_code(err);
}

long
sys_numvp(const sysarg_t *a)
{
	(void)a;
	return (long)space_vpages(space());
}

long
sys_numpp(const sysarg_t *a)
{
	(void)a;
	return (long)space_ppages(space());
}

long
sys_getptsize(const sysarg_t *a)
{
	(void)a;
	return (long)pmap_table_pages(space()->pmap);
}

long
sys_getnumfreepages(const sysarg_t *a)
{
	(void)a;
	return (long)mem_available();
}

/* ---- memory at the break ---- */

long
sys_vmgrow(const sysarg_t *a)
{
	vaddr_t start;
	err_t err;

	if ((intptr_t)a[0] <= 0)
		return -EINVAL;
	err = space_grow_at(space(), a[0], a[1], &start);
	return err == OK ? (long)start : err_code(err);
}

long
sys_mapshared(const sysarg_t *a)
{
	vaddr_t va;
	err_t err = space_mapshared(space(), &va);

	(void)a;
	return err == OK ? (long)va : err_code(err);
}

long
sys_getshared(const sysarg_t *a)
{
	(void)a;
	return (long)space_getshared(space());
}

long
sys_unmapshared(const sysarg_t *a)
{
	(void)a;
	return err_code(space_unmapshared(space()));
}

/* An address or a size of 64 bits, which may be more than the machine has. */
static bool
fits(uint64_t v)
{
	return v <= USER_MAX;
}

long
sys_map_shared_pages(const sysarg_t *a)
{
	uint64_t va = (uint64_t)arg64(&a[2]), size = (uint64_t)arg64(&a[2 + ARG64_WORDS]);
	vaddr_t result = a[2 + 2 * ARG64_WORDS], at = 0;
	struct space *both[2];
	uint64_t told = 0;
	err_t err;

	if (!fits(va) || !fits(size))
		return -EINVAL;
	err = md_copyout(result, &told, sizeof(told));
	if (err == OK)
		err = proc_relatives_spaces((int)a[0], (int)a[1], both);
	if (err != OK)
		return err_code(err);
	err = space_share_pages(both[0], both[1], (vaddr_t)va, (size_t)size, &at);
	space_put(both[0]);
	space_put(both[1]);
	told = at;
	if (err == OK)
		err = md_copyout(result, &told, sizeof(told));
	return err_code(err);
}

long
sys_unmap_shared_pages(const sysarg_t *a)
{
	uint64_t va = (uint64_t)arg64(&a[0]), size = (uint64_t)arg64(&a[ARG64_WORDS]);

	if (!fits(va) || !fits(size))
		return -EINVAL;
	return err_code(space_unshare_pages(space(), (vaddr_t)va, (size_t)size));
}
