/* The tree of processes: pids, parents, waiting, killing, looking (proc/proc.h). */
#include "proc/tree.h"

#include "abi/errno.h"
#include "kern/bootparam.h"
#include "kern/print.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "md/time.h"
#include "mem/kstack.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

#define PID_MAX	999999

SLAB_CACHE(proc_cache, struct proc);

struct mutex proc_tree_lock;
struct spinlock proc_wait_lock = SPINLOCK_INIT("wait", RANK_WAIT);

static struct tree by_pid;		/* as a process's by_pid */
static int last_pid;			/* proc_tree_lock */
static unsigned nprocs;			/* @: places taken, also by those not linked yet */
static unsigned maxproc READ_MOSTLY;	/* c */

void
proc_init(void)
{
	mutex_init(&proc_tree_lock, "processes", RANK_PROC_TREE);
	tree_init(&by_pid);
	maxproc = (unsigned)bootparam_number("maxproc", QUIRE_MAXPROC);
}

/* ---- making and unmaking ---- */

static err_t
place_take(void)
{
	unsigned n = atomic_load_relaxed(&nprocs);

	while (n < maxproc)
		if (atomic_cas(&nprocs, &n, n + 1))
			return OK;
	return ERR(EAGAIN);
}

static void
place_give(void)
{
	atomic_sub(&nprocs, 1);
}

static vaddr_t
stack_alloc(void)
{
	vaddr_t top;

	do
		top = kstack_alloc();
	while (top == 0 && mem_reclaim(KSTACK_SIZE / PAGE_SIZE) == OK);
	return top;
}

err_t
proc_create(struct proc **out)
{
	err_t err = place_take();
	struct proc *p = NULL;
	vaddr_t stack = 0;

	if (err != OK)
		return err;
	p = slab_alloc_wait(&proc_cache);
	if (p != NULL)
		stack = stack_alloc();
	if (stack == 0) {
		if (p != NULL)
			slab_free(&proc_cache, p);
		place_give();
		return ERR(ENOMEM);
	}
	memset(&p->thread + 1, 0, offsetof(struct proc, fds) - sizeof(p->thread));
	thread_init(&p->thread, p->name, stack, proc_enter_user, NULL);
	p->thread.proc = p;
	p->thread.on_dead = proc_thread_dead;
	list_init(&p->children);
	list_init(&p->sibling);
	fdtable_init(&p->fds);
	waitq_init(&p->child_wait, "wait");
	*out = p;
	return OK;
}

void
proc_free(struct proc *p)
{
	if (p->state == PROC_NEW)
		kstack_free(p->thread.stack_top);
	slab_free(&proc_cache, p);
	place_give();
}

static int
pid_choose(void) REQUIRES(proc_tree_lock)
{
	struct tree_node *n;

	do {
		last_pid = last_pid < PID_MAX ? last_pid + 1 : PID_INIT + 1;
		n = tree_floor(&by_pid, (uint64_t)last_pid);
	} while (n != NULL && n->key == (uint64_t)last_pid);
	return last_pid;
}

static void
kill_one(struct proc *p, int signal) REQUIRES(proc_tree_lock)
{
	int none = 0;

	if (p->state != PROC_LIVE)
		return;
	(void)atomic_cas(&p->kill_signal, &none, signal);
	thread_kill(&p->thread);
}

void
proc_link(struct proc *p, struct proc *parent)
{
	bool fresh;

	mutex_lock(&proc_tree_lock);
	p->pid = pid_choose();
	p->by_pid.key = (uint64_t)p->pid;
	p->state = PROC_LIVE;
	p->parent = parent;
	spin_lock(&proc_wait_lock);
	fresh = tree_insert(&by_pid, &p->by_pid);
	spin_unlock(&proc_wait_lock);
	assert(fresh);
	if (parent != NULL)
		list_append(&parent->children, &p->sibling);
	/* Who killed the parent while it made P, and its descendants, did not find P. */
	if (parent != NULL && parent->thread.killed)
		kill_one(p, parent->kill_signal);
	mutex_unlock(&proc_tree_lock);
}

static struct proc *
find_from(int pid)
{
	return tree_entry(tree_ceil(&by_pid, pid < 0 ? 0 : (uint64_t)pid), struct proc, by_pid);
}

struct proc *
proc_find(int pid)
{
	struct proc *p = pid <= 0 ? NULL : find_from(pid);

	return p != NULL && p->pid == pid ? p : NULL;
}

/* ---- ending and waiting ---- */

