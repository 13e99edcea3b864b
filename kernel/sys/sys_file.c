/* System calls on descriptors. */
#include "abi/stat.h"
#include "sys/sys.h"

#define RW_MAX	0x7ffff000u		/* bytes that one read or write moves at most */

struct file *
sys_file(sysarg_t fd)
{
	return fdtable_get(&proc_current()->fds, (int)fd);
}

static long
read_or_write(const sysarg_t *a, long (*fn)(struct file *f, const struct iobuf *b, size_t n))
{
	struct file *f = sys_file(a[0]);
	struct iobuf b = iobuf_user(a[1]);
	long n = (int)a[2], r;

	if (f == NULL)
		return -EBADF;
	/* int in xv6's interface, size_t in POSIX's: both agree on what fits. */
	if (n < 0 || a[2] > RW_MAX)
		r = -EINVAL;
	else
		r = fn(f, &b, (size_t)n);
	file_put(f);
	return r;
}

long
sys_read(const sysarg_t *a)
{
	return read_or_write(a, file_read);
}

long
sys_write(const sysarg_t *a)
{
	return read_or_write(a, file_write);
}

/* Both ends get their numbers, and the user learns them, or nothing happens. */
long
sys_pipe(const sysarg_t *a)
{
	struct fdtable *t = &proc_current()->fds;
	struct file *end[2];
	int fd[2];
	err_t err;

	fd[0] = fdtable_reserve(t, 0);
	if (fd[0] < 0)
		return fd[0];
	fd[1] = fdtable_reserve(t, 0);
	if (fd[1] < 0) {
		fdtable_cancel(t, fd[0]);
		return fd[1];
	}
	err = md_copyout(a[0], fd, sizeof(fd));
	if (err == OK)
		err = file_open_pipe(end);
	for (int i = 0; i < 2; i++) {
		if (err == OK)
			fdtable_install(t, fd[i], end[i], false);
		else
			fdtable_cancel(t, fd[i]);
	}
	return err_code(err);
}

long
sys_fstat(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);
	struct kstat st;

	if (f == NULL)
		return -EBADF;
	file_stat(f, &st);
	file_put(f);
	return err_code(md_copyout(a[1], &st, sizeof(st)));
}

long
sys_dup(const sysarg_t *a)
{
	struct fdtable *t = &proc_current()->fds;
	struct file *f = sys_file(a[0]);
	int fd;

	if (f == NULL)
		return -EBADF;
	fd = fdtable_reserve(t, 0);
	if (fd >= 0)
		fdtable_install(t, fd, f, false);
	else
		file_put(f);
	return fd;
}

long
sys_dup2(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);
	err_t err = OK;

	if (f == NULL)
		return -EBADF;
	if ((int)a[0] != (int)a[1])
		err = fdtable_replace(&proc_current()->fds, (int)a[1], file_get(f));
	if (err != OK)
		file_put(f);
	file_put(f);
	return err == OK ? (int)a[1] : err_code(err);
}

long
sys_close(const sysarg_t *a)
{
	return err_code(fdtable_close(&proc_current()->fds, (int)a[0]));
}

long
sys_lseek(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);
	int64_t result;
	err_t err;

	if (f == NULL)
		return -EBADF;
	err = file_seek(f, arg64(&a[1]), (int)a[1 + ARG64_WORDS], &result);
	file_put(f);
	if (err == OK)
		err = md_copyout(a[2 + ARG64_WORDS], &result, sizeof(result));
	return err_code(err);
}

long
sys_ftruncate(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);
	err_t err;

	if (f == NULL)
		return -EBADF;
	err = file_truncate(f, arg64(&a[1]));
	file_put(f);
	return err_code(err);
}

long
sys_fsync(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);
	err_t err;

	if (f == NULL)
		return -EBADF;
	err = file_sync(f);
	file_put(f);
	return err_code(err);
}

long
sys_isatty(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);
	bool terminal;

	if (f == NULL)
		return -EBADF;
	terminal = file_is_terminal(f);
	file_put(f);
	return terminal ? 0 : -ENOTTY;
}

long
sys_ttyctl(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);
	long r;

	if (f == NULL)
		return -EBADF;
	r = file_ctl(f, (int)a[1], a[2]);
	file_put(f);
	return r;
}
