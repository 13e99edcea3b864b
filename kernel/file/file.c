/* Open files: see file/file.h. */
#include "file/file.h"

#include "abi/tty.h"
#include "dev/chardev.h"
#include "file/pipe.h"
#include "fs/fs.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

SLAB_CACHE(file_cache, struct file);

/*
 * The offset needs no lock while the running thread's table holds the only reference: then
 * nobody else can have the file, and nobody can get it but by a call of this thread's.
 */
static bool
offset_is_ours(struct file *f)
{
	return atomic_load_acquire(&f->refs) == 1;
}

static __attribute__((noinline)) long
read_in_turn(struct file *f, vaddr_t to, size_t n)
{
	long got;

	mutex_lock(&f->lock);
	got = inode_read_on(&f->at, to, n);
	mutex_unlock(&f->lock);
	return got;
}

static long
inode_file_read(struct file *f, vaddr_t to, size_t n)
{
	if (unlikely(!offset_is_ours(f)))
		return read_in_turn(f, to, n);
	return inode_read_on(&f->at, to, n);
}

static long
inode_file_write(struct file *f, vaddr_t from, size_t n)
{
	struct iobuf b = iobuf_user(from);
	unsigned flags = (f->oflags & O_APPEND ? INODE_APPEND : 0) |
	    (f->oflags & O_XV6 ? INODE_NO_HOLE : 0);
	long put;

	if (offset_is_ours(f))
		return inode_write(f->at.inode, &f->at.offset, &b, n, flags);
	mutex_lock(&f->lock);
	put = inode_write(f->at.inode, &f->at.offset, &b, n, flags);
	mutex_unlock(&f->lock);
	return put;
}

static long
device_read(struct file *f, vaddr_t to, size_t n)
{
	struct iobuf b = iobuf_user(to);

	return f->dev->read(f->minor, &b, n);
}

static long
device_write(struct file *f, vaddr_t from, size_t n)
{
	struct iobuf b = iobuf_user(from);

	return f->dev->write(f->minor, &b, n);
}

static long
refuse(struct file *f, vaddr_t at, size_t n)
{
	(void)f, (void)at, (void)n;
	return -EBADF;
}

typedef long rw_function(struct file *f, vaddr_t at, size_t n);

static rw_function *const readers[] = {
	[FILE_INODE] = inode_file_read, [FILE_DEVICE] = device_read, [FILE_PIPE] = pipe_read,
};
static rw_function *const writers[] = {
	[FILE_INODE] = inode_file_write, [FILE_DEVICE] = device_write, [FILE_PIPE] = pipe_write,
};

/* Of an inode, or, NULL, a pipe's end. */
static struct file *
file_new(enum file_kind kind, unsigned oflags, struct inode *ip)
{
	struct file *f = slab_alloc_wait(&file_cache);

	if (f == NULL)
		return NULL;
	f->refs = 1;
	f->kind = (uint8_t)kind;
	f->readable = (oflags & O_ACCMODE) != O_WRONLY;
	f->writable = (oflags & O_ACCMODE) != O_RDONLY;
	f->oflags = oflags & (O_APPEND | O_XV6);
	f->at.inode = ip;
	f->at.offset = 0;
	f->read = f->readable ? readers[kind] : refuse;
	f->write = f->writable ? writers[kind] : refuse;
	mutex_init(&f->lock, "file", RANK_FILE);
	return f;
}

err_t
file_open_inode(struct inode *ip, unsigned oflags, struct file **out)
{
	const struct chardev *dev = NULL;
	unsigned major, minor = 0;
	struct file *f;

	if (inode_type(ip) == T_DEVICE) {
		inode_device(ip, &major, &minor);
		dev = chardev_get(major);
		if (dev == NULL)
			return ERR(ENXIO);
	}
	f = file_new(dev != NULL ? FILE_DEVICE : FILE_INODE, oflags, ip);
	if (f == NULL)
		return ERR(ENOMEM);
	f->dev = dev;
	f->minor = minor;
	f->told = inode_failures_told(ip);
	*out = f;
	return OK;
}

err_t
file_open_pipe(struct file *end[2])
{
	struct pipe *p = pipe_create();

	if (p == NULL)
		return ERR(ENOMEM);
	end[0] = file_new(FILE_PIPE, O_RDONLY, NULL);
	end[1] = file_new(FILE_PIPE, O_WRONLY, NULL);
	if (end[0] != NULL && end[1] != NULL) {
		end[0]->pipe = end[1]->pipe = p;
		return OK;
	}
	for (int i = 0; i < 2; i++)
		if (end[i] != NULL)
			slab_free(&file_cache, end[i]);
	pipe_close(p, true);
	pipe_close(p, false);
	return ERR(ENOMEM);
}

struct file *
file_get(struct file *f)
{
	atomic_add_relaxed(&f->refs, 1);
	return f;
}

void
file_put(struct file *f)
{
	if (f == NULL || atomic_sub_release(&f->refs, 1) > 0)
		return;
	atomic_fence_acquire();
	if (f->kind == FILE_PIPE)
		pipe_close(f->pipe, f->writable);
	else
		inode_put(f->at.inode);
	slab_free(&file_cache, f);
}

err_t
file_seek(struct file *f, int64_t off, int whence, int64_t *result)
{
	int64_t base = 0;
	struct kstat st;
	err_t err = OK;

	if (f->kind == FILE_PIPE || file_is_terminal(f))
		return ERR(ESPIPE);
	if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END)
		return ERR(EINVAL);
	mutex_lock(&f->lock);
	if (whence == SEEK_CUR)
		base = (int64_t)f->at.offset;
	if (whence == SEEK_END) {
		inode_stat(f->at.inode, &st);
		base = (int64_t)st.size;
	}
	if (__builtin_add_overflow(base, off, result) || *result < 0)
		err = ERR(EINVAL);
	else
		f->at.offset = (uint64_t)*result;
	mutex_unlock(&f->lock);
	return err;
}

void
file_stat(struct file *f, struct kstat *st)
{
	if (f->kind != FILE_PIPE) {
		inode_stat(f->at.inode, st);
		return;
	}
	memset(st, 0, sizeof(*st));
	st->type = T_PIPE;
	st->mode = 0600;
	st->nlink = 1;
	st->size = pipe_available(f->pipe);
}

err_t
file_truncate(struct file *f, int64_t size)
{
	if (f->kind != FILE_INODE || !f->writable || size < 0)
		return ERR(EINVAL);
	return inode_truncate(f->at.inode, (uint64_t)size);
}

err_t
file_sync(struct file *f)
{
	return f->kind == FILE_INODE ? inode_sync(f->at.inode, &f->told) : ERR(EINVAL);
}

bool
file_is_terminal(const struct file *f)
{
	return f->kind == FILE_DEVICE && f->dev->ctl != NULL;
}

long
file_ctl(struct file *f, int op, unsigned long arg)
{
	return file_is_terminal(f) ? f->dev->ctl(f->minor, op, arg) : -ENOTTY;
}
