/*
 * Processes: a thread, an address space, descriptors, a working folder, and a
 * place in the tree of parents and children.
 *
 * Life:  PROC_NEW (fork builds it, nobody finds it) - PROC_LIVE - PROC_EXITING (its things
 * are being given back) - PROC_ZOMBIE (off its processor; a status for the parent) - freed by wait.
 *
 * Field key:   t  the proc tree's lock   w  wait_lock   tw  both to change, either to read
 *              o  the process itself     c  constant    @  atomic
 */
#ifndef PROC_PROC_H
#define PROC_PROC_H

#include "file/file.h"
#include "kern/thread.h"
#include "lib/tree.h"
#include "vm/space.h"

#define PROC_NAME_SIZE	16
#define PID_INIT	1
#define STATUS_KILLED	(-1)		/* the raw status of who was killed (SPEC 3) */

enum proc_state { PROC_NEW, PROC_LIVE, PROC_EXITING, PROC_ZOMBIE };

struct proc {
	struct thread thread;
	int	 pid;			/* c */
	int	 state;			/* t; ZOMBIE: w */
	struct proc *parent;		/* tw */
	struct list children;		/* t: by sibling */
	struct list sibling;		/* t */
	struct tree_node by_pid;	/* tw */
	struct space *space;		/* t to change, t or o to read; NULL once it exits */
	struct inode *cwd;		/* o */
	char	 name[PROC_NAME_SIZE];	/* o; others may see it torn */
	int	 status;		/* o, then w: as given to exit */
	int	 signal;		/* the same: 0, or what ended it */
	int	 kill_signal;		/* @: why it is being killed; 0: it is not */
	bool	 claimed;		/* t: a wait is handing it over */
	struct waitq child_wait;	/* w */
	unsigned child_turn;		/* w; @: children that ended so far */
	struct fdtable fds;		/* last */
};

static inline struct proc *
proc_current(void)
{
	return thread_current()->proc;
}

void	proc_init(void);

/* The first process: runs PATH with its name as the only argument. */
err_t	proc_start_init(const char *path) MUST_CHECK;

/* The child's pid, or -EAGAIN (maxproc), -ENOMEM: nothing changed. */
long	proc_fork(void);
/* STATUS is what the parent's wait gets; SIGNAL 0, or what killed it. */
void	proc_exit(int status, int signal) NORETURN;

/* What a wait has found; to be handed over, then reaped or put back. */
struct proc_ended {
	struct proc *proc;		/* NULL: with WNOHANG, none has ended */
	int	 pid, status, signal;
};
/*
 * The next ended child, PID -1: any. -ECHILD: there is no such child; -EINTR.
 * When *E has a process, proc_wait_end must follow.
 */
err_t	proc_wait_begin(int pid, bool nohang, struct proc_ended *e) MUST_CHECK;
void	proc_wait_end(const struct proc_ended *e, bool reap);

/* -ESRCH; -EPERM: init. */
err_t	proc_kill(int pid, int signal) MUST_CHECK;
/* Kill PID and its descendants (the console's Ctrl-C), but never init. */
void	proc_kill_job(int pid, int signal);
/* A bad access: the line of SPEC 2.3, then the end. WHAT it tried, WHY it failed. */
void	proc_kill_self(const char *what, vaddr_t va, vaddr_t pc, const char *why, int signal)
	    NORETURN;

/*
 * exec(2). On success the current process runs the new program (its trap frame is set), and
 * the result is argc; otherwise an error and nothing changed.
 */
struct exec_limits {
	unsigned max_strings;		/* of argv and envp */
	size_t	 max_bytes;		/* their bytes and pointers */
};
long	proc_exec(const char *path, vaddr_t argv, vaddr_t envp, const struct exec_limits *limits);
/* Enter user mode with the trap frame of the current thread. */
void	proc_enter_user(void *unused) NORETURN;

int	proc_ppid(void);
/* Print a line for each process on the console (Ctrl-P); from an interrupt, too. */
void	proc_print_all(void);
/* The process with the smallest pid >= PID, described. false: none. */
bool	proc_info(int pid, struct kinfo_proc *out);
/* The space of process PID (0: the caller's), with a reference; NULL: none. */
struct space *proc_space_get(int pid);
/*
 * The spaces of two processes, with references: one is the caller, and they have the
 * same parent or one is the other's; never init. -ESRCH, -EPERM.
 */
err_t	proc_relatives_spaces(int one, int two, struct space *space[2]) MUST_CHECK;
extern uint32_t proc_forks, proc_execs;		/* @ */

#endif
