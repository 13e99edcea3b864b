/* System calls on descriptors. */
#include "abi/stat.h"
#include "sys/sys.h"

/*
 * Bytes that one read or write moves at most; more is what is below 0 as an int of xv6's
 * interface or a ssize_t of POSIX's.
 */
#define RW_MAX	0x7ffff000u

long
sys_read(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);

	if (f == NULL)
		return -EBADF;
	return a[2] <= RW_MAX ? file_read(f, a[1], a[2]) : -EINVAL;
}

long
sys_write(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);

	if (f == NULL)
		return -EBADF;
	return a[2] <= RW_MAX ? file_write(f, a[1], a[2]) : -EINVAL;
}

/* Both ends get their numbers, and the user learns them, or nothing happens. */
long
sys_pipe(const sysarg_t *a)
{
	struct fdtable *t = &proc_current()->fds;
	struct file *end[2];
	int fd[2];
	err_t err;

	fd[0] = fdtable_reserve(t);
	if (fd[0] < 0)
		return fd[0];
	fd[1] = fdtable_reserve(t);
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
	fd = fdtable_reserve(t);
	if (fd >= 0)
		fdtable_install(t, fd, file_get(f), false);
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
	if (err == OK)
		err = md_copyout(a[2 + ARG64_WORDS], &result, sizeof(result));
	return err_code(err);
}

long
sys_ftruncate(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);

	return f != NULL ? err_code(file_truncate(f, arg64(&a[1]))) : -EBADF;
}

long
sys_fsync(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);

	return f != NULL ? err_code(file_sync(f)) : -EBADF;
}

long
sys_isatty(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);

	if (f == NULL)
		return -EBADF;
	return file_is_terminal(f) ? 0 : -ENOTTY;
}

long
sys_ttyctl(const sysarg_t *a)
{
	struct file *f = sys_file(a[0]);

	return f != NULL ? file_ctl(f, (int)a[1], a[2]) : -EBADF;
}
