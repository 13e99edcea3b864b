/* Parent and child talk through one shared page. */
#include "turns.h"

#include <err.h>
#include <quire.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"
#include "demo.h"
#include "entry.h"

static volatile int *page;		/* in the parent */
static bool verbose;

bool
turns_verbose(int argc, char **argv, const char *help)
{
	help_option(argc, argv, help);
	if (argc > 2 || (argc == 2 && strcmp(argv[1], "-v") != 0))
		usage(help, 2);
	return argc == 2;
}

/* The child finds what the parent has written, and writes its own number. */
static bool
child(char what, void *arg)
{
	volatile int *mine = getshared();

	(void)arg;
	if (mine == NULL)
		return false;
	printf(what == '1' ? "child %d\n" : "child again %d\n", *mine);
	*mine = what == '1' ? 53 : 54;
	return true;
}

static void
tell(const char *what)
{
	if (verbose)
		demo_step("%s", what);
}

/* Both entries, which must lead to one frame. */
static bool
one_frame(const struct puppet *p)
{
	struct kinfo_pte ours, theirs;

	if (!entry_find(getpid(), (void *)page, &ours) ||
	    !entry_find(p->pid, (void *)page, &theirs))
		return false;
	if (verbose) {
		demo_entry("parent", getpid(), (void *)page, &ours);
		demo_entry("child", p->pid, (void *)page, &theirs);
		demo_shows(ours.pfn == theirs.pfn && theirs.refs == 2,
		    "one frame for both, S: shared; what one stores the other reads");
	}
	return ours.pfn == theirs.pfn && ours.flags & KPTE_SHARED;
}

static bool
talk(struct puppet *p)
{
	bool good;

	tell("The parent stores 42; the child prints what it reads, and stores 53");
	*page = 42;
	good = puppet_order(p, '1');
	tell("The parent prints what it reads");
	printf("parent %d\n", *page);
	good &= *page == 53 && one_frame(p);
	tell("The parent stores 43; the child prints what it reads, and stores 54");
	*page = 43;
	good &= puppet_order(p, '2');
	tell("The parent prints what it reads");
	printf("parent again %d\n", *page);
	return good && *page == 54;
}

static void
map(bool touched)
{
	struct demo_counts counts, moved;

	tell("mapshared() gives the parent a page");
	demo_count(&counts);
	page = mapshared();
	if (page == NULL)
		err(1, "mapshared");
	if (verbose) {
		demo_say("it is at %p, the break is %p", (void *)page, sbrk(0));
		demo_counted(&counts, &moved);
		demo_shows(moved.vp == 1 && moved.pp == 0, "it exists, and has no frame yet");
	}
	if (!touched)
		return;
	tell("The parent stores 0 in it");
	*page = 0;
	if (verbose) {
		demo_counted(&counts, &moved);
		demo_shows(moved.pp == 1, "now it has a frame");
	}
}

int
turns(bool touched, bool say_more)
{
	void *brk = sbrk(0);
	struct puppet p;
	bool good;

	verbose = say_more;
	map(touched);
	tell(touched ? "The parent forks" : "The parent forks; neither has touched the page");
	puppet_start(&p, child, NULL);
	good = talk(&p);
	tell("The child ends, the parent unmaps the page");
	good &= puppet_end(&p);
	if (unmapshared() < 0 || sbrk(0) != brk)
		good = false;
	if (verbose)
		demo_shows(sbrk(0) == brk, "the break is back at %p; the frame is free again", brk);
	return finish(good ? demo_status() : 1);
}
