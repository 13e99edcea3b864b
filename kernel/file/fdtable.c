/* Descriptor tables: see file/file.h. */
#include "file/file.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

void
fdtable_init(struct fdtable *t)
{
	t->slot = t->first;
	t->size = 0;
	t->room = FD_FIRST;
}

static void
slots_free(struct fdtable *t)
{
	if (t->slot != t->first)
		kmem_free(t->slot, t->room * sizeof(*t->slot));
}

/* At least N slots. */
static err_t
grow(struct fdtable *t, unsigned n)
{
	unsigned room = t->room;
	struct fd_slot *s;

	while (room < n)
		room *= 2;
	if (room > t->room) {
		do
			s = kmem_alloc(room * sizeof(*s));
		while (s == NULL && mem_reclaim(DIV_UP(room * sizeof(*s), PAGE_SIZE)) == OK);
		if (s == NULL)
			return ERR(ENOMEM);
		memcpy(s, t->slot, t->size * sizeof(*s));
		slots_free(t);
		t->slot = s;
		t->room = room;
	}
	while (t->size < n)
		t->slot[t->size++] = (struct fd_slot){ .file = NULL };
	return OK;
}

err_t
fdtable_copy(struct fdtable *to, const struct fdtable *from)
{
	unsigned n = from->size;

	while (n > 0 && from->slot[n - 1].file == NULL)
		n--;
	if (grow(to, n) != OK)
		return ERR(ENOMEM);
	for (unsigned i = 0; i < n; i++)
		if (from->slot[i].file != NULL) {
			to->slot[i] = from->slot[i];
			file_get(from->slot[i].file);
		}
	return OK;
}

void
fdtable_close_all(struct fdtable *t)
{
	for (unsigned i = 0; i < t->size; i++)
		if (t->slot[i].file != NULL)
			file_put(t->slot[i].file);
	slots_free(t);
	fdtable_init(t);
}

int
fdtable_reserve(struct fdtable *t)
{
	unsigned fd = 0;

	while (fd < t->size && (t->slot[fd].file != NULL || t->slot[fd].reserved))
		fd++;
	if (fd >= QUIRE_OPEN_MAX)
		return -EMFILE;
	if (fd >= t->size && grow(t, fd + 1) != OK)
		return -ENOMEM;
	t->slot[fd].reserved = true;
	return (int)fd;
}

void
fdtable_install(struct fdtable *t, int fd, struct file *f, bool close_on_exec)
{
	assert(t->slot[fd].reserved && t->slot[fd].file == NULL);
	t->slot[fd] = (struct fd_slot){ .file = f, .close_on_exec = close_on_exec };
}

void
fdtable_cancel(struct fdtable *t, int fd)
{
	assert(t->slot[fd].reserved);
	t->slot[fd].reserved = false;
}

static void
empty_slot(struct fd_slot *s)
{
	struct file *f = s->file;

	*s = (struct fd_slot){ .file = NULL };
	file_put(f);
}

err_t
fdtable_close(struct fdtable *t, int fd)
{
	if (fdtable_get(t, fd) == NULL)
		return ERR(EBADF);
	empty_slot(&t->slot[fd]);
	return OK;
}

err_t
fdtable_replace(struct fdtable *t, int fd, struct file *f)
{
	struct file *old;

	if (fd < 0 || fd >= QUIRE_OPEN_MAX)
		return ERR(EBADF);
	if ((unsigned)fd >= t->size && grow(t, (unsigned)fd + 1) != OK)
		return ERR(ENOMEM);
	old = t->slot[fd].file;
	t->slot[fd] = (struct fd_slot){ .file = f };
	file_put(old);
	return OK;
}

void
fdtable_close_on_exec(struct fdtable *t)
{
	for (struct fd_slot *s = t->slot, *end = s + t->size; s < end; s++)
		if (unlikely(s->close_on_exec))
			empty_slot(s);
}
