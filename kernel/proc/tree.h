/* The tree of processes, for proc/ alone. */
#ifndef PROC_TREE_H
#define PROC_TREE_H

#include "proc/proc.h"

extern struct mutex proc_tree_lock;	/* RANK_PROC_TREE */
extern struct spinlock proc_wait_lock;	/* RANK_WAIT */

/*
 * A new process without a space, named like nobody, that holds a place
 * under maxproc. -EAGAIN, -ENOMEM.
 */
err_t	proc_create(struct proc **p) MUST_CHECK;
/* One that never ran, or was reaped: not in the tree any more. */
void	proc_free(struct proc *p);
/* A pid, a place in the tree under PARENT; it can be found from now on. */
void	proc_link(struct proc *p, struct proc *parent) EXCLUDES(proc_tree_lock);
/* NULL: no such process, or it is only half there. */
struct proc *proc_find(int pid) REQUIRES(proc_tree_lock);
/* P exits: its children become init's, and nobody finds its space any more, which is returned. */
struct space *proc_leave(struct proc *p) EXCLUDES(proc_tree_lock);
/* The thread's on_dead: the parent hears of it. */
void	proc_thread_dead(struct thread *t);

#endif
