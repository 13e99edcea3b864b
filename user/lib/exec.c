/* The forms of exec, and running commands by the shell. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHELL		"/bin/sh"
#define DEFAULT_PATH	"/bin"

int
execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

/* A file that is no program is a script: "sh PATH ARG...". */
static void
exec_script(const char *path, char *const argv[], char *const envp[])
{
	size_t n = 0;
	char **args;

	while (argv[n])
		n++;
	args = malloc((n + 3) * sizeof(*args));
	if (!args)
		return;
	args[0] = SHELL;
	args[1] = (char *)path;
	for (size_t i = 1; i <= n; i++)
		args[i + 1] = argv[i];
	args[n ? n + 1 : 2] = NULL;
	execve(SHELL, args, envp);
	free(args);
}

static void
exec_or_script(const char *path, char *const argv[], char *const envp[])
{
	execve(path, argv, envp);
	if (errno == ENOEXEC)
		exec_script(path, argv, envp);
}

int
execvpe(const char *file, char *const argv[], char *const envp[])
{
	const char *dir = getenv("PATH"), *end;
	int error = ENOENT;

	if (!*file) {
		errno = ENOENT;
		return -1;
	}
	if (strchr(file, '/')) {
		exec_or_script(file, argv, envp);
		return -1;
	}
	for (dir = dir ? dir : DEFAULT_PATH;; dir = end + 1) {
		char path[PATH_MAX];
		int n;

		end = strchrnul(dir, ':');
		n = snprintf(path, sizeof(path), "%.*s%s%s", (int)(end - dir), dir,
		    end > dir ? "/" : "", file);
		if (n >= 0 && (size_t)n < sizeof(path)) {
			exec_or_script(path, argv, envp);
			if (errno != ENOENT && errno != ENOTDIR)
				error = errno;
		}
		if (!*end || (error != ENOENT && error != EACCES))
			break;
	}
	errno = error;
	return -1;
}

int
execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

/* Gathers "arg, ..., NULL" in an array on the caller's stack. */
#define COUNT_ARGS(n, ap, arg)						\
	do {								\
		va_start(ap, arg);					\
		for (n = 1; arg && va_arg(ap, char *); n++)		\
			;						\
		va_end(ap);						\
	} while (0)

static char **
list_args(const char *arg, va_list ap, size_t n)
{
	char **argv = malloc((n + 1) * sizeof(*argv));

	if (!argv)
		return NULL;
	argv[0] = (char *)arg;
	for (size_t i = 1; i < n; i++)
		argv[i] = va_arg(ap, char *);
	argv[n] = NULL;
	return argv;
}

int
execl(const char *path, const char *arg, ...)
{
	char **argv;
	va_list ap;
	size_t n;

	COUNT_ARGS(n, ap, arg);
	va_start(ap, arg);
	argv = list_args(arg, ap, n);
	va_end(ap);
	if (argv)
		execv(path, argv);
	free(argv);
	return -1;
}

int
execlp(const char *file, const char *arg, ...)
{
	char **argv;
	va_list ap;
	size_t n;

	COUNT_ARGS(n, ap, arg);
	va_start(ap, arg);
	argv = list_args(arg, ap, n);
	va_end(ap);
	if (argv)
		execvp(file, argv);
	free(argv);
	return -1;
}

int
execle(const char *path, const char *arg, ...)
{
	char **argv, **envp;
	va_list ap;
	size_t n;

	COUNT_ARGS(n, ap, arg);
	va_start(ap, arg);
	argv = list_args(arg, ap, n);
	if (argv && n)
		va_arg(ap, char *);	/* the NULL */
	envp = va_arg(ap, char **);
	va_end(ap);
	if (argv)
		execve(path, argv, envp);
	free(argv);
	return -1;
}

/* In a child: becomes the shell. */
static _Noreturn void
exec_shell(const char *cmd)
{
	execl(SHELL, "sh", "-c", cmd, (char *)NULL);
	_exit(127);
}

int
system(const char *cmd)
{
	int status;
	pid_t pid;

	if (!cmd)
		return 1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0)
		exec_shell(cmd);
	return waitpid(pid, &status, 0) < 0 ? -1 : status;
}

/* Streams of popen, to know their process at pclose. */
struct pipe_stream {
	struct pipe_stream *next;
	FILE *f;
	pid_t pid;
};
static struct pipe_stream *pipe_streams;

FILE *
popen(const char *cmd, const char *mode)
{
	int reads = mode[0] == 'r', fd[2];
	struct pipe_stream *ps;

	if ((mode[0] != 'r' && mode[0] != 'w') || mode[1]) {
		errno = EINVAL;
		return NULL;
	}
	ps = malloc(sizeof(*ps));
	if (!ps)
		return NULL;
	if (pipe(fd) < 0)
		goto no_pipe;
	ps->f = fdopen(fd[!reads], mode);
	if (!ps->f)
		goto no_stream;
	fflush(NULL);
	ps->pid = fork();
	if (ps->pid < 0)
		goto no_process;
	if (ps->pid == 0) {
		for (struct pipe_stream *o = pipe_streams; o; o = o->next)
			close(fileno(o->f));
		close(fd[!reads]);
		if (fd[reads] != reads) {
			dup2(fd[reads], reads);
			close(fd[reads]);
		}
		exec_shell(cmd);
	}
	close(fd[reads]);
	ps->next = pipe_streams;
	pipe_streams = ps;
	return ps->f;

no_process:
	fclose(ps->f);
	close(fd[reads]);
	free(ps);
	return NULL;
no_stream:
	close(fd[0]);
	close(fd[1]);
no_pipe:
	free(ps);
	return NULL;
}

int
pclose(FILE *f)
{
	struct pipe_stream **p, *ps;
	int status;
	pid_t pid;

	for (p = &pipe_streams; *p && (*p)->f != f; p = &(*p)->next)
		;
	ps = *p;
	if (!ps) {
		errno = EINVAL;
		return -1;
	}
	*p = ps->next;
	pid = ps->pid;
	free(ps);
	fclose(f);
	return waitpid(pid, &status, 0) < 0 ? -1 : status;
}
