/* Children: in the foreground, which Ctrl-C ends, and in the background. */
#include <errno.h>
#include <quire.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sh.h"

struct job {
	struct job *next;
	pid_t pid;
	bool ended;
	int status;		/* as a shell shows it */
	char command[];
};

static struct job *jobs;	/* of the background */

/* An interactive shell's terminal, also while a loop has its input from elsewhere. */
static int terminal;

int
shell_status(int w)
{
	return WIFSIGNALED(w) ? 128 + WTERMSIG(w) : WEXITSTATUS(w);
}

static void
set_foreground(pid_t pid)
{
	ttyctl(terminal, TTY_SETFG, pid);
}

void
job_forget_terminal(void)
{
	if (terminal)
		close(terminal);
	terminal = 0;
}

/* What a child is no more. */
static void
become_child(void)
{
	sh.interactive = false;
	job_forget_terminal();
	redirect_forget();
	source_close_all();
	while (jobs) {
		struct job *j = jobs;

		jobs = j->next;
		free(j);
	}
}

/*
 * Ctrl-C ends the job in the foreground. When there is none, because the shell
 * itself is running a loop, the shell asks in each round whether it was pressed.
 */
static int interrupts;

void
job_begin(void)
{
	if (sh.interactive)
		interrupts = ttyctl(terminal, TTY_INTERRUPTS, 0);
}

void
job_check_interrupt(void)
{
	if (sh.interactive && ttyctl(terminal, TTY_INTERRUPTS, 0) != interrupts)
		give_up(128 + SIGINT);
}

void
job_pause(void)
{
	const struct timespec step = { .tv_nsec = 20000000 };

	job_check_interrupt();
	nanosleep(&step, NULL);
}

void
job_start_shell(void)
{
	int fd = high_fd(dup(0));

	if (fd > 0)
		terminal = fd;
	set_foreground(0);
}

pid_t
job_fork(bool foreground)
{
	bool to_front = foreground && sh.interactive;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		complain("cannot fork: %s", strerror(errno));
		return -1;
	}
	/* Both do it: whoever is first, the job is in front before it runs and before we wait. */
	if (to_front)
		set_foreground(pid ? pid : getpid());
	if (pid == 0)
		become_child();
	return pid;
}

int
job_wait(pid_t pid)
{
	int w;

	if (waitpid(pid, &w, 0) < 0)
		return 127;
	if (!sh.interactive)
		return shell_status(w);
	set_foreground(0);
	if (WIFSIGNALED(w) && WTERMSIG(w) == SIGINT) {
		fputc('\n', stderr);
		give_up(128 + SIGINT);
	}
	if (WIFSIGNALED(w))
		fprintf(stderr, "%s\n", strsignal(WTERMSIG(w)));
	return shell_status(w);
}

void
job_background(pid_t pid, const char *command)
{
	size_t n = strlen(command) + 1;
	struct job *j = malloc(sizeof(*j) + n);

	sh.last_background = pid;
	if (j) {		/* otherwise its status is lost, nothing else */
		*j = (struct job){ .next = jobs, .pid = pid };
		memcpy(j->command, command, n);
		jobs = j;
	}
	if (sh.interactive)
		fprintf(stderr, "[%d]\n", (int)pid);
}

static struct job *
job_find(pid_t pid)
{
	struct job *j = jobs;

	while (j && j->pid != pid)
		j = j->next;
	return j;
}

static void
job_ended(pid_t pid, int w)
{
	struct job *j = job_find(pid);

	if (j) {
		j->ended = true;
		j->status = shell_status(w);
	}
}

static void
job_forget(struct job *j)
{
	struct job **p = &jobs;

	while (*p != j)
		p = &(*p)->next;
	*p = j->next;
	free(j);
}

void
job_reap(void)
{
	pid_t pid;
	int w;

	while ((pid = waitpid(-1, &w, WNOHANG)) > 0)
		job_ended(pid, w);
	if (!sh.interactive)
		return;
	for (struct job *j = jobs, *next; j; j = next) {
		next = j->next;
		if (!j->ended)
			continue;
		fprintf(stderr, "[%d] ended with status %d: %s\n", (int)j->pid, j->status,
		    j->command);
		job_forget(j);
	}
}

/* Waits until J has ended. */
static void
wait_for(struct job *j)
{
	pid_t pid;
	int w;

	/* There is no job in front that Ctrl-C could end: it must end the waiting. */
	while (sh.interactive && !j->ended) {
		pid = waitpid(j->pid, &w, WNOHANG);
		if (pid)
			job_ended(j->pid, pid < 0 ? W_EXITED(127) : w);
		else
			job_pause();
	}
	if (!j->ended)
		job_ended(j->pid, waitpid(j->pid, &w, 0) < 0 ? W_EXITED(127) : w);
}

int
job_wait_background(pid_t pid)
{
	struct job *j;
	int status = 0;

	if (pid) {
		j = job_find(pid);
		if (!j)
			return 127;
		wait_for(j);
		status = j->status;
		job_forget(j);
		return status;
	}
	while (jobs) {
		wait_for(jobs);
		job_forget(jobs);
	}
	return 0;
}

void
job_list(void)
{
	job_reap();
	for (struct job *j = jobs; j; j = j->next)
		printf("[%d] %s  %s\n", (int)j->pid, j->ended ? "ended  " : "running", j->command);
}
