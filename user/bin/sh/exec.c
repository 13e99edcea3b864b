/* Running trees. XCU 2.9. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edit.h"
#include "sh.h"

#define MAX_CALLS	100		/* of functions, in each other */
#define MAX_SOURCES	100		/* eval in eval, . in . */

/* ---- functions ---- */

struct function {
	struct function *next;
	struct node *body;		/* in an arena that is kept */
	char *name;
};

static struct function *functions;
static unsigned nsources;

struct function *
function_find(const char *name)
{
	struct function *f = functions;

	while (f && strcmp(f->name, name) != 0)
		f = f->next;
	return f;
}

void
function_unset(const char *name)
{
	for (struct function **p = &functions; *p; p = &(*p)->next)
		if (strcmp((*p)->name, name) == 0) {
			struct function *f = *p;

			*p = f->next;
			free(f->name);
			free(f);
			return;
		}
}

const char *
function_name(size_t i)
{
	struct function *f = functions;

	while (f && i--)
		f = f->next;
	return f ? f->name : NULL;
}

/* The trees that run, the innermost first. */
struct tree {
	struct tree *up;
	struct arena arena;
};
static struct tree *trees;

static void
define_function(struct node *n)
{
	struct function *f = function_find(n->name);

	if (!f) {
		f = xrealloc(NULL, sizeof(*f));
		f->name = xstrdup(n->name);
		f->next = functions;
		functions = f;
	}
	f->body = n->a;
	trees->arena.keep = true;
	sh.status = 0;
}

static void
call_function(struct function *f, struct args *a)
{
	char **params = sh.params, **own = sh.own_params;
	int nparams = sh.nparams, loops = sh.loops;
	struct local *locals = var_locals();

	job_check_interrupt();
	if (sh.calls == MAX_CALLS)
		fail(2, "%s: functions call each other too deeply", f->name);
	sh.calls++;
	sh.loops = 0;
	sh.own_params = NULL;
	sh.params = a->v + 1;
	sh.nparams = a->n - 1;
	exec_node(f->body, 0);
	if (sh.unwind == UNWIND_RETURN)
		sh.unwind = UNWIND_NONE;
	var_locals_end(locals);
	free(sh.own_params);
	sh.own_params = own;
	sh.params = params;
	sh.nparams = nparams;
	sh.loops = loops;
	sh.calls--;
}

/* ---- simple commands ---- */

static void
trace(struct args *a)
{
	if (!sh.xtrace)
		return;
	for (int i = 0; i < a->n; i++)
		fprintf(stderr, "%s%s", i ? " " : "+ ", a->v[i]);
	fputc('\n', stderr);
}

static void
assign_all(struct word *w, bool export)
{
	for (; w; w = w->next) {
		char *equals = strchr(w->text, '=');
		char *name = arena_strdup(&temp, w->text, (size_t)(equals - w->text));

		var_set(name, expand_single(equals + 1));
		if (export)
			var_export(name);
	}
}

static struct saved_var *
save_assigned(struct word *w)
{
	struct saved_var *saved = NULL;

	for (; w; w = w->next)
		saved = var_save(arena_strdup(&temp, w->text, strcspn(w->text, "=")), saved);
	return saved;
}

/* Becomes the program. */
static _Noreturn void
exec_program(struct args *a)
{
	int status = 126;

	environ = var_environment();
	source_close_all();
	job_forget_terminal();
	execvp(a->v[0], a->v);
	if (errno == ENOENT && !strchr(a->v[0], '/')) {
		complain("%s: not found", a->v[0]);
		status = 127;
	} else {
		if (errno == ENOENT)
			status = 127;
		complain("%s: %s", a->v[0], strerror(errno));
	}
	shell_exit(status);
}

static void
run_program(struct node *n, struct args *a, unsigned flags)
{
	pid_t pid = flags & EXEC_LAST ? 0 : job_fork(true);

	if (pid < 0) {
		sh.status = 126;
		return;
	}
	if (pid == 0) {
		if (!redirect(n->redirects, NULL))
			shell_exit(1);
		assign_all(n->assigns, true);
		exec_program(a);
	}
	sh.status = job_wait(pid);
}