static bool
has_ended(const struct proc *p)
{
	return atomic_load_acquire(&p->state) == PROC_ZOMBIE;
}

static void
notify_parent(struct proc *parent) REQUIRES(proc_wait_lock)
{
	/* Release: who sees the new turn finds what it is about without this lock. */
	atomic_store_release(&parent->child_turn, parent->child_turn + 1);
	waitq_wake_all(&parent->child_wait);
}

/* On another stack, with interrupts disabled. Its memory is free before the parent hears of it. */
void
proc_thread_dead(struct thread *t)
{
	struct proc *p = t->proc;

	kstack_free(t->stack_top);
	spin_lock(&proc_wait_lock);
	atomic_store_release(&p->state, PROC_ZOMBIE);
	notify_parent(p->parent);
	spin_unlock(&proc_wait_lock);
}

static void
orphan_children(struct proc *p) REQUIRES(proc_tree_lock)
{
	struct proc *c, *init = proc_find(PID_INIT);
	bool ended = false;

	spin_lock(&proc_wait_lock);
	list_for(c, &p->children, sibling) {
		c->parent = init;
		ended |= has_ended(c);
	}
	list_splice(&init->children, &p->children);
	if (ended)
		notify_parent(init);
	spin_unlock(&proc_wait_lock);
}

struct space *
proc_leave(struct proc *p)
{
	struct space *s;

	mutex_lock(&proc_tree_lock);
	p->state = PROC_EXITING;
	s = p->space;
	p->space = NULL;
	if (!list_empty(&p->children))
		orphan_children(p);
	mutex_unlock(&proc_tree_lock);
	return s;
}

/* Claim an ended child. -EAGAIN: there are some, none has ended. -ECHILD. */
static err_t
claim_ended(struct proc *me, int pid, struct proc_ended *e) REQUIRES(proc_tree_lock)
{
	err_t err = ERR(ECHILD);
	struct proc *c;

	list_for(c, &me->children, sibling) {
		if (c->claimed || (pid > 0 && c->pid != pid))
			continue;
		err = ERR(EAGAIN);
		if (!has_ended(c))
			continue;
		c->claimed = true;
		*e = (struct proc_ended){ c, c->pid, c->status, c->signal };
		return OK;
	}
	return err;
}

err_t
proc_wait_begin(int pid, bool nohang, struct proc_ended *e)
{
	struct proc *me = proc_current();
	unsigned turn;
	err_t err;

	*e = (struct proc_ended){ .proc = NULL };
	if (pid < -1)
		return ERR(ECHILD);
	for (;;) {
		turn = atomic_load(&me->child_turn);
		mutex_lock(&proc_tree_lock);
		err = claim_ended(me, pid, e);
		mutex_unlock(&proc_tree_lock);
		if (err != ERR(EAGAIN))
			return err;
		if (nohang)
			return OK;
		err = OK;
		spin_lock(&proc_wait_lock);
		while (err == OK && me->child_turn == turn)
			err = waitq_sleep(&me->child_wait, &proc_wait_lock, WAIT_KILLABLE);
		spin_unlock(&proc_wait_lock);
		if (err != OK)
			return err;
	}
}

void
proc_wait_end(const struct proc_ended *e, bool reap)
{
	struct proc *p = e->proc;

	mutex_lock(&proc_tree_lock);
	spin_lock(&proc_wait_lock);
	if (reap) {
		tree_remove(&by_pid, &p->by_pid);
		list_remove(&p->sibling);
	} else {
		p->claimed = false;
		notify_parent(p->parent);
	}
	spin_unlock(&proc_wait_lock);
	mutex_unlock(&proc_tree_lock);
	if (reap)
		proc_free(p);
}

/* ---- killing ---- */

err_t
proc_kill(int pid, int signal)
{
	err_t err = OK;
	struct proc *p;

	mutex_lock(&proc_tree_lock);
	p = proc_find(pid);
	if (p == NULL)
		err = ERR(ESRCH);
	else if (pid == PID_INIT)
		err = ERR(EPERM);
	else
		kill_one(p, signal);
	mutex_unlock(&proc_tree_lock);
	return err;
}

void
proc_kill_job(int pid, int signal)
{
	mutex_lock(&proc_tree_lock);
	for (struct tree_node *n = tree_first(&by_pid); n != NULL; n = tree_next(n)) {
		struct proc *p = tree_entry(n, struct proc, by_pid), *a = p;

		while (a != NULL && a->pid != pid)
			a = a->parent;
		if (a != NULL && p->pid != PID_INIT)
			kill_one(p, signal);
	}
	mutex_unlock(&proc_tree_lock);
}

