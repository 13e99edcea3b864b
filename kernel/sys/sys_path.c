/* System calls on path names. */
#include "fs/fs.h"
#include "md/usercopy.h"
#include "mem/reclaim.h"
#include "sys/sys.h"

err_t
path_get(sysarg_t va, struct path *p)
{
	long n = md_copyinstr(p->text, va, sizeof(p->text));

	return n == 0 ? ERR(ENOENT) : err_from(n);
}

static struct inode *
cwd(void)
{
	return proc_current()->cwd;
}

/* Calls of one path, and of two. */
static long
with_path(sysarg_t va, err_t (*fn)(const char *path, const sysarg_t *a), const sysarg_t *a)
{
	struct path p;
	err_t err = path_get(va, &p);

	return err_code(err == OK ? fn(p.text, a) : err);
}

static long
with_paths(const sysarg_t *a, err_t (*fn)(struct inode *dir, const char *one, const char *two))
{
	struct path one, two;
	err_t err = path_get(a[0], &one);

	if (err == OK)
		err = path_get(a[1], &two);
	return err_code(err == OK ? fn(cwd(), one.text, two.text) : err);
}

/* The number first: with it and the file at hand nothing can fail. */
long
sys_open(const sysarg_t *a)
{
	struct fdtable *t = &proc_current()->fds;
	unsigned flags = (unsigned)a[1];
	struct inode *ip = NULL;
	struct file *f = NULL;
	struct path p;
	err_t err = path_get(a[0], &p);
	int fd;

	if (err != OK)
		return err_code(err);
	fd = fdtable_reserve(t);
	if (fd < 0)
		return fd;
	err = (flags & O_ACCMODE) == O_ACCMODE ? ERR(EINVAL) :
	    path_open(cwd(), p.text, flags, &ip);
	if (err == OK) {
		err = file_open_inode(ip, flags, &f);
		if (err != OK)
			inode_put(ip);
	}
	if (err == OK)
		fdtable_install(t, fd, f, (flags & O_CLOEXEC) != 0);
	else
		fdtable_cancel(t, fd);
	return err == OK ? fd : err_code(err);
}

static err_t
do_mknod(const char *path, const sysarg_t *a)
{
	if (a[1] > UINT16_MAX || a[2] > UINT16_MAX)
		return ERR(EINVAL);
	return path_mknod(cwd(), path, (unsigned)a[1], (unsigned)a[2]);
}

long
sys_mknod(const sysarg_t *a)
{
	return with_path(a[0], do_mknod, a);
}

static long
unlink_path(sysarg_t va, bool dir_only)
{
	struct path p;
	err_t err = path_get(va, &p);

	return err_code(err == OK ? path_unlink(cwd(), p.text, dir_only) : err);
}

long
sys_unlink(const sysarg_t *a)
{
	return unlink_path(a[0], false);
}

long
sys_rmdir(const sysarg_t *a)
{
	return unlink_path(a[0], true);
}

static err_t
do_mkdir(const char *path, const sysarg_t *a)
{
	(void)a;
	return path_mkdir(cwd(), path);
}

long
sys_mkdir(const sysarg_t *a)
{
	return with_path(a[0], do_mkdir, a);
}

long
sys_link(const sysarg_t *a)
{
	return with_paths(a, path_link);
}

long
sys_rename(const sysarg_t *a)
{
	return with_paths(a, path_rename);
}

long
sys_symlink(const sysarg_t *a)
{
	return with_paths(a, path_symlink);
}

static err_t
do_chdir(const char *path, const sysarg_t *a)
{
	struct proc *p = proc_current();
	struct inode *ip;
	err_t err = path_lookup(p->cwd, path, 0, &ip);

	(void)a;
	if (err != OK)
		return err;
	if (inode_type(ip) != T_DIR) {
		inode_put(ip);
		return ERR(ENOTDIR);
	}
	inode_put(p->cwd);
	p->cwd = ip;
	return OK;
}

long
sys_chdir(const sysarg_t *a)
{
	return with_path(a[0], do_chdir, a);
}

/* Everybody may do what the type allows; X_OK is for folders and files. */
static err_t
do_access(const char *path, const sysarg_t *a)
{
	struct inode *ip;
	err_t err;

	if (a[1] & ~(sysarg_t)(R_OK | W_OK | X_OK))
		return ERR(EINVAL);
	err = path_lookup(cwd(), path, 0, &ip);
	if (err == OK) {
		if ((a[1] & W_OK) && fs_readonly() && inode_type(ip) != T_DEVICE)
			err = ERR(EROFS);
		inode_put(ip);
	}
	return err;
}

long
sys_access(const sysarg_t *a)
{
	return with_path(a[0], do_access, a);
}

static long
stat_path(const sysarg_t *a, unsigned flags)
{
	struct inode *ip;
	struct kstat st;
	struct path p;
	err_t err = path_get(a[0], &p);

	if (err == OK)
		err = path_lookup(cwd(), p.text, flags, &ip);
	if (err != OK)
		return err_code(err);
	inode_stat(ip, &st);
	inode_put(ip);
	return err_code(md_copyout(a[1], &st, sizeof(st)));
}

long
sys_stat(const sysarg_t *a)
{
	return stat_path(a, 0);
}

long
sys_lstat(const sysarg_t *a)
{
	return stat_path(a, LOOKUP_NOFOLLOW);
}

/* N bytes that FN makes in a kernel buffer go to the user at VA. */
static long
return_text(sysarg_t va, const char *text, long n)
{
	err_t err = n < 0 ? err_from(n) : md_copyout(va, text, (size_t)n);

	return err == OK ? n : err_code(err);
}

long
sys_readlink(const sysarg_t *a)
{
	struct path p, target;
	err_t err = path_get(a[0], &p);

	if (err != OK)
		return err_code(err);
	if ((intptr_t)a[2] <= 0)
		return -EINVAL;
	return return_text(a[1], target.text, path_readlink(cwd(), p.text, target.text,
	    MIN(a[2], sizeof(target.text))));
}

long
sys_getcwd(const sysarg_t *a)
{
	struct page *p;
	long n;

	if ((intptr_t)a[1] <= 0)
		return -EINVAL;
	p = page_alloc_wait(PAGE_KERNEL);
	if (p == NULL)
		return -ENOMEM;
	n = path_of(cwd(), page_virt(p), MIN(a[1], (sysarg_t)PAGE_SIZE));
	n = return_text(a[0], page_virt(p), n);
	page_put(p);
	return n;
}

long
sys_sync(const sysarg_t *a)
{
	(void)a;
	return err_code(fs_sync());
}