/* exec: without a command its redirections stay. */
static void
run_exec(struct node *n, struct args *a)
{
	if (builtin_explain(a->n, a->v)) {
		sh.status = 0;
		return;
	}
	if (!redirect(n->redirects, NULL)) {
		sh.status = 1;
		if (!sh.interactive)
			shell_exit(1);
		return;
	}
	assign_all(n->assigns, a->n > 1);
	sh.status = 0;
	if (a->n > 1) {
		a->v++;
		a->n--;
		exec_program(a);
	}
}

/* A builtin or a function: in this process, what it redirects is put back. */
static void
run_inside(struct node *n, struct args *a, struct function *f, builtin_t *builtin, bool special)
{
	struct saved_var *vars = special ? NULL : save_assigned(n->assigns);
	struct saved_fd *fds = NULL;

	if (redirect(n->redirects, &fds)) {
		assign_all(n->assigns, f != NULL);
		if (f)
			call_function(f, a);
		else if (builtin_explain(a->n, a->v))
			sh.status = 0;
		else
			sh.status = builtin(a->n, a->v);
		if (fflush(stdout) < 0) {
			clearerr(stdout);
			sh.status = 1;
		}
	} else {
		sh.status = 1;
	}
	redirect_undo(&fds);
	var_restore(vars);
}

static void
exec_simple(struct node *n, unsigned flags)
{
	struct function *f;
	builtin_t *builtin;
	bool special = false;
	struct args a;

	sh.substituted = false;
	a = expand_words(n->words);
	trace(&a);
	if (!a.n) {
		struct saved_fd *fds = NULL;
		bool ok = redirect(n->redirects, &fds);

		redirect_undo(&fds);
		assign_all(n->assigns, false);
		if (!ok)
			sh.status = 1;
		else if (!sh.substituted)
			sh.status = 0;
		return;
	}
	if (strcmp(a.v[0], "exec") == 0) {
		run_exec(n, &a);
		return;
	}
	f = function_find(a.v[0]);
	while (strcmp(a.v[0], "command") == 0 && a.n > 1 && *a.v[1] != '-') {
		a.v++;
		a.n--;
		f = NULL;
	}
	builtin = f ? NULL : builtin_find(a.v[0], &special);
	if (f || builtin)
		run_inside(n, &a, f, builtin, special);
	else
		run_program(n, &a, flags);
}

/* ---- pipes, background, subshells ---- */

/* In a child: runs N and ends. */
static _Noreturn void
run_and_exit(struct node *n)
{
	exec_node(n, EXEC_LAST);
	shell_exit(sh.status);
}

static void
move_fd(int from, int to)
{
	if (from >= 0 && from != to) {
		dup2(from, to);
		close(from);
	}
}

/* A stage of a pipe: reads IN (-1: as it is), writes OUT. UNUSED: the next stage's end. */
static pid_t
start_stage(struct node *n, int in, int out, int unused)
{
	pid_t pid = job_fork(false);

	if (pid == 0) {
		if (unused >= 0)
			close(unused);
		move_fd(in, 0);
		move_fd(out, 1);
		run_and_exit(n);
	}
	return pid;
}

