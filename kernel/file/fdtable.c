/* Descriptor tables: see file/file.h. R10: no user copy, no file is put, under the table's lock. */
#include "file/file.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

#define FIRST_SIZE 16

void
fdtable_init(struct fdtable *t)
{
	mutex_init(&t->lock, "descriptors", RANK_FDTABLE);
	t->slot = NULL;
	t->size = 0;
}

static struct fd_slot *
slots_alloc(unsigned n)
{
	struct fd_slot *s;

	do
		s = kmem_alloc(n * sizeof(*s));
	while (s == NULL && mem_reclaim(DIV_UP(n * sizeof(*s), PAGE_SIZE)) == OK);
	if (s != NULL)
		memset(s, 0, n * sizeof(*s));
	return s;
}

static void
slots_free(struct fd_slot *s, unsigned n)
{
	kmem_free(s, n * sizeof(*s));
}

/* At least N slots. */
static err_t
grow(struct fdtable *t, unsigned n) REQUIRES(t->lock)
{
	unsigned size = MAX(t->size, (unsigned)FIRST_SIZE);
	struct fd_slot *s;

	while (size < n)
		size *= 2;
	if (size == t->size)
		return OK;
	s = slots_alloc(size);
	if (s == NULL)
		return ERR(ENOMEM);
	if (t->slot != NULL) {
		memcpy(s, t->slot, t->size * sizeof(*s));
		slots_free(t->slot, t->size);
	}
	t->slot = s;
	t->size = size;
	return OK;
}

err_t
fdtable_copy(struct fdtable *to, struct fdtable *from)
{
	unsigned n = 0;
	err_t err = OK;

	mutex_lock(&from->lock);
	for (unsigned i = 0; i < from->size; i++)
		if (from->slot[i].file != NULL)
			n = i + 1;
	mutex_lock_nested(&to->lock);
	if (n > 0)
		err = grow(to, n);
	for (unsigned i = 0; err == OK && i < n; i++)
		if (from->slot[i].file != NULL) {
			to->slot[i] = from->slot[i];
			file_get(to->slot[i].file);
		}
	mutex_unlock(&to->lock);
	mutex_unlock(&from->lock);
	return err;
}

void
fdtable_close_all(struct fdtable *t)
{
	for (unsigned i = 0; i < t->size; i++)
		file_put(t->slot[i].file);
	if (t->slot != NULL)
		slots_free(t->slot, t->size);
	t->slot = NULL;
	t->size = 0;
}

struct file *
fdtable_get(struct fdtable *t, int fd)
{
	struct file *f = NULL;

	mutex_lock(&t->lock);
	if (fd >= 0 && (unsigned)fd < t->size && t->slot[fd].file != NULL)
		f = file_get(t->slot[fd].file);
	mutex_unlock(&t->lock);
	return f;
}

int
fdtable_reserve(struct fdtable *t, int from)
{
	unsigned fd = (unsigned)from;
	err_t err = OK;

	mutex_lock(&t->lock);
	while (fd < t->size && (t->slot[fd].file != NULL || t->slot[fd].reserved))
		fd++;
	if (fd >= QUIRE_OPEN_MAX)
		err = ERR(EMFILE);
	else
		err = grow(t, fd + 1);
	if (err == OK)
		t->slot[fd].reserved = true;
	mutex_unlock(&t->lock);
	return err == OK ? (int)fd : err_code(err);
}

void
fdtable_install(struct fdtable *t, int fd, struct file *f, bool close_on_exec)
{
	mutex_lock(&t->lock);
	assert(t->slot[fd].reserved && t->slot[fd].file == NULL);
	t->slot[fd] = (struct fd_slot){ .file = f, .close_on_exec = close_on_exec };
	mutex_unlock(&t->lock);
}

void
fdtable_cancel(struct fdtable *t, int fd)
{
	mutex_lock(&t->lock);
	assert(t->slot[fd].reserved);
	t->slot[fd].reserved = false;
	mutex_unlock(&t->lock);
}

/* Empty the slot; its file, whose reference is now the caller's, or NULL. */
static struct file *
take(struct fdtable *t, int fd)
{
	struct file *f = NULL;

	mutex_lock(&t->lock);
	if (fd >= 0 && (unsigned)fd < t->size) {
		f = t->slot[fd].file;
		if (f != NULL)
			t->slot[fd] = (struct fd_slot){ .file = NULL };
	}
	mutex_unlock(&t->lock);
	return f;
}

err_t
fdtable_close(struct fdtable *t, int fd)
{
	struct file *f = take(t, fd);

	file_put(f);
	return f != NULL ? OK : ERR(EBADF);
}

err_t
fdtable_replace(struct fdtable *t, int fd, struct file *f)
{
	struct file *old = NULL;
	err_t err = OK;

	if (fd < 0 || fd >= QUIRE_OPEN_MAX)
		return ERR(EBADF);
	mutex_lock(&t->lock);
	err = grow(t, (unsigned)fd + 1);
	if (err == OK && t->slot[fd].reserved) {
		err = ERR(EBUSY);	/* another thread is opening it */
	} else if (err == OK) {
		old = t->slot[fd].file;
		t->slot[fd] = (struct fd_slot){ .file = f };
	}
	mutex_unlock(&t->lock);
	file_put(old);
	return err;
}

void
fdtable_close_on_exec(struct fdtable *t)
{
	for (unsigned fd = 0; fd < t->size; fd++)
		if (t->slot[fd].file != NULL && t->slot[fd].close_on_exec)
			file_put(take(t, (int)fd));
}
