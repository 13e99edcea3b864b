/* One shared page, in which something is when the process forks. */
#include "bin.h"
#include "demo.h"
#include "turns.h"

static const char help[] HELP_TEXT =
    "test-shared1 [-v]\n"
    "Shows one page shared by parent and child. Each prints what the other has\n"
    "stored there, twice; the parent has touched the page before it forked.\n"
    "-v: with every step explained. Status 0: they read what they should.\n";

int
main(int argc, char **argv)
{
	bool verbose = turns_verbose(argc, argv, help);

	demo_begin(verbose ? "test-shared1: a page that both have" : NULL);
	return turns(true, verbose);
}