static void
close_if(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* Starts all stages; the pids of those that started are in PIDS. false: one did not. */
static bool
start_pipe(struct node *n, pid_t *pids, int *started)
{
	bool last, complete = false;
	int in = -1, fd[2];

	do {
		struct node *stage = n->type == N_PIPE ? n->a : n;

		last = stage == n;
		fd[0] = fd[1] = -1;
		if (!last && pipe(fd) < 0) {
			complain("cannot make a pipe: %s", strerror(errno));
			break;
		}
		pids[*started] = start_stage(stage, in, fd[1], fd[0]);
		close_if(in);
		close_if(fd[1]);
		in = fd[0];
		if (pids[*started] < 0)
			break;
		++*started;
		complete = last;
		n = n->b;
	} while (!last);
	close_if(in);
	return complete;
}

static void
run_pipe(struct node *n)
{
	int stages = 1, started = 0;
	bool complete;
	pid_t *pids;

	for (struct node *p = n; p->type == N_PIPE; p = p->b)
		stages++;
	pids = arena_alloc(&temp, (size_t)stages * sizeof(*pids));
	complete = start_pipe(n, pids, &started);
	for (int i = 0; i < started; i++)
		sh.status = job_wait(pids[i]);
	if (!complete)
		sh.status = 126;
}

/* At a terminal a pipe has a process of its own above it, that Ctrl-C can end as one. */
static void
exec_pipe(struct node *n)
{
	pid_t pid;

	if (!sh.interactive) {
		run_pipe(n);
		return;
	}
	pid = job_fork(true);
	if (pid == 0) {
		run_pipe(n);
		shell_exit(sh.status);
	}
	sh.status = pid < 0 ? 126 : job_wait(pid);
}

static void
exec_background(struct node *n)
{
	pid_t pid = job_fork(false);

	if (pid == 0) {
		int fd = open("/dev/null", O_RDONLY);

		move_fd(fd, 0);
		run_and_exit(n->a);
	}
	if (pid > 0)
		job_background(pid, node_text(n->a));
	sh.status = pid < 0 ? 126 : 0;
}

static void
exec_subshell(struct node *n, unsigned flags)
{
	pid_t pid = flags & EXEC_LAST ? 0 : job_fork(true);

	if (pid == 0)
		run_and_exit(n->a);
	sh.status = pid < 0 ? 126 : job_wait(pid);
}

/* ---- conditions and loops ---- */

/* After a round of a loop: is it to be left? */
static bool
leave_loop(void)
{
	job_check_interrupt();
	if (sh.unwind == UNWIND_NONE)
		return false;
	if (sh.unwind == UNWIND_RETURN)
		return true;
	if (sh.unwind_levels > 1) {
		sh.unwind_levels--;
		return true;
	}
	if (sh.unwind == UNWIND_CONTINUE) {
		sh.unwind = UNWIND_NONE;
		return false;
	}
	sh.unwind = UNWIND_NONE;
	return true;
}

static void
exec_while(struct node *n)
{
	int status = 0;

	sh.loops++;
	for (;;) {
		struct mark m = arena_mark(&temp);

		exec_node(n->a, EXEC_TESTED);
		if (leave_loop() || (sh.status == 0) == (n->type == N_UNTIL))
			break;
		exec_node(n->b, 0);
		status = sh.status;
		arena_release(&temp, m);
		if (leave_loop())
			break;
	}
	sh.loops--;
	if (sh.unwind != UNWIND_RETURN)
		sh.status = status;
}

static void
exec_for(struct node *n)
{
	struct args a = { .v = sh.params, .n = sh.nparams };

	if (n->has_words)
		a = expand_words(n->words);
	sh.status = 0;
	sh.loops++;
	for (int i = 0; i < a.n; i++) {
		struct mark m = arena_mark(&temp);

		var_set(n->name, a.v[i]);
		exec_node(n->a, 0);
		arena_release(&temp, m);
		if (leave_loop())
			break;
	}
	sh.loops--;
}

static void
exec_case(struct node *n, unsigned flags)
{
	const char *word = expand_single(n->name);

	sh.status = 0;
	for (struct case_item *item = n->items; item; item = item->next)
		for (struct word *w = item->patterns; w; w = w->next) {
			if (fnmatch(expand_pattern(w->text), word, 0) != 0)
				continue;
			if (item->body)
				exec_node(item->body, flags);
			return;
		}
}

static void
exec_if(struct node *n, unsigned flags)
{
	exec_node(n->a, EXEC_TESTED);
	if (sh.unwind)
		return;
	if (sh.status == 0) {
		exec_node(n->b, flags);
	} else {
		sh.status = 0;
		if (n->c)
			exec_node(n->c, flags);
	}
}

static void
exec_and_or(struct node *n, unsigned flags)
{
	exec_node(n->a, EXEC_TESTED);
	if (!sh.unwind && (sh.status == 0) == (n->type == N_AND))
		exec_node(n->b, flags);
}

/* ---- all of them ---- */

static void
exec_compound(struct node *n, unsigned flags)
{
	switch (n->type) {
	case N_SUBSHELL:
		exec_subshell(n, flags);
		break;
	case N_GROUP:
		exec_node(n->a, flags);
		break;
	case N_IF:
		exec_if(n, flags);
		break;
	case N_WHILE:
	case N_UNTIL:
		exec_while(n);
		break;
	case N_FOR:
		exec_for(n);
		break;
	default:
		exec_case(n, flags);
	}
}

static void
exec_redirected(struct node *n, unsigned flags)
{
	struct saved_fd *fds = NULL;

	if (redirect(n->redirects, &fds))
		exec_compound(n, fds ? flags & ~EXEC_LAST : flags);
	else
		sh.status = 1;
	fflush(stdout);
	redirect_undo(&fds);
}

static void
exec_not(struct node *n)
{
	exec_node(n->a, EXEC_TESTED);
	if (!sh.unwind)
		sh.status = !sh.status;
}

static void
exec_one(struct node *n, unsigned flags)
{
	switch (n->type) {
	case N_SIMPLE:
		sh.line = n->line;
		exec_simple(n, flags);
		break;
	case N_PIPE:
		exec_pipe(n);
		break;
	case N_NOT:
		exec_not(n);
		break;
	case N_AND:
	case N_OR:
		exec_and_or(n, flags);
		return;			/* the parts have seen to set -e */
	case N_BACKGROUND:
		exec_background(n);
		break;
	case N_FUNCTION:
		define_function(n);
		break;
	default:
		exec_redirected(n, flags);
		return;
	}
	if (sh.errexit && sh.status && !(flags & EXEC_TESTED) && n->type != N_NOT)
		shell_exit(sh.status);
}

void
exec_node(struct node *n, unsigned flags)
{
	for (; n && !sh.unwind; n = n->b) {
		struct mark m = arena_mark(&temp);

		if (n->type != N_SEQUENCE) {
			exec_one(n, flags);
			arena_release(&temp, m);
			return;
		}
		exec_one(n->a, n->b ? flags & ~EXEC_LAST : flags);
		arena_release(&temp, m);
	}
}

/* ---- sources ---- */

/* The tree is freed unless a function was defined in it: its body stays for good. */
static void
drop_tree(void)
{
	struct tree *t = trees;

	trees = t->up;
	if (!t->arena.keep)
		arena_free(&t->arena);
	free(t);
}

/* Runs a complete command, perhaps of several lines. false: there is no more. */
static bool
run_line(unsigned flags)
{
	struct tree *t = xrealloc(NULL, sizeof(*t));
	struct node *n;
	bool eof;

	*t = (struct tree){ .up = trees };
	trees = t;
	source->continued = false;
	n = parse_command_line(&t->arena, &eof);
	if (n) {
		bool last = source->text && !*source->text;

		if (!t->up) {
			history_flush();
			job_begin();
		}
		exec_node(n, last ? flags : flags & ~EXEC_LAST);
	}
	drop_tree();
	return !eof;
}

void
run_lines(unsigned flags)
{
	do {
		job_reap();
	} while (run_line(flags) && !sh.unwind);
}

void
run_source(unsigned flags)
{
	if (nsources == MAX_SOURCES) {
		source_pop();
		fail(2, "too many commands in commands");
	}
	nsources++;
	run_lines(flags);
	nsources--;
	source_pop();
}

void
run_text(const char *text, unsigned flags)
{
	struct source *s = arena_alloc(&temp, sizeof(*s));

	source_push_text(s, text);
	run_source(flags);
}

void
exec_reset(struct source *base)
{
	while (trees)
		drop_tree();
	while (source != base)
		source_pop();
	nsources = 0;
}
