/* From the first instruction to main(), and from exit() to the last one. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <unistd.h>

#include "raw.h"

char **environ;
static const char *progname = "?";

/* Only there when the program uses stdio: writes out what is buffered. */
void	__stdio_exit(void) __attribute__((weak));
_Noreturn void __libc_start(int argc, char **argv);
int	main(int argc, char **argv, char **envp);

extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

_Noreturn void
__libc_start(int argc, char **argv)
{
	environ = argv + argc + 1;
	if (argc > 0) {
		const char *slash = strrchr(argv[0], '/');

		progname = slash ? slash + 1 : argv[0];
	}
	for (void (*const *fn)(void) = __init_array_start; fn < __init_array_end; fn++)
		(*fn)();
	exit(main(argc, argv, environ));
}

const char *
getprogname(void)
{
	return progname;
}

/* Functions to run at exit, newest first. The first few need no memory. */
struct at_exit {
	struct at_exit *next;
	void (*fn)(void);
};

static struct at_exit first[4], *at_exit;
static unsigned nfirst;

int
atexit(void (*fn)(void))
{
	struct at_exit *a = nfirst < 4 ? &first[nfirst++] : malloc(sizeof(*a));

	if (!a)
		return -1;
	*a = (struct at_exit){ at_exit, fn };
	at_exit = a;
	return 0;
}

void
exit(int status)
{
	while (at_exit) {
		void (*fn)(void) = at_exit->fn;

		at_exit = at_exit->next;
		fn();
	}
	if (__stdio_exit)
		__stdio_exit();
	_exit(status);
}

void
_exit(int status)
{
	__sys_exit(status);
}

void
_Exit(int status)
{
	__sys_exit(status);
}

void
abort(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		__builtin_trap();
}
