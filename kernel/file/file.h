/*
 * Open files, and the tables through which a process names them.
 *
 * A file is what open, pipe or dup gave out: an inode with an offset, one end of
 * a pipe, or a device. Descriptors of several processes may lead to one
 * file; the last one that goes closes it.
 *
 * Field key:   f  file->lock, or alone (file.c)    c  constant    @  atomic
 */
#ifndef FILE_FILE_H
#define FILE_FILE_H

#include "abi/fcntl.h"
#include "abi/limits.h"
#include "abi/stat.h"
#include "fs/fs.h"
#include "kern/mutex.h"
#include "vm/iobuf.h"

struct pipe;
struct chardev;

enum file_kind { FILE_INODE, FILE_DEVICE, FILE_PIPE };

struct file {
	uint32_t refs;			/* @ */
	uint8_t	 kind;			/* c: enum file_kind */
	bool	 readable, writable;	/* c */
	/* c: what it does; refuses when it is not open for that */
	long	(*read)(struct file *f, vaddr_t to, size_t n);
	long	(*write)(struct file *f, vaddr_t from, size_t n);
	uint32_t oflags;		/* c: O_APPEND, O_XV6 */
	/* FILE_INODE, FILE_DEVICE; inode: c, a reference; offset: f */
	struct inode_place at;
	const struct chardev *dev;	/* c: FILE_DEVICE */
	unsigned minor;			/* c */
	uint16_t told;			/* its inode's map lock: see inode_sync */
	struct pipe *pipe;		/* c: FILE_PIPE */
	struct mutex lock;		/* RANK_FILE */
};

/*
 * Open IP, whose reference is taken over when it succeeds. -EACCES: a folder for writing;
 * -ENXIO: no such device; -ENOMEM.
 */
err_t	file_open_inode(struct inode *ip, unsigned oflags, struct file **f) MUST_CHECK;
/* A pipe, its reading end first. -ENOMEM. */
err_t	file_open_pipe(struct file *end[2]) MUST_CHECK;
struct file *file_get(struct file *f);
void	file_put(struct file *f);		/* NULL is fine */

/*
 * To and from the user's memory. Bytes, or: -EBADF (not open for that), -EFAULT, -EISDIR, -EPIPE,
 * -EINTR, what fs says.
 */
static inline long
file_read(struct file *f, vaddr_t to, size_t n)
{
	return f->read(f, to, n);
}

static inline long
file_write(struct file *f, vaddr_t from, size_t n)
{
	return f->write(f, from, n);
}

/* The new offset in *RESULT. -ESPIPE; -EINVAL: negative, or no such WHENCE. */
err_t	file_seek(struct file *f, int64_t off, int whence, int64_t *result) MUST_CHECK;
void	file_stat(struct file *f, struct kstat *st);
err_t	file_truncate(struct file *f, int64_t size) MUST_CHECK;
err_t	file_sync(struct file *f) MUST_CHECK;
/* A terminal's operation; -ENOTTY: it is none. */
long	file_ctl(struct file *f, int op, unsigned long arg);
bool	file_is_terminal(const struct file *f);

/*
 * A descriptor table: from number to file, grown as needed up to QUIRE_OPEN_MAX. fork
 * copies it. It belongs to one thread, who alone looks at it and changes it: there is no
 * lock, and a file that a call has looked up needs no reference of the call's, because its
 * slot holds one until that thread's next call.
 */
struct fd_slot {
	struct file *file;		/* NULL: free */
	bool	 reserved;		/* taken by a call that has not installed its file yet */
	bool	 close_on_exec;
};

#define FD_FIRST	16

struct fdtable {
	struct fd_slot *slot;		/* FIRST, or from kmem_alloc */
	unsigned size, room;		/* slots that were ever used, and that there are */
	struct fd_slot first[FD_FIRST];
};

void	fdtable_init(struct fdtable *t);
/* TO is freshly initialised. -ENOMEM: it stays empty. */
err_t	fdtable_copy(struct fdtable *to, const struct fdtable *from) MUST_CHECK;
void	fdtable_close_all(struct fdtable *t);
void	fdtable_close_on_exec(struct fdtable *t);
/* The file of FD; NULL: not open. */
static inline struct file *
fdtable_get(const struct fdtable *t, int fd)
{
	return (unsigned)fd < t->size ? t->slot[fd].file : NULL;
}
/*
 * Reserve the lowest free number; nobody else sees it until
 * fdtable_install, or fdtable_cancel. Or a negative error: -EMFILE, -ENOMEM.
 */
int	fdtable_reserve(struct fdtable *t);
void	fdtable_install(struct fdtable *t, int fd, struct file *f, bool close_on_exec);
void	fdtable_cancel(struct fdtable *t, int fd);
err_t	fdtable_close(struct fdtable *t, int fd) MUST_CHECK;		/* -EBADF */
/* FD becomes F (a reference of it), whatever it was before. -EBADF: out of range; -ENOMEM. */
err_t	fdtable_replace(struct fdtable *t, int fd, struct file *f) MUST_CHECK;

#endif