/* ---- looking ---- */

int
proc_ppid(void)
{
	struct proc *me = proc_current();
	int pid;

	mutex_lock(&proc_tree_lock);
	pid = me->parent != NULL ? me->parent->pid : 0;
	mutex_unlock(&proc_tree_lock);
	return pid;
}

struct space *
proc_space_get(int pid)
{
	struct space *s = NULL;
	struct proc *p;

	mutex_lock(&proc_tree_lock);
	p = pid == 0 ? proc_current() : proc_find(pid);
	if (p != NULL)
		s = p->space;
	if (s != NULL)
		space_get(s);
	mutex_unlock(&proc_tree_lock);
	return s;
}

static char
state_letter(const struct proc *p)
{
	if (has_ended(p))
		return 'Z';
	return atomic_load_relaxed(&p->thread.state) == THREAD_SLEEPING ? 'S' : 'R';
}

/* P is held by either lock that its parent is. */
static void
describe(const struct proc *p, struct kinfo_proc *out)
{
	const char *wchan = atomic_load_relaxed(&p->thread.wchan);

	*out = (struct kinfo_proc){
		.pid = p->pid, .ppid = p->parent != NULL ? p->parent->pid : 0,
		.state = state_letter(p), .cpu = (int8_t)p->thread.cpu,
		.cpu_ns = md_ticks_ns(p->thread.cpu_ticks),
	};
	str_copy(out->name, p->name, sizeof(out->name));
	if (out->state == 'S' && wchan != NULL)
		str_copy(out->wchan, wchan, sizeof(out->wchan));
}

bool
proc_info(int pid, struct kinfo_proc *out)
{
	struct space *s = NULL;
	const struct list *l;
	struct proc *p;

	mutex_lock(&proc_tree_lock);
	p = find_from(pid);
	if (p != NULL) {
		describe(p, out);
		for (l = p->children.next; l != &p->children; l = l->next)
			out->children++;
		s = p->space;
	}
	if (s != NULL)
		space_get(s);
	mutex_unlock(&proc_tree_lock);
	if (s != NULL) {
		out->vpages = space_vpages(s);
		out->ppages = space_ppages(s);
		space_put(s);
	}
	return p != NULL;
}

/*
 * As proc_info, from an interrupt: nothing is waited for. Whoever holds the wait lock for as
 * long as this tries will never let go of it.
 */
static bool
peek(int pid, struct kinfo_proc *out) NO_TSA
{
	const struct proc *p;
	unsigned tries = 0;

	while (!spin_try(&proc_wait_lock)) {
		if (++tries == 10000000) {
			kprintf("(the list of processes is locked)\n");
			return false;
		}
		md_pause();
	}
	p = find_from(pid);
	if (p != NULL)
		describe(p, out);
	spin_unlock(&proc_wait_lock);
	return p != NULL;
}

void
proc_print_all(void)
{
	struct kinfo_proc i;

	kprintf("\n  PID  PPID S CPU NAME             WAITS FOR\n");
	for (int pid = 0; peek(pid, &i); pid = i.pid + 1)
		kprintf("%5d %5d %c %3d %-16s %s\n", i.pid, i.ppid, i.state, i.cpu, i.name,
		    i.wchan);
}

/* The same parent, or one is the other's. */
static bool
are_relatives(const struct proc *a, const struct proc *b) REQUIRES(proc_tree_lock)
{
	return a->parent == b || b->parent == a || a->parent == b->parent;
}

err_t
proc_relatives_spaces(int one, int two, struct space *space[2])
{
	const struct proc *me = proc_current();
	struct proc *p[2];
	err_t err = ERR(ESRCH);

	mutex_lock(&proc_tree_lock);
	p[0] = proc_find(one);
	p[1] = proc_find(two);
	if (p[0] != NULL && p[1] != NULL && p[0]->space != NULL && p[1]->space != NULL) {
		err = ERR(EPERM);
		if (p[0] != p[1] && (p[0] == me || p[1] == me) && one != PID_INIT &&
		    two != PID_INIT && are_relatives(p[0], p[1]))
			err = OK;
	}
	for (int i = 0; err == OK && i < 2; i++) {
		space[i] = p[i]->space;
		space_get(space[i]);
	}
	mutex_unlock(&proc_tree_lock);
	return err;
}
