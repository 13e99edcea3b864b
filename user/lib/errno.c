/* errno, and the texts of errors and signals. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "raw.h"

static int the_errno;

int *
__errno_location(void)
{
	return &the_errno;
}

long
__result(long r)
{
	/* Addresses are results too: on a 32-bit port those of the upper half are "below" 0. */
	if ((unsigned long)r <= -4096ul)
		return r;
	errno = (int)-r;
	return -1;
}

static const struct {
	int number;
	const char *text;
} errors[] = {
	{ 0, "No error" },
	{ EPERM, "Operation not permitted" },
	{ ENOENT, "No such file or directory" },
	{ ESRCH, "No such process" },
	{ EINTR, "Interrupted" },
	{ EIO, "Input/output error" },
	{ ENXIO, "No such device or address" },
	{ E2BIG, "Argument list too long" },
	{ ENOEXEC, "Not an executable for this machine" },
	{ EBADF, "Bad file descriptor" },
	{ ECHILD, "No child processes" },
	{ EAGAIN, "Resource temporarily unavailable" },
	{ ENOMEM, "Out of memory" },
	{ EACCES, "Permission denied" },
	{ EFAULT, "Bad address" },
	{ EBUSY, "Device or resource busy" },
	{ EEXIST, "File exists" },
	{ EXDEV, "Cross-device link" },
	{ ENODEV, "No such device" },
	{ ENOTDIR, "Not a directory" },
	{ EISDIR, "Is a directory" },
	{ EINVAL, "Invalid argument" },
	{ ENFILE, "Too many open files in system" },
	{ EMFILE, "Too many open files" },
	{ ENOTTY, "Not a terminal" },
	{ EFBIG, "File too large" },
	{ ENOSPC, "No space left on device" },
	{ ESPIPE, "Cannot seek" },
	{ EROFS, "Read-only file system" },
	{ EMLINK, "Too many links" },
	{ EPIPE, "Broken pipe" },
	{ EDOM, "Argument out of domain" },
	{ ERANGE, "Result out of range" },
	{ ENAMETOOLONG, "File name too long" },
	{ ENOSYS, "No such system call" },
	{ ENOTEMPTY, "Directory not empty" },
	{ ELOOP, "Too many levels of symbolic links" },
	{ EOVERFLOW, "Value too large" },
	{ EILSEQ, "Illegal byte sequence" },
	{ ENOTSUP, "Not supported" },
	{ ETIMEDOUT, "Timed out" },
};

char *
strerror(int e)
{
	static char unknown[32];

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].number == e)
			return (char *)errors[i].text;
	snprintf(unknown, sizeof(unknown), "Unknown error %d", e);
	return unknown;
}

char *
strsignal(int sig)
{
	static char unknown[32];
	static char *const names[] = {
		[SIGINT] = "Interrupt", [SIGILL] = "Illegal instruction",
		[SIGTRAP] = "Trace/breakpoint trap", [SIGBUS] = "Bus error",
		[SIGFPE] = "Floating point exception", [SIGKILL] = "Killed",
		[SIGSEGV] = "Segmentation fault",
	};

	if (sig >= 0 && (size_t)sig < sizeof(names) / sizeof(names[0]) && names[sig] != NULL)
		return names[sig];
	snprintf(unknown, sizeof(unknown), "Signal %d", sig);
	return unknown;
}
